// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// One thing that is asked of the store.
struct SoakOperation {
  enum Kind: UInt32 {
    case read
    case write
    case discard
    case writeZeroes
    /// `count` steps of the scrubber.
    case scrub

    var changesBlocks: Bool { self != .read && self != .scrub }
  }

  var kind: Kind
  var start: UInt32
  var count: UInt32
  /// What the first block's content is made of, the next one's of the next
  /// number; zero for zeroes.
  var stamp: UInt64

  static let longest: UInt32 = 8

  var range: BlockRange { BlockRange(start: BlockNumber(start), count: count) }

  /// An operation as swap has them: more reads and writes than all else, and
  /// some of many blocks.
  static func random(
    _ random: inout SoakRandom,
    blocks: UInt32,
    number: UInt64
  ) -> Self {
    let kind: Kind =
      switch random.below(20) {
      case 0...7: .read
      case 8...13: .write
      case 14: .discard
      case 15: .writeZeroes
      default: .scrub
      }
    if kind == .scrub {
      let steps = 1 + random.below(12)
      return Self(kind: kind, start: 0, count: UInt32(steps), stamp: 0)
    }
    let start = UInt32(random.below(Int(blocks)))
    let most = min(longest, blocks - start)
    let isLong = random.below(4) == 0
    let count = isLong ? UInt32(1 + random.below(Int(most))) : 1
    // A write of zeroes is one too.
    let stamp = random.below(16) == 0 ? 0 : (number + 1) &* 16
    return Self(kind: kind, start: start, count: count, stamp: stamp)
  }

  /// Fills 4096 bytes with what the operation makes of its block `index`.
  func fill(_ bytes: UnsafeMutableRawPointer, index: UInt32) {
    guard kind == .write, stamp != 0 else {
      _ = UnsafeMutableRawBufferPointer(start: bytes, count: Frame.size)
        .initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    var word = SplitMix64.mixed(stamp &+ UInt64(index))
    for offset in stride(from: 0, to: Frame.size, by: 8) {
      bytes.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
      word &+= SplitMix64.step
    }
  }
}

/// Numbers that a seed decides, so that a failure can be had again.
struct SoakRandom {
  private var state: UInt64

  init(seed: UInt64) { state = SplitMix64.mixed(seed) }

  mutating func next() -> UInt64 {
    let number = SplitMix64.mixed(state)
    state &+= SplitMix64.step
    return number
  }

  /// A number to seed another one with.
  var peek: UInt64 { SplitMix64.mixed(~state) }

  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
  }
}
