// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// A walk through all page tables of the kernel's half, each looked at once.
///
/// Stacks are found by it without a symbol: since v4.9 they are mapped page by
/// page, and the lowest word of each has a mark (STACK_END_MAGIC,
/// include/uapi/linux/magic.h).
struct KernelTables: ~Copyable {
  static let stackEnd: UInt64 = 0x57ac_6e9d
  /// THREAD_SIZE without KASAN, and what stacks are aligned to, in pages.
  static let stackPages = 4
  /// The most tables that are read: a 64th of memory, and 4 MiB.
  ///
  /// Those of all memory in small pages are a 512th. What is not a table may
  /// look like one, and lead through all of memory.
  private let mostTables: UInt64
  /// The most pages that are looked at for a mark: a 16th of memory, and
  /// 16 MiB.
  ///
  /// A direct map of small pages would be all of memory.
  private let mostLooks: UInt64

  private let mask: UInt64
  private var seen: FrameBitmap
  private var tables: UInt64 = 0
  private var looks: UInt64 = 0

  /// The frames of all stacks that were found.
  private(set) var stacks: [FrameRange] = []

  /// Walks; memory that is not there has no tables.
  init<M: PhysicalMemory & ~Copyable>(
    _ space: borrowing AddressSpace,
    in memory: borrowing M,
    count: UInt64
  ) {
    mask = space.mask
    mostTables = 1024 + count / 64
    mostLooks = 4096 + count / 16
    seen = FrameBitmap(count: count)
    visit(space.root.value, space.levels, from: 256, in: memory)
  }

  /// The frames of all tables that were read.
  var tableFrames: FrameBitmap { seen }

  private mutating func visit<M: PhysicalMemory & ~Copyable>(
    _ table: UInt64,
    _ level: Int,
    from first: Int = 0,
    in memory: borrowing M
  ) {
    let frame = FrameNumber(table >> Frame.shift)
    // A table that is in itself, or in many places, is one table all the same.
    guard tables < mostTables, !seen.contains(frame),
      frame.value < seen.count
    else { return }
    var buffer = ByteBuffer(count: Frame.size)
    var raw = buffer.mutableBytes
    let place = PhysicalAddress(frame.value << Frame.shift)
    guard (try? memory.read(place, into: &raw)) != nil else { return }
    tables += 1
    seen.insert(FrameRange(start: frame, count: 1))
    let reader = ByteReader(buffer.bytes)
    if level == 1 { return findStacks(reader, in: memory) }
    for index in first..<512 {
      let entry = reader.u64(index * 8)
      guard entry & AddressSpace.present != 0, entry & AddressSpace.large == 0
      else { continue }
      visit(entry & mask, level - 1, in: memory)
    }
  }

  private mutating func findStacks<M: PhysicalMemory & ~Copyable>(
    _ reader: borrowing ByteReader,
    in memory: borrowing M
  ) {
    for index in stride(from: 0, to: 512, by: Self.stackPages) {
      let entry = reader.u64(index * 8)
      guard entry & AddressSpace.present != 0, looks < mostLooks else {
        continue
      }
      looks += 1
      var word = ByteBuffer(count: 8)
      var raw = word.mutableBytes
      let place = PhysicalAddress(entry & mask)
      guard (try? memory.read(place, into: &raw)) != nil,
        ByteReader(word.bytes).u64(0) == Self.stackEnd
      else { continue }
      for page in index..<index + Self.stackPages {
        let entry = reader.u64(page * 8)
        guard entry & AddressSpace.present != 0 else { break }
        let frame = FrameNumber((entry & mask) >> Frame.shift)
        stacks.append(FrameRange(start: frame, count: 1))
      }
    }
  }
}
