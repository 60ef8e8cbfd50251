// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Glibc
internal import Memory

/// What hardware does to frames: everything but what the store wrote.
struct FrameFaults {
  let arena: SoakArena
  /// Frames as they were at some moment, to be put back later.
  private var stale: [(slot: UInt32, bytes: [UInt8])] = []
  /// How many frames were changed.
  private(set) var injected: UInt64 = 0

  init(_ arena: SoakArena) { self.arena = arena }

  /// Some fault at or near the slot.
  mutating func strike(near slot: UInt32, _ random: inout SoakRandom) {
    let count = Int(arena.shape.slotCount)
    let near = random.below(2) == 0 ? slot : UInt32(random.below(count))
    switch random.below(12) {
    case 0...2: flipBit(near, &random)
    case 3: overwrite(near, bytes: 1 + random.below(64), &random)
    case 4, 5: overwrite(near, bytes: Frame.size, &random)
    case 6: zero(near)
    case 7: burst(from: near, count: 1 + random.below(12), &random)
    case 8: swap(near, UInt32(random.below(count)))
    case 9: copy(UInt32(random.below(count)), over: near)
    case 10: keep(near)
    default: putBack(&random)
    }
  }

  mutating func flipBit(_ slot: UInt32, _ random: inout SoakRandom) {
    let place = random.below(Frame.size)
    let bit = UInt8(1) << UInt8(random.below(8))
    change(slot) { bytes in bytes[place] ^= bit }
  }

  mutating func overwrite(
    _ slot: UInt32,
    bytes count: Int,
    _ random: inout SoakRandom
  ) {
    let start = random.below(Frame.size - count + 1)
    let number = random.next()
    change(slot) { bytes in
      var word = number
      for place in start..<(start + count) {
        if (place - start) % 8 == 0 { word = SplitMix64.mixed(word) }
        bytes[place] = UInt8(truncatingIfNeeded: word)
        word >>= 8
      }
    }
  }

  mutating func zero(_ slot: UInt32) {
    change(slot) { bytes in
      _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  mutating func burst(
    from slot: UInt32,
    count: Int,
    _ random: inout SoakRandom
  ) {
    let end = min(Int(slot) + count, Int(arena.shape.slotCount))
    for slot in Int(slot)..<end {
      overwrite(UInt32(slot), bytes: Frame.size, &random)
    }
  }

  mutating func swap(_ a: UInt32, _ b: UInt32) {
    let (one, other) = (bytes(of: a), bytes(of: b))
    put(other, into: a)
    put(one, into: b)
  }

  mutating func copy(_ source: UInt32, over slot: UInt32) {
    put(bytes(of: source), into: slot)
  }

  /// Keeps a frame as it is now for `putBack`.
  mutating func keep(_ slot: UInt32) {
    if stale.count == 16 { stale.removeFirst() }
    stale.append((slot, bytes(of: slot)))
  }

  private mutating func putBack(_ random: inout SoakRandom) {
    guard !stale.isEmpty else { return }
    let (slot, bytes) = stale[random.below(stale.count)]
    put(bytes, into: slot)
  }

  mutating func put(_ bytes: [UInt8], into slot: UInt32) {
    change(slot) { $0.copyBytes(from: bytes) }
  }

  func bytes(of slot: UInt32) -> [UInt8] {
    Array(
      UnsafeRawBufferPointer(start: arena.frame(slot), count: Frame.size)
    )
  }

  private mutating func change(
    _ slot: UInt32,
    _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let before = bytes(of: slot)
    let frame = UnsafeMutableRawBufferPointer(
      start: arena.frame(slot),
      count: Frame.size
    )
    // Marked first, for the process may be killed in the middle.
    let mark = arena.marks[Int(slot)]
    arena.marks[Int(slot)] = 1
    body(frame)
    let isChanged = before.withUnsafeBytes {
      memcmp($0.start, frame.start, Frame.size) != 0
    }
    guard isChanged else {
      arena.marks[Int(slot)] = mark
      return
    }
    injected += 1
    arena.changes += 1
  }
}
