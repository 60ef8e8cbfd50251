// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// Reads a stack, and looks at what it points at.
struct StackReader: ~Copyable {
  /// Where addresses of the kernel begin with five levels of tables.
  static let kernelHalf: UInt64 = 0xff00_0000_0000_0000
  /// The largest stack there is: THREAD_SIZE with KASAN.
  private static let largest: UInt64 = 32768
  private static let largestArea: UInt64 = 4 << 20

  private var space: AddressSpace

  init(_ space: consuming AddressSpace) { self.space = space }

  /// Reads what the registers point at: the stack up to its end, and what is
  /// pointed at from there.
  mutating func read<Source: ByteSource & ~Copyable>(
    _ registers: [UInt64],
    in memory: borrowing WatchedMemory<Source>
  ) {
    guard registers.count > CoreNotes.stackPointer else { return }
    for value in registers { touch(value, in: memory) }
    let pointer = registers[CoreNotes.stackPointer]
    guard pointer >= Self.kernelHalf else { return }
    // Below the pointer is what was called last, and the end mark.
    var place = pointer & ~(Self.largest / 2 - 1)
    let end = (pointer & ~(Self.largest - 1)) &+ Self.largest
    while place < end {
      var page = ByteBuffer(count: Frame.size)
      var raw = page.mutableBytes
      let isThere =
        (try? space.read(VirtualAddress(place), in: memory, into: &raw)) != nil
      // Above a stack there is a page that is not mapped.
      guard isThere || place < pointer else { return }
      let reader = ByteReader(page.bytes)
      if isThere, place &+ UInt64(Frame.size) > pointer {
        for word in 0..<512 { touch(reader.u64(word * 8), in: memory) }
      }
      place += UInt64(Frame.size)
    }
  }

  /// Reads all pages of an area; of one that cannot be, the beginning.
  mutating func read<Source: ByteSource & ~Copyable>(
    _ area: Range<UInt64>,
    in memory: borrowing WatchedMemory<Source>
  ) {
    var place = area.lowerBound & ~UInt64(Frame.size - 1)
    let end = min(area.upperBound, place &+ Self.largestArea)
    while place < end {
      touch(place, in: memory)
      place += UInt64(Frame.size)
    }
  }

  /// The words at `address`, up to where nothing is mapped, but for those that
  /// are 0.
  mutating func words<Source: ByteSource & ~Copyable>(
    at address: UInt64,
    _ count: Int,
    in memory: borrowing WatchedMemory<Source>
  ) -> [UInt64] {
    var words: [UInt64] = []
    var done = 0
    while done < count {
      let size = min(count - done, 512)
      var bytes = ByteBuffer(count: size * 8)
      var raw = bytes.mutableBytes
      let place = VirtualAddress(address &+ UInt64(done * 8))
      guard address >= Self.kernelHalf,
        (try? space.read(place, in: memory, into: &raw)) != nil
      else { return words }
      let reader = ByteReader(bytes.bytes)
      for index in 0..<size {
        let word = reader.u64(index * 8)
        if word != 0 { words.append(word) }
      }
      done += size
    }
    return words
  }

  /// Counts the page at `address` as read, if there is one.
  mutating func touch<Source: ByteSource & ~Copyable>(
    _ address: UInt64,
    in memory: borrowing WatchedMemory<Source>
  ) {
    guard address >= Self.kernelHalf,
      let place = try? space.translate(VirtualAddress(address), in: memory)
    else { return }
    memory.touch(place.physical)
  }
}
