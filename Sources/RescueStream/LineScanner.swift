// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Finds the lines of files in what a console has shown, with other lines in
/// front of them, behind them and in their middle.
public struct LineScanner: Sendable {
  /// How many lines were begun that are damaged, or cut off by the next one.
  public private(set) var damaged = 0

  private enum State: Sendable {
    /// So many characters of the mark were seen.
    case outside(seen: Int)
    case inside
    /// In what the kernel has said in between, up to its line's end.
    case interrupted
  }

  private var state = State.outside(seen: 0)
  private var text = [UInt8]()

  /// Begins to look.
  public init() { text.reserveCapacity(ConsoleLine.mostCharacters) }

  /// Takes the console's next byte; the line that it ends, if that is whole.
  public mutating func take(_ byte: UInt8) -> ConsoleLine? {
    switch (state, byte) {
    case (.outside(let seen), _):
      look(byte, seen)
    case (.inside, 0x7e):
      // The end; or the next line's mark, where this one was cut off.
      let line = text.isEmpty ? nil : ConsoleLine(text)
      if line == nil { damaged += 1 }
      text.removeAll(keepingCapacity: true)
      state = .outside(seen: line == nil ? 1 : 0)
      return line
    case (.inside, 0x0d), (.inside, 0x0a): break
    case (.inside, _) where Base64.value(of: byte) != nil:
      guard text.count < ConsoleLine.mostCharacters else {
        damaged += 1
        text.removeAll(keepingCapacity: true)
        state = .outside(seen: 0)
        return nil
      }
      text.append(byte)
    case (.inside, _): state = .interrupted
    case (.interrupted, 0x0a): state = .inside
    case (.interrupted, 0x7e):
      damaged += 1
      text.removeAll(keepingCapacity: true)
      state = .outside(seen: 1)
    case (.interrupted, _): break
    }
    return nil
  }

  private mutating func look(_ byte: UInt8, _ seen: Int) {
    switch (seen, byte) {
    case (_, 0x7e): state = .outside(seen: 1)
    case (1, 0x4f): state = .outside(seen: 2)
    case (2, 0x4d): state = .inside
    default: state = .outside(seen: 0)
    }
  }
}
