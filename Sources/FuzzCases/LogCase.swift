// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Rescue
internal import SyntheticVMCore
internal import VMCore

/// A damaged log: it is read in bounded work, and nothing is made up.
struct LogCase {
  /// Twice what the costliest of a million took.
  private static let mostReads = 2000
  private static let mostBytes = 24 << 20

  /// Messages that a sound log of the machine would have, at most.
  private static let mostMessages: UInt64 = 128

  /// Damages the log of a sound vmcore and reads it.
  ///
  /// Throws a broken promise. Returns how many messages there were, nil for
  /// an error.
  static func run(
    _ sound: SyntheticVMCore,
    _ random: inout SeededGenerator
  ) throws(BrokenPromise) -> UInt64? {
    var vmcore = sound
    vmcore.mutateLog(using: &random)
    // Every fourth has wrong offsets and page tables as well.
    if random.below(4) == 0 { vmcore.mutate(using: &random) }
    let meter = Meter()
    var text = LogText(Counter(), Self.style(&random))
    let report: LogReport
    do {
      let core = try CoreFile(MeteredSource(base: vmcore, meter: meter))
      let info = try core.vmcoreInfo()
      let layout = KernelLayout(info)
      report = try KernelLog.read(in: core, info, layout, &text)
    } catch {
      if meter.isOver { throw BrokenPromise("endless work on a log") }
      return nil
    }
    guard meter.reads <= mostReads, meter.bytes <= mostBytes else {
      throw BrokenPromise(
        "\(meter.reads) reads and \(meter.bytes) bytes for a log"
      )
    }
    let seen = report.records &+ report.damaged &+ report.unfinished
    // A size that is wrong but possible may be that of a much larger log.
    let bits = vmcore.logWord(.countBits) & 0xffff_ffff
    let most =
      report.isSalvaged || bits > 5 ? 1 << min(bits, 26) : mostMessages
    guard seen <= max(most, mostMessages) else {
      throw BrokenPromise("\(seen) messages in a log of \(most)")
    }
    guard let counter = text.finish() else {
      throw BrokenPromise("a text that was taken was not")
    }
    // Each byte takes at most a line's indent, each message a line.
    guard UInt64(counter.count) <= (report.records &+ 1) &* 65_536 &* 64 else {
      throw BrokenPromise("\(counter.count) bytes of text")
    }
    return report.records
  }

  private static func style(_ random: inout SeededGenerator) -> LogStyle {
    var style = LogStyle()
    style.showsLevel = random.below(2) == 0
    style.showsCaller = random.below(2) == 0
    return style
  }

  private struct Counter: ByteSink {
    var count = 0

    mutating func write(_ bytes: RawSpan) -> Bool {
      count += bytes.byteCount
      return true
    }
  }
}
