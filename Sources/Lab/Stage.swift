// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How far a machine is, read off its console, for whoever waits for it.
public enum Stage: Int, Sendable, CaseIterable {
  /// QEMU runs; nothing is on the console yet.
  case starting
  /// The kernel that will crash boots.
  case firstKernel
  /// Its memory is being used, as on a running machine.
  case firstSystem
  /// It has panicked; the capture kernel boots in the reservation.
  case captureKernel
  /// oldmemd lends memory and unpacks stage two.
  case oldmem
  /// What the distribution does before the dump.
  case captureSystem
  /// makedumpfile works.
  case dump
  /// The machine goes down.
  case end

  /// What happens, in words.
  public var words: String {
    switch self {
    case .starting: "QEMU starts"
    case .firstKernel: "a kernel boots"
    case .firstSystem: "its memory is put to use"
    case .captureKernel: "panic; the capture kernel boots"
    case .oldmem: "oldmem lends memory"
    case .captureSystem: "the capture kernel's system starts"
    case .dump: "the dump is written"
    case .end: "the machine stops"
    }
  }

  /// Goes on to what `line` shows; false when it shows nothing new.
  public mutating func advance(on line: String) -> Bool {
    guard let next = following(line), next.rawValue > rawValue else {
      return false
    }
    self = next
    return true
  }

  private func following(_ line: String) -> Stage? {
    let crashed = rawValue >= Stage.captureKernel.rawValue
    if line.contains(Stage.panicOfTheFirst) { return .captureKernel }
    if line.contains("Linux version") { return crashed ? nil : .firstKernel }
    if line.contains("Run /oldmem/init") { return .oldmem }
    if line.contains("Run /init") {
      return crashed ? .captureSystem : .firstSystem
    }
    if line.contains("oldmem:"), line.contains("lent") {
      return .captureSystem
    }
    if line.contains("lab: makedumpfile starts") { return .dump }
    let ends = [
      "lab: verdict", "Rebooting in", "reboot: ", "Kernel panic",
    ]
    if crashed, ends.contains(where: { line.contains($0) }) { return .end }
    return nil
  }

  /// What the console says when the scenario itself brings the kernel down.
  public static let panicOfTheFirst = "sysrq triggered crash"
}
