// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Random damage to a log, as a crash in printk leaves it.
extension SyntheticVMCore {
  /// Does between one and eight random things to the log that was written.
  public mutating func mutateLog(using random: inout SeededGenerator) {
    for _ in 0...random.below(8) {
      let index = random.below(32)
      let word: LogWord =
        switch random.below(16) {
        case 0: .head
        case 1: .tail
        case 2: .countBits
        case 3: .sizeBits
        case 4: .descriptors
        case 5: .infos
        case 6: .data
        case 7, 8: .state(index)
        case 9, 10: .begin(index)
        case 11, 12: .next(index)
        case 13: .length(index)
        default: .text(random.below(2048))
        }
      let old = logWord(word)
      let value: UInt64 =
        switch random.below(8) {
        case 0: 0
        case 1: .max
        case 2: old ^ 1 << UInt64(random.below(64))
        case 3: old &+ 8 &* UInt64(random.below(300))
        case 4: old &- UInt64(random.below(300))
        case 5: UInt64(random.below(64))
        case 6: logWord(.state(random.below(32)))
        default: random.next()
        }
      setLogWord(word, value)
    }
  }
}
