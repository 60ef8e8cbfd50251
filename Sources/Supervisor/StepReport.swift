// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Memory

/// A child's end of the two pipes to PID 1.
///
/// Losing PID 1 is nothing that a child could mend, so reports that do not
/// get through are dropped.
public struct StepReport: ~Copyable {
  let reports: Descriptor
  let permits: Descriptor

  /// Where an executed child finds its ends: above any number that a pipe
  /// gets by itself, so that passing one end never closes the other.
  static let reportNumber: Int32 = 100
  static let permitNumber: Int32 = 101

  /// The ends that PID 1 gave to a child that it executed.
  public static func inherited() -> StepReport {
    StepReport(
      reports: Descriptor(owning: reportNumber),
      permits: Descriptor(owning: permitNumber)
    )
  }

  init(reports: consuming Descriptor, permits: consuming Descriptor) {
    self.reports = reports
    self.permits = permits
  }

  /// Executes `program` in this child's place, and returns only to say why
  /// not.
  ///
  /// The program finds its ends by `inherited`.
  public func execute(_ program: Path, arguments: [Path]) -> Errno {
    do throws(Errno) {
      try permits.pass(as: StepReport.permitNumber)
      try reports.pass(as: StepReport.reportNumber)
    } catch { return error }
    return Process.execute(program, arguments: arguments)
  }

  /// Begins a step, once PID 1 has run the hook and given leave: false when
  /// there is no PID 1 at the other end.
  @discardableResult
  public func begin(_ step: Step) -> Bool {
    send(.begin(step))
    return awaitPermit()
  }

  /// Says that work goes on, so that nobody takes us for hung.
  public func progress() { send(.progress) }

  /// Further ends of the same pipes, for whoever reports while this one is
  /// borrowed.
  public func duplicate() throws(Errno) -> StepReport {
    StepReport(
      reports: try reports.duplicate(),
      permits: try permits.duplicate()
    )
  }

  /// Says that the block device is there.
  public func ready(device: DeviceName) { send(.ready(device)) }

  /// Waits for PID 1's leave: false when PID 1 has gone on without it.
  public func awaitPermit() -> Bool { permits.awaitByte() }

  /// PID 1's leave, or that it has gone on without this child; nil as long as
  /// it has said neither.
  public var permit: Bool? {
    permits.isReadable(within: 0) ? awaitPermit() : nil
  }

  private func send(_ message: Message) {
    let words = message.words
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    span.store(words.kind, at: 0)
    span.store(words.number, at: 4)
    // SAFETY: bytes have no padding that could leak.
    try? reports.write(unsafe bytes.span.bytes)
  }
}
