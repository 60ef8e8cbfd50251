// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Rescue

/// Writes messages as JSON, one on a line.
///
///     {"dmesg": [
///     {"sequence": 0, "time": 1.234567890, "facility": "kern", ...},
///     ...
///     ]}
struct LogJSON: LogVisitor {
  private var output: StandardOutput
  private var text: [UInt8] = Array("{\"dmesg\": [".utf8)
  private var isFirst = true
  private var isTaken = true

  init(_ output: StandardOutput) { self.output = output }

  mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool {
    var fields: [String] = []
    if let sequence = record.sequence {
      fields.append("\"sequence\": \(sequence)")
    }
    let nanoseconds = String(record.time % 1_000_000_000)
    let zeroes = String(repeating: "0", count: 9 - nanoseconds.count)
    fields.append(
      "\"time\": \(record.time / 1_000_000_000).\(zeroes)\(nanoseconds)"
    )
    if let facility = record.facility, let level = record.level {
      let name = LogRecord.name(ofFacility: facility)
      fields.append("\"facility\": \"\(name)\"")
      fields.append("\"level\": \"\(LogRecord.name(ofLevel: level))\"")
    }
    if let caller = record.caller {
      let kind = caller >> 31 == 1 ? "C" : "T"
      fields.append("\"caller\": \"\(kind)\(caller & 0x7fff_ffff)\"")
    }
    if record.isContinuation { fields.append("\"continuation\": true") }
    if record.missing == .lost { fields.append("\"lost\": true") }
    fields.append("\"text\": \(Self.quoted(text))")
    let line =
      (isFirst ? "\n{" : ",\n{") + fields.joined(separator: ", ") + "}"
    isFirst = false
    self.text += line.utf8
    if self.text.count > 1 << 15 { flush() }
    return isTaken
  }

  /// Ends the list; whether everything was taken.
  mutating func finish() -> Bool {
    text += "\n]}\n".utf8
    flush()
    return isTaken
  }

  private mutating func flush() {
    if isTaken { isTaken = output.write(text) }
    text.removeAll(keepingCapacity: true)
  }

  /// The text as a string of JSON; what is no UTF-8 becomes U+FFFD.
  private static func quoted(_ text: RawSpan) -> String {
    let bytes = (0..<text.byteCount).map { text.byte($0) }
    var quoted = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u00" + (digits.count == 1 ? "0" : "") + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension RawSpan {
  /// The byte at `index`.
  func byte(_ index: Int) -> UInt8 {
    (try? ByteReader(self).u8(at: index)) ?? 0
  }
}
