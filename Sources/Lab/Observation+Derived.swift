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
  /// - `losses-untold`: pages that a hog lost and blocks that the device
  ///   refused, beyond the reads that the store counts as lost
  /// - `recoveries`: how often another server took over
  /// - `recovery-max-ms`, `recovery-median-ms`: from the lab's word that the
  ///   server will be killed to the next server's first answer
  /// - `memory-times`: how many times MemTotal before the first step the system
  ///   has, by its own word
  /// - `hotplug-kept-mib`: how much of the blocks that were added is no RAM
  /// - `processor-seconds-from-panic`: QEMU's, which a busy host does not change
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
    if let pages = number("hog-pages-lost"),
      let blocks = number("blocks-refused"),
      let told = number("oldmem_reads_lost_total")
    {
      facts["losses-untold"] = "\(max(0, pages + blocks - told))"
    }
    if let before = number("module.MemTotal"), before > 0,
      let after = number("memory-kib")
    {
      facts["memory-times"] = "\(Double(after * 10 / before) / 10)"
    }
    if let start = processorSecondsAtCrash, let end = processorSeconds {
      facts["processor-seconds-from-panic"] =
        "\(((end - start) * 10).rounded() / 10)"
    }
    noteHotplug()
    noteRecoveries()
    if let before = number("module.MemAvailable"),
      let after = number("unpack.MemAvailable")
    {
      facts["available-lost-kib"] = "\(before - after)"
    }
  }

  /// By `oldmem: hotplug: N blocks, M MiB online`, and the size of a block.
  private mutating func noteHotplug() {
    guard
      let line = console.first(where: {
        $0.contains("oldmem: hotplug: ") && $0.contains(" MiB online")
      }),
      let start = line.firstRange(of: "oldmem: hotplug: ")
    else { return }
    let words = line[start.upperBound...].split(separator: " ")
    guard words.count > 3, let blocks = Int(words[0]), let size = Int(words[2])
    else { return }
    facts["hotplug-kept-mib"] = "\(blocks * 128 - size)"
  }

  /// A server that dies before it serves is part of the same loss: the time
  /// counts from the first death.
  private mutating func noteRecoveries() {
    var death: Double?
    var times: [Int] = []
    var count = 0
    for line in console {
      if line.contains("lab: kill of oldmemd-server") {
        death = death ?? Self.stamp(in: line)
      } else if line.contains("oldmem: the server "),
        line.contains(" serves after ")
      {
        count += 1
        if let start = death, let end = Self.stamp(in: line) {
          times.append(Int(((end - start) * 1000).rounded()))
        }
        death = nil
      }
    }
    guard count > 0 else { return }
    facts["recoveries"] = "\(count)"
    guard !times.isEmpty else { return }
    times.sort()
    facts["recovery-max-ms"] = "\(times[times.count - 1])"
    facts["recovery-median-ms"] = "\(times[times.count / 2])"
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
    console.first { $0.contains(text) }.flatMap(Self.stamp)
  }

  private static func stamp(in line: String) -> Double? {
    guard let open = line.firstIndex(of: "["),
      let close = line[open...].firstIndex(of: "]")
    else { return nil }
    let inside = line[line.index(after: open)..<close]
    return Double(inside.drop { $0 == " " })
  }
}
