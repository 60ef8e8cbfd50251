// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BootImage

/// Why no image was made; nothing has been written then.
public enum PackError: Error, Equatable, Sendable {
  /// A file could not be read, for this reason.
  case unreadable(file: String, reason: String)
  /// The image could not be written, for this reason.
  case unwritable(file: String, reason: String)
  /// The initrd has something at this offset that no kernel would unpack.
  case notInitrd(file: String, at: Int)
  /// A segment is packed with a format that is not known here.
  case unsupported(file: String, at: Int, format: String)
  /// The compressed segment that begins at `segment` is damaged near `at`.
  case corrupt(file: String, segment: Int, at: Int)
  /// The compressed segment that begins at `segment` goes on behind the end.
  case cutShort(file: String, segment: Int)
  /// An archive within the segment that begins at `segment` is broken.
  case archive(file: String, segment: Int, ArchiveError)
  /// The initrd is an image of ours already.
  case isPacked(file: String)
  /// There is no entry in the initrd.
  case emptyInitrd(file: String)
  /// No /init, which the kernel and oldmemd start.
  case noInit(file: String)
  /// Stage two would need more parts than can be named.
  case tooLarge(bytes: Int)
  /// The modules folder does not know this module.
  case unknownModule(String, folder: String)
  /// A file that was given as a module is no ELF file.
  case notModule(file: String)
  /// A path for a file to add is not absolute, is not plain, or is taken.
  case badImagePath(String)
  /// Stage two did not come back as it was packed.
  case verification(StageTwoError)
  /// A key's file may be read or written by others than its owner.
  case openKey(file: String)
  /// A file that was given as a key's is none.
  case notKey(file: String)
  /// The compressor failed.
  case encoder
}

extension PackError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): \(reason)"
    case .unwritable(let file, let reason): "\(file): \(reason)"
    case .notInitrd(let file, let at):
      "\(file): neither an archive nor a compressed one at offset \(at)"
    case .unsupported(let file, let at, let format):
      "\(file): \(format) at offset \(at) is not supported; pack it otherwise"
    case .corrupt(let file, let segment, let at):
      "\(file): compressed data at offset \(segment) damaged near offset \(at)"
    case .cutShort(let file, let segment):
      "\(file): cut short within the compressed data at offset \(segment)"
    case .archive(let file, let segment, let error):
      "\(file): archive in the data at offset \(segment): \(error.sentence)"
    case .isPacked(let file):
      "\(file): is a two-stage image; give the initrd that it was made of"
    case .emptyInitrd(let file): "\(file): holds no files; make it again"
    case .noInit(let file):
      "\(file): has no /init, which starts it; is it an initrd of kdump's?"
    case .tooLarge(let bytes):
      "\(bytes) bytes of stage two are too many; leave files out of the initrd"
    case .unknownModule(let name, let folder):
      "\(folder): no module \(name) in modules.dep or modules.builtin; install it "
        + "for that kernel, or name others"
    case .notModule(let file):
      "\(file): not a kernel module: no ELF file, packed or not"
    case .badImagePath(let path):
      "\(path): not a path in the image that is absolute, plain and not taken"
    case .verification(let error):
      "stage two, unpacked again, is not what was packed: \(error); is this "
        + "machine's memory sound?"
    case .openKey(let file):
      "\(file): others may read or write it: chmod 600 \(file)"
    case .notKey(let file):
      "\(file): is no key: 64 hexadecimal digits, or 32 bytes, in a file that "
        + "`oldmem rescue-key` makes"
    case .encoder: "stage two cannot be compressed: too little memory is free"
    }
  }
}

extension ArchiveError {
  /// What is wrong, with the offset in the unpacked archive.
  public var sentence: String {
    switch self {
    case .notNewc(let at): "no newc header at unpacked offset \(at)"
    case .badNumber(let at): "no hexadecimal number at unpacked offset \(at)"
    case .misaligned(let at): "entry at uneven unpacked offset \(at)"
    case .nameLength(let at, let length):
      "name of \(length) bytes at unpacked offset \(at)"
    case .badName(let at): "empty or unended name at unpacked offset \(at)"
    case .unsafeName(let at): "name leaves the root at unpacked offset \(at)"
    case .unknownKind(let at, let mode):
      "mode \(String(mode, radix: 8)) at unpacked offset \(at)"
    case .unexpectedData(let at, let size):
      "\(size) bytes of data in no file at unpacked offset \(at)"
    case .badTarget(let at, let size):
      "link target of \(size) bytes at unpacked offset \(at)"
    case .tooLarge(let at, let size):
      "entry of \(size) bytes passes the end at unpacked offset \(at)"
    case .tooManyLinks(let at): "too many hard links at unpacked offset \(at)"
    case .wrongSum(let at): "wrong sum at unpacked offset \(at)"
    case .truncated(let at): "cut short, last entry at unpacked offset \(at)"
    case .junk(let at): "no entry at unpacked offset \(at)"
    case .sink(let at, _): "entry refused at unpacked offset \(at)"
    }
  }
}
