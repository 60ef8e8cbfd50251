// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import NBD

/// What the store notices, said once each and never in a flood: a serial
/// console takes longer for a line than a device takes to damage a frame.
struct EventLog: ~Copyable {
  /// What is counted together.
  private enum Kind: Int {
    case lost
    case damaged
    case relocated
    case thinned
    case canary
    case metadata
    case refused
    case ended
  }

  private var counts = InlineArray<8, UInt64>(repeating: 0)

  mutating func say(_ event: StoreEvent, _ voice: borrowing Voice) {
    switch event {
    case .lost(let block):
      say(.lost, "block \(block.value) is lost: no copy is good", voice)
    case .mismatch(let block, let copy, let slot, _):
      say(
        .damaged,
        "block \(block.value): copy \(copy) in slot \(slot) was damaged",
        voice
      )
    case .relocated(let block, let copy, let from, let to):
      say(
        .relocated,
        "block \(block.value): copy \(copy) moved from slot \(from) to \(to)",
        voice
      )
    case .thinned(let block, let copies):
      say(
        .thinned,
        "block \(block.value) has only \(copies) copies left",
        voice
      )
    case .canary(let slot):
      say(.canary, "slot \(slot), unused, changed by itself", voice)
    case .metadata(let block):
      say(
        .metadata,
        "what the tables say of block \(block.value) was damaged",
        voice
      )
    }
  }

  /// What clients do, as they may send anything any number of times.
  mutating func say(_ note: NBDNote, _ voice: borrowing Voice) {
    switch note {
    case .refused: say(.refused, note.sentence, voice)
    case .ended: say(.ended, note.sentence, voice)
    }
  }

  /// Says the first four of a kind, then the 16th, the 64th, and so on.
  private mutating func say(
    _ kind: Kind,
    _ text: @autoclosure () -> Line,
    _ voice: borrowing Voice
  ) {
    let count = counts[kind.rawValue] &+ 1
    counts[kind.rawValue] = count
    guard
      count <= 4
        || count & (count - 1) == 0 && count.trailingZeroBitCount % 2 == 0
    else { return }
    var line = text()
    line.append(line: " (\(count) so far)")
    switch kind {
    case .lost: voice.losses.say(line, .problem)
    case .refused, .ended: voice.log.say(line)
    default: voice.damage.say(line, .problem)
    }
  }
}
