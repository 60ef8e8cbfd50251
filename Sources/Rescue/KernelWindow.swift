// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// A range of the crashed kernel's address space, read through a few KiB of
/// memory, whatever its size.
struct KernelWindow: ~Copyable {
  private let base: VirtualAddress
  private let count: UInt64
  private let room: Int
  private var buffer: ByteBuffer
  private var start: UInt64 = 0
  private var filled: UInt64 = 0

  /// `count` bytes from `base` on, at most `room` of them at a time.
  init(at base: VirtualAddress, count: UInt64, room: Int) {
    self.base = base
    self.count = count
    self.room = room
    buffer = ByteBuffer(count: room)
  }

  /// The bytes that are there now, to be read at what `place` said.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes }
  }

  /// Where in `bytes` the `size` bytes from `offset` on are, which it reads
  /// if they are not there; no more than there is room for.
  mutating func place<M: PhysicalMemory & ~Copyable>(
    of offset: UInt64,
    _ size: Int,
    _ space: inout AddressSpace,
    in memory: borrowing M
  ) throws(LogError) -> Int {
    let wanted = UInt64(size)
    if offset >= start, offset &- start <= filled,
      filled &- (offset &- start) >= wanted
    {
      return Int(offset &- start)
    }
    filled = 0
    guard size <= room, offset <= count, wanted <= count - offset
    else {
      let missing = VirtualAddress(base.value &+ offset)
      throw .core(.notMapped(missing, level: 1))
    }
    let ahead = Int(min(UInt64(room), count - offset))
    // What lies behind may be missing, and then only that is read which must.
    do throws(LogError) {
      try load(offset, ahead, &space, in: memory)
    } catch {
      guard ahead > size else { throw error }
      try load(offset, size, &space, in: memory)
    }
    return 0
  }

  private mutating func load<M: PhysicalMemory & ~Copyable>(
    _ offset: UInt64,
    _ size: Int,
    _ space: inout AddressSpace,
    in memory: borrowing M
  ) throws(LogError) {
    let address = VirtualAddress(base.value &+ offset)
    var raw = buffer.mutableBytes
    var part = raw._mutatingExtracting(0..<size)
    do throws(CoreError) {
      try space.read(address, in: memory, into: &part)
    } catch { throw .core(error) }
    start = offset
    filled = UInt64(size)
  }
}

extension AddressSpace {
  /// The `size` bytes at `address` as a number, 4 or 8 of them.
  mutating func number<M: PhysicalMemory & ~Copyable>(
    _ address: VirtualAddress,
    size: Int = 8,
    in memory: borrowing M
  ) throws(LogError) -> UInt64 {
    var buffer = ByteBuffer(count: size)
    var raw = buffer.mutableBytes
    do throws(CoreError) {
      try read(address, in: memory, into: &raw)
    } catch { throw .core(error) }
    let reader = ByteReader(buffer.bytes)
    return size == 4 ? UInt64(reader.u32(0)) : reader.u64(0)
  }
}

extension ByteReader {
  // Of bytes that a window has just shown to be there: 0 cannot come of it.
  func u8(_ place: Int) -> UInt8 { (try? u8(at: place)) ?? 0 }
  func u16(_ place: Int) -> UInt16 { (try? u16(at: place)) ?? 0 }
  func u32(_ place: Int) -> UInt32 { (try? u32(at: place)) ?? 0 }
  func u64(_ place: Int) -> UInt64 { (try? u64(at: place)) ?? 0 }
}
