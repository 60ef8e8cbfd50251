// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// SplitMix64, of which the pieces are used by themselves.
public enum SplitMix64 {
  /// 2^64 over the golden ratio, odd: numbers that far apart look random.
  public static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The finalizer, so that neighbours' numbers share no bits.
  public static func mixed(_ number: UInt64) -> UInt64 {
    var mixed = number &+ step
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
