// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// /proc/vmcore, or a file that was saved from it, as a source of bytes.
public struct VMCoreFile: ByteSource, ~Copyable {
  /// From how many bytes on it is worth while to map them.
  private static let largeRead = 16 << 10

  let descriptor: Descriptor
  /// The file's length in bytes.
  public let byteCount: UInt64
  private let mapsLargeReads: Bool

  /// Opens the file; it may be mapped only if it cannot shrink, as
  /// /proc/vmcore cannot.
  public init(_ path: Path, canShrink: Bool = true) throws(Errno) {
    let file = try Descriptor(path, .read)
    byteCount = try file.byteCount()
    descriptor = file
    mapsLargeReads = !canShrink
  }

  /// Fills all of `bytes` from `offset` on.
  ///
  /// Reads, and does not map, what may shrink: under a mapping that is a
  /// SIGBUS, here it is an error.
  public func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    let wanted = bytes.byteCount
    if mapsLargeReads, wanted >= Self.largeRead, offset <= byteCount,
      UInt64(wanted) <= byteCount - offset, copy(offset, into: &bytes)
    {
      return
    }
    var done = 0
    while done < wanted {
      let place = offset &+ UInt64(done)
      var rest = bytes._mutatingExtracting(droppingFirst: done)
      let got: Int
      do throws(Errno) {
        got = try descriptor.read(at: place, into: &rest)
      } catch { throw .failed(offset: place, errno: error.code) }
      guard got > 0 else {
        throw .endOfSource(offset: offset, count: wanted)
      }
      done += got
    }
  }

  /// Fills all of `bytes` through a mapping; false where there cannot be one.
  ///
  /// read(2) of /proc/vmcore maps each page of old memory by itself inside the
  /// kernel (copy_oldmem_page, arch/x86/kernel/crash_dump_64.c); one mapping
  /// for all of them costs a fraction of that.
  private func copy(
    _ offset: UInt64,
    into bytes: inout MutableRawSpan
  ) -> Bool {
    let inside = Int(offset % UInt64(Frame.size))
    let start = offset - UInt64(inside)
    let count = (inside + bytes.byteCount + Frame.size - 1) & ~(Frame.size - 1)
    guard
      let mapping = try? Mapping.reading(
        descriptor,
        at: start,
        byteCount: count
      )
    else { return false }
    let range = inside..<(inside + bytes.byteCount)
    let source = mapping.readOnly.extracting(range)
    unsafe bytes.withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { source in
        // SAFETY: both have the same length, and lie in different mappings.
        unsafe target.copyMemory(from: source)
      }
    }
    return true
  }
}
