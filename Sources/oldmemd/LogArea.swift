// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Rescue

/// The place for a log on a disk that was prepared.
struct LogArea: ByteSink, ~Copyable {
  private var disk: PreparedDisk
  private var area: RescueArea
  private var sum = RescueArea.Sum()
  /// Bytes to be left out at the beginning: what a kernel says last matters.
  private var skip: UInt64

  /// Bytes that are saved.
  var count: UInt64 { area.log.count }
  /// Whether there was no room for the beginning.
  let isCut: Bool

  /// Begins to save a log of so many bytes.
  static func begin(
    on disk: consuming PreparedDisk,
    byteCount: UInt64
  ) throws(RescueError) -> LogArea {
    var log = LogArea(disk, byteCount)
    log.area.log = RescueArea.Saved(writingAt: Clock.seconds())
    try log.writeHead()
    return log
  }

  private init(_ disk: consuming PreparedDisk, _ byteCount: UInt64) {
    area = disk.area
    self.disk = disk
    let room = area.logPlace.byteCount
    isCut = byteCount > room
    skip = isCut ? byteCount - room : 0
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    if skip > 0 {
      let left = Int(min(skip, UInt64(bytes.byteCount)))
      skip -= UInt64(left)
      return left == bytes.byteCount
        || write(bytes.extracting(droppingFirst: left))
    }
    let count = UInt64(bytes.byteCount)
    guard count <= area.logPlace.byteCount - area.log.count,
      disk.write(bytes, at: area.logPlace.lowerBound + area.log.count)
    else { return false }
    var copy = [UInt8](repeating: 0, count: bytes.byteCount)
    let reader = ByteReader(bytes)
    for index in copy.indices {
      copy[index] = (try? reader.u8(at: index)) ?? 0
    }
    sum.update(copy.span)
    area.log.count += count
    return true
  }

  /// Says in the header that all is there, once it is.
  mutating func end() throws(RescueError) {
    guard disk.synchronize() else { throw failure }
    area.log.state = isCut ? .cut : .complete
    area.log.checksum = sum.value
    try writeHead()
  }

  private mutating func writeHead() throws(RescueError) {
    let bytes = area.bytes
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    guard disk.write(span, at: 0), disk.synchronize() else { throw failure }
  }

  private var failure: RescueError { .target(disk.problem ?? .inputOutput) }
}
