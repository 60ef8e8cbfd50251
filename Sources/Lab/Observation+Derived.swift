// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Facts that nobody tells, but that follow from what was told.
extension Observation {
  /// Adds what the kernel's time stamps and the guest's figures come to.
  ///
  /// - `exec-to-device-ms`: from the start of oldmemd to its device
  /// - `exec-to-swap-ms`: from there to the kernel's word that swap is on
  /// - `copies-damaged`, `blocks-lost`: what the store said that it found;
  ///   from the fifth on only each doubling is said
  /// - `available-lost-kib`: MemAvailable before the first step, less that
  ///   once swap is on
  public mutating func derive() {
    let start = stamp(of: "Run /oldmem/init as init process")
    for (fact, sign) in [
      ("exec-to-device-ms", ": /dev/ublkb"),
      ("exec-to-swap-ms", "swap on /dev/ublkb"),
    ] {
      guard let start, let end = stamp(of: sign), end >= start else { continue }
      facts[fact] = "\(Int(((end - start) * 1000).rounded()))"
    }
    facts["copies-damaged"] = largest("was damaged").map { "\($0)" }
    facts["blocks-lost"] = largest("is lost").map { "\($0)" }
    if let before = number("module.MemAvailable"),
      let after = number("unpack.MemAvailable")
    {
      facts["available-lost-kib"] = "\(before - after)"
    }
  }

  /// All facts, one a line, `KEY VALUE`, in the order of their keys.
  public var factSheet: String {
    facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
  }

  /// The largest count on lines that contain `text` and end in
  /// `(COUNT so far)`.
  private func largest(_ text: String) -> Int? {
    let counts = console.compactMap { line -> Int? in
      guard line.contains(text), let open = line.lastIndex(of: "(") else {
        return nil
      }
      let words = line[open...].dropFirst().split(separator: " ")
      return words.first.flatMap { Int($0) }
    }
    return counts.max()
  }

  private func number(_ fact: String) -> Int? {
    facts[fact].flatMap { Int($0) }
  }

  /// The seconds before the first line that contains `text`, as the kernel
  /// that prints it counts them.
  func stamp(of text: String) -> Double? {
    guard let line = console.first(where: { $0.contains(text) }),
      let open = line.firstIndex(of: "["),
      let close = line[open...].firstIndex(of: "]")
    else { return nil }
    let inside = line[line.index(after: open)..<close]
    return Double(inside.drop { $0 == " " })
  }
}
