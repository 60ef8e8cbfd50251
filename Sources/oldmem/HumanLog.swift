// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import Rescue

/// Writes messages for people, as `dmesg -H` does: the date where a minute
/// begins, the time since the message before elsewhere, colours by level.
///
///     [Nov30 14:02] the first message of a minute
///     [  +0.000214] another one
struct HumanLog: LogVisitor {
  /// One moment on both clocks.
  struct End {
    /// The kernel's, in nanoseconds.
    let clock: UInt64
    /// The calendar's, in seconds since 1970.
    let date: Int
  }

  var showsLevel = false
  var showsCaller = false
  private let end: End?
  private let isColored: Bool
  private let isHuman: Bool
  private var output = StandardOutput()
  private var text = ""
  private var isTaken = true
  private var last: (minute: Int, time: UInt64)?

  init(end: End?, isColored: Bool, isHuman: Bool) {
    self.end = end
    self.isColored = isColored
    self.isHuman = isHuman
  }

  mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool {
    guard record.missing == nil else { return true }
    var stamp = "[" + (isHuman ? human(record.time) : plain(record.time)) + "] "
    if showsCaller, let caller = record.caller {
      let name = "\(caller >> 31 == 1 ? "C" : "T")\(caller & 0x7fff_ffff)"
      stamp += "[" + Self.padded(name, 6) + "] "
    }
    var level = ""
    if showsLevel, let number = record.level {
      let facility = "\(LogRecord.name(ofFacility: record.facility ?? 0))"
      let name = "\(LogRecord.name(ofLevel: number))"
      level = Self.padded(facility, -6) + ":" + Self.padded(name, -6) + ": "
    }
    let indent = String(repeating: " ", count: level.count + stamp.count)
    let body = Self.escaped(text, indent: indent)
    let color = isColored ? Self.color(record.level) : ""
    self.text +=
      level + (isColored ? "\u{1b}[32m" + stamp + "\u{1b}[0m" : stamp)
      + (color.isEmpty ? body : color + body + "\u{1b}[0m") + "\n"
    if self.text.utf8.count > 1 << 15 { _ = flush() }
    return isTaken
  }

  /// Writes what is still here; whether everything was taken so far.
  mutating func flush() -> Bool {
    if isTaken { isTaken = output.write(Array(text.utf8)) }
    text = ""
    return isTaken
  }

  private func plain(_ time: UInt64) -> String {
    let fraction = String(time % 1_000_000_000 / 1000 + 1_000_000)
    return Self.padded("\(time / 1_000_000_000)", 5) + "."
      + fraction.dropFirst()
  }

  private mutating func human(_ time: UInt64) -> String {
    guard let end else { return plain(time) }
    let distance = Int64(bitPattern: time &- end.clock) / 1_000_000_000
    let date = end.date &+ Int(distance)
    let before = last
    last = (date / 60, time)
    if let before, before.minute == date / 60 {
      let since = time >= before.time ? time - before.time : 0
      return "  +" + plain(since).drop { $0 == " " }
    }
    let parts = Calendar.current.dateComponents(
      [.month, .day, .hour, .minute],
      from: Date(timeIntervalSince1970: TimeInterval(date))
    )
    guard let month = parts.month, let day = parts.day, let hour = parts.hour,
      let minute = parts.minute
    else { return plain(time) }
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
      "Nov", "Dec",
    ]
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return months[(month - 1) % 12] + Self.padded("\(day)", 2) + " "
      + two(hour) + ":" + two(minute)
  }

  /// A word filled up on its left, or, for a negative width, on its right.
  private static func padded(_ word: String, _ width: Int) -> String {
    let fill = String(repeating: " ", count: max(0, abs(width) - word.count))
    return width < 0 ? word + fill : fill + word
  }

  /// As dmesg does, what is not printable in hexadecimal.
  private static func escaped(_ text: RawSpan, indent: String) -> String {
    var line = ""
    for index in 0..<text.byteCount {
      switch text.byte(index) {
      case 0x0a: line += "\n" + indent
      case let byte where 0x20...0x7e ~= byte || byte == 0x09:
        line.unicodeScalars.append(Unicode.Scalar(byte))
      case let byte:
        line += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return line
  }

  /// dmesg's colours of messages.
  private static func color(_ level: UInt8?) -> String {
    switch level {
    case 0, 1: "\u{1b}[7m\u{1b}[31m"
    case 2: "\u{1b}[1m\u{1b}[31m"
    case 3: "\u{1b}[31m"
    case 4: "\u{1b}[1m"
    default: ""
    }
  }
}
