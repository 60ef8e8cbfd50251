// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// How much was read, against how much may be: what would take forever on a
/// real machine shows here as work.
final class Meter {
  /// The most that a case may take, of both: twice what the costliest of a
  /// million took.
  ///
  /// The sound machines have a memory map of 1 MiB, which a case goes through
  /// some ten times.
  static let mostReads = 10_000
  static let mostBytes = 40 << 20

  private let mostReads: Int
  private(set) var reads = 0
  private(set) var bytes = 0

  /// Whether there was more work than any input should make.
  var isOver: Bool { reads > mostReads || bytes > Self.mostBytes }

  init(mostReads: Int = Meter.mostReads) { self.mostReads = mostReads }

  func count(_ size: Int) {
    reads += 1
    bytes += size
  }
}

/// A source whose reads are counted; it fails when there are too many.
struct MeteredSource<Base: ByteSource>: ByteSource {
  let base: Base
  let meter: Meter

  var byteCount: UInt64 { base.byteCount }

  func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    meter.count(bytes.byteCount)
    // ETIME
    guard !meter.isOver else { throw .failed(offset: offset, errno: 62) }
    try base.read(at: offset, into: &bytes)
  }
}

/// Bytes that are just there.
struct ByteArray: ByteSource {
  let bytes: [UInt8]

  var byteCount: UInt64 { UInt64(bytes.count) }

  func read(
    at offset: UInt64,
    into target: inout MutableRawSpan
  ) throws(SourceError) {
    let count = UInt64(target.byteCount)
    guard offset <= byteCount, count <= byteCount - offset else {
      throw .endOfSource(offset: offset, count: target.byteCount)
    }
    for index in 0..<target.byteCount {
      target.storeBytes(
        of: bytes[Int(offset) + index],
        toByteOffset: index,
        as: UInt8.self
      )
    }
  }
}
