// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A frame's canary is 512 little-endian numbers of 64 bits:
//
//     0    start                 start = mix(seed xor frame number)
//     8    start + step          mix:  SplitMix64's finalizer
//     16   start + 2 x step      step: 2^64 over the golden ratio, odd
//     ...
//
// No two numbers of a frame are the same, and whoever wants to write what is
// there already has to know the seed.

/// What a frame holds while nobody uses it, so that any change shows.
public struct Canary: Equatable, Sendable {
  private let seed: UInt64

  /// The canaries of a run, which a random `seed` tells from another's.
  public init(seed: UInt64) { self.seed = seed }

  /// Fills the frame's 4096 `bytes`.
  @_lifetime(bytes: copy bytes)
  public func fill(_ bytes: inout MutableRawSpan, of frame: FrameNumber) {
    precondition(bytes.byteCount == Frame.size)
    var word = start(of: frame)
    for offset in stride(from: 0, to: Frame.size, by: 8) {
      // SAFETY: offset is a multiple of 8 below the 4096 bytes that there are.
      unsafe bytes.storeBytes(
        of: word.littleEndian,
        toUncheckedByteOffset: offset,
        as: UInt64.self
      )
      word &+= SplitMix64.step
    }
  }

  /// Whether the frame's 4096 `bytes` are what `fill` makes them.
  public func isIntact(_ bytes: RawSpan, of frame: FrameNumber) -> Bool {
    precondition(bytes.byteCount == Frame.size)
    var word = start(of: frame)
    for offset in stride(from: 0, to: Frame.size, by: 8) {
      // SAFETY: as above, and every pattern is a number.
      let found = unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: offset,
        as: UInt64.self
      )
      guard UInt64(littleEndian: found) == word else { return false }
      word &+= SplitMix64.step
    }
    return true
  }

  private func start(of frame: FrameNumber) -> UInt64 {
    SplitMix64.mixed(seed ^ frame.value)
  }
}
