// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What is sent to whoever asks, in one message, little-endian:
//
//     0    8  magic "oldmemST"
//     8    8  how many words follow, N
//     16  8N  the words, in the order of `Status.pass`
//
// Words that the reader does not know are left aside, words that the writer
// did not know are zero: new ones go to the end.

internal import Memory

/// The words of a message, in either direction.
struct StatusWords {
  static let capacity = 256
  static let byteCount = 16 + capacity * 8
  private static let magic: UInt64 = 0x5453_6d65_6d64_6c6f

  private var words = InlineArray<256, UInt64>(repeating: 0)
  private let isReading: Bool
  private var used = 0
  /// Whether all that was read so far made sense.
  var isSound = true

  /// A message to be written.
  init() { isReading = false }

  /// A message that was received; nil when it is none of ours.
  init?(_ bytes: RawSpan) {
    isReading = true
    let reader = ByteReader(bytes)
    guard let magic = try? reader.u64(at: 0), magic == Self.magic,
      let count = try? reader.u64(at: 8), count <= UInt64(Self.capacity)
    else { return nil }
    for index in 0..<Int(count) {
      guard let word = try? reader.u64(at: 16 + index * 8) else { return nil }
      words[index] = word
    }
  }

  /// Puts the message into `bytes`, which has `byteCount`, and says how long
  /// it is.
  func write(into bytes: inout MutableSpan<UInt8>) -> Int {
    bytes.store(Self.magic, at: 0)
    bytes.store(UInt64(used), at: 8)
    for index in 0..<used { bytes.store(words[index], at: 16 + index * 8) }
    return 16 + used * 8
  }

  /// One word: put into the message, or taken out of it.
  mutating func pass(_ word: inout UInt64) {
    guard used < Self.capacity else {
      isSound = false
      return
    }
    if isReading { word = words[used] } else { words[used] = word }
    used += 1
  }

  /// A number that has 32 bits.
  mutating func pass(_ number: inout UInt32) {
    var word = UInt64(number)
    pass(&word)
    number = UInt32(truncatingIfNeeded: word)
    if UInt64(number) != word { isSound = false }
  }

  /// One of a few choices.
  mutating func pass<Choice: RawRepresentable>(
    _ choice: inout Choice
  ) where Choice.RawValue == UInt8 {
    var number = UInt32(choice.rawValue)
    pass(&number)
    guard let raw = UInt8(exactly: number), let found = Choice(rawValue: raw)
    else {
      isSound = false
      return
    }
    choice = found
  }
}
