// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Memory

/// A device of plain memory that fails where it is told to.
struct MemoryDevice: BlockDevice, ~Copyable {
  let blockCount: UInt32
  var blocks: [UInt32: [UInt8]] = [:]
  /// Blocks of which no copy is good.
  var damaged: Set<UInt32> = []
  /// Blocks that find no frame.
  var full: Set<UInt32> = []
  /// What was asked, one word each.
  var calls: [String] = []
  /// How many reads are left before `damaged` begins to be true.
  var grace = 0

  init(blocks count: UInt32 = 64) { blockCount = count }

  mutating func read(
    _ range: BlockRange,
    into bytes: inout MutableRawSpan
  ) throws(StoreError) {
    precondition(range.byteCount == bytes.byteCount)
    calls.append("read \(range.start.value)+\(range.count)")
    for index in 0..<range.count {
      let number = range.start.value + index
      if damaged.contains(number) {
        guard grace > 0 else { throw .damaged(BlockNumber(number)) }
        grace -= 1
      }
      let content = blocks[number] ?? [UInt8](repeating: 0, count: Frame.size)
      for (place, byte) in content.enumerated() {
        bytes.storeBytes(
          of: byte,
          toByteOffset: Int(index) * Frame.size + place,
          as: UInt8.self
        )
      }
    }
  }

  mutating func write(
    _ range: BlockRange,
    from bytes: RawSpan
  ) throws(StoreError) {
    precondition(range.byteCount == bytes.byteCount)
    calls.append("write \(range.start.value)+\(range.count)")
    let all = bytes.withUnsafeBytes { Array($0) }
    for index in 0..<range.count {
      let number = range.start.value + index
      if full.contains(number) { throw .full(BlockNumber(number)) }
      let first = Int(index) * Frame.size
      blocks[number] = Array(all[first..<first + Frame.size])
    }
  }

  mutating func discard(_ range: BlockRange) throws(StoreError) {
    calls.append("discard \(range.start.value)+\(range.count)")
    forget(range)
  }

  mutating func writeZeroes(_ range: BlockRange) throws(StoreError) {
    calls.append("zero \(range.start.value)+\(range.count)")
    forget(range)
  }

  mutating func flush() throws(StoreError) { calls.append("flush") }

  func extent(of range: BlockRange) -> BlockExtent {
    let isHole = blocks[range.start.value] == nil
    var count: UInt32 = 1
    while count < range.count,
      (blocks[range.start.value + count] == nil) == isHole
    { count += 1 }
    return BlockExtent(count: count, isHole: isHole)
  }

  private mutating func forget(_ range: BlockRange) {
    for index in 0..<range.count { blocks[range.start.value + index] = nil }
  }

  /// The bytes of the whole device.
  var content: [UInt8] {
    (0..<blockCount).flatMap {
      blocks[$0] ?? [UInt8](repeating: 0, count: Frame.size)
    }
  }
}
