// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Cuts a stream of bytes into lines, whatever the pieces it arrives in.
public struct LineSplitter: Sendable {
  private var rest: [UInt8] = []

  /// A splitter at the start of a line.
  public init() {}

  /// The lines that `bytes` complete, without line ends.
  public mutating func take(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      switch byte {
      case 0x0A:
        lines.append(line())
        rest.removeAll(keepingCapacity: true)
      case 0x0D: break
      // A guest that never ends its line does not eat the host's memory.
      case _ where rest.count >= 65_536: break
      default: rest.append(byte)
      }
    }
    return lines
  }

  /// What came after the last line end; nil when that is nothing.
  public var remainder: String? { rest.isEmpty ? nil : line() }

  private func line() -> String { String(decoding: rest, as: UTF8.self) }
}
