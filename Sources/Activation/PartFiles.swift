// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BootImage
public import Linux

/// Stage two's parts, read one after another and freed as they are read.
///
/// The folder is opened once, so that the parts are found after a change of
/// root too.
public struct PartFiles: PartSource, ~Copyable {
  let folder: Descriptor
  var part: Descriptor?

  /// The parts in stage two's folder.
  public init() throws(Errno) {
    try self.init(in: Path(stringLiteral: ImageLayout.stageTwo))
  }

  init(in place: Path) throws(Errno) {
    folder = try Descriptor(place, .read)
    part = nil
  }

  /// The bytes of the manifest.
  public func manifest() throws(Errno) -> [UInt8] {
    try Files.read(
      Path(stringLiteral: ImageLayout.manifest),
      limit: Manifest.sizeLimit + 1
    )
  }

  /// Opens a part and removes its name, so that its memory is free as soon as
  /// the next one is opened.
  public mutating func open(_ number: UInt32) throws(PartError) {
    part = nil
    guard let path = ImageLayout.partPath(number) else { throw .missing }
    let whole = Path(path.span)
    let name = whole.droppingFirst(ImageLayout.stageTwo.utf8CodeUnitCount + 1)
    do throws(Errno) {
      part = try Descriptor(reading: name, in: folder)
      try Files.remove(name, in: folder)
    } catch {
      throw error == .noEntry ? .missing : .failed(errno: error.code)
    }
  }

  /// Fills the beginning of `bytes`; 0 at the part's end.
  public mutating func read(
    into bytes: inout MutableSpan<UInt8>
  ) throws(PartError) -> Int {
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe bytes.mutableBytes
    do throws(Errno) {
      switch part {
      case .some(let part): return try part.read(into: &raw)
      case nil: return 0
      }
    } catch { throw .failed(errno: error.code) }
  }
}
