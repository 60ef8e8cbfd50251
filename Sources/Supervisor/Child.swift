// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Memory

/// A child that does a part of the work for PID 1, which must not fail.
///
/// Whatever the child does, trap, hang, be killed or say nothing, ends in an
/// outcome within bounded time.
public struct Child: ~Copyable {
  let process: Process
  let reports: Descriptor
  let permits: Descriptor

  /// How a child's work ended, as far as PID 1 follows it.
  public enum Outcome: Equatable, Sendable {
    /// The child has made this block device and serves it.
    case ready(DeviceName)
    /// The child has done its work and ended.
    case finished
    /// The child has said why not and ended.
    case refused
    /// The child was lost in this step.
    case lost(Step, Reason)
  }

  /// How a child was lost.
  public enum Reason: Equatable, Sendable {
    /// No process could be made.
    case unborn(Errno)
    /// A signal ended it.
    case killed(Int32)
    /// Nothing was heard of it for so many seconds.
    case silent(UInt32)

    /// The reason in words.
    public var sentence: Line {
      switch self {
      case .unborn(let errno): "no process could be made: \(errno)"
      case .killed(let signal): "the child was killed by signal \(signal)"
      case .silent(let seconds): "nothing heard for \(seconds) s"
      }
    }
  }

  /// How long a child may take to end once it is about to, in seconds.
  static let reapingTime: UInt32 = 3

  /// What a child exits with when it has said itself why it gives up.
  public static let refusal: Int32 = 3

  /// Starts a child that runs `body` and then exits with what it returns.
  public init(
    _ body: (consuming StepReport) -> Int32
  ) throws(Errno) {
    let reports = try Pipe()
    let permits = try Pipe()
    if let process = try Process.fork() {
      self.process = process
      self.reports = reports.takeOutput()
      self.permits = permits.takeInput()
      return
    }
    let report = StepReport(
      reports: reports.takeInput(),
      permits: permits.takeOutput()
    )
    Process.exit(body(report))
  }

  /// Follows the child until it is ready, has ended or is given up.
  ///
  /// Before each step `hook` is called with the step and the child's number.
  public func follow(
    first: Step,
    patience seconds: UInt32,
    hook: (Step, Int32) -> Void
  ) -> Outcome {
    var step = first
    while true {
      guard reports.isReadable(within: Int32(seconds * 1000)) else {
        end()
        return .lost(step, .silent(seconds))
      }
      switch receive() {
      case .begin(let next):
        step = next
        hook(step, process.number)
        permit()
      case .progress: break
      case .ready(let device): return .ready(device)
      case nil: return outcome(in: step)
      }
    }
  }

  /// Gives the child leave to go on.
  public func permit() {
    let go: Line = "g"
    try? permits.write(go.raw)
  }

  /// Ends the child, whatever it is doing.
  public func end() {
    process.kill()
    _ = reap()
  }

  private func receive() -> Message? {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    // SAFETY: bytes have no padding that could leak.
    var raw = unsafe span.mutableBytes
    guard (try? reports.read(into: &raw)) == Message.byteCount else {
      return nil
    }
    let reader = ByteReader(unsafe bytes.span.bytes)
    guard let kind = try? reader.u32(at: 0),
      let number = try? reader.u32(at: 4)
    else { return nil }
    return Message(kind: kind, number: number)
  }

  /// What to make of a child that has closed its end.
  private func outcome(in step: Step) -> Outcome {
    switch reap() {
    case .exited(0): return .finished
    case .exited: return .refused
    case .killed(let signal): return .lost(step, .killed(signal))
    case nil:
      process.kill()
      return .lost(step, .silent(Child.reapingTime))
    }
  }

  /// How the child ended; nil when it has not within `reapingTime`, as when
  /// it is stuck in the kernel, and when somebody has asked before.
  private func reap() -> Process.End? {
    for _ in 0..<50 * Child.reapingTime {
      do throws(Errno) {
        if let end = try process.end(block: false) { return end }
      } catch { return nil }
      Clock.sleep(milliseconds: 20)
    }
    return nil
  }
}
