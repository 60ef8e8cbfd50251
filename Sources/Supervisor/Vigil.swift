// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// What a spare does while all is well: it watches the server, by its process
/// and by its heart, and its own reserve.
public struct Vigil: ~Copyable {
  /// How long a server may stay without a beat, in seconds; it beats once a
  /// second.
  public static let patience: UInt32 = 20

  let server: ProcessWatch?
  private var reserve: ProcessWatch?
  private var beats: UInt64 = 0
  // Seconds of waiting without a beat; not a clock's, for this process may
  // have been stopped together with the server.
  private var still: UInt32 = 0
  private var asksForPermit: Bool
  private let patience: UInt32

  /// Why a vigil ends.
  public enum Finding: Equatable, Sendable {
    /// The server has ended.
    case died
    /// The server's heart stands still.
    case hangs
    /// The reserve has ended.
    case alone
    /// Nobody is wanted any more.
    case retired
  }

  /// Watches the process of that number, and, where the device is not in use
  /// yet, waits for PID 1 to say so.
  public init(
    over server: Int32,
    asksForPermit: Bool,
    patience: UInt32 = Vigil.patience
  ) {
    self.patience = patience
    // One that is gone already needs no watch.
    self.server = try? ProcessWatch(process: server)
    reserve = nil
    self.asksForPermit = asksForPermit
  }

  /// Watches the process of that number as the reserve.
  public mutating func watch(reserve number: Int32) {
    reserve = try? ProcessWatch(process: number)
  }

  /// Waits until something is to be done, or about a second.
  public mutating func wait(
    _ succession: borrowing Succession,
    _ report: borrowing StepReport?
  ) -> Finding? {
    if succession.isSet(.retired) { return .retired }
    guard let server = number(of: server) else { return .died }
    let permits = asksForPermit ? number(of: report) : nil
    let ready = Poll.wait(
      for: [server, number(of: reserve) ?? -1, permits ?? -1],
      milliseconds: 1000
    )
    // First: a server that ends as it should says so, and is gone a moment
    // later, with a device that nobody can take over.
    if succession.isSet(.retired) { return .retired }
    if ready & 1 != 0 { return .died }
    if ready & 4 != 0 {
      asksForPermit = false
      guard isPermitted(report) else { return .retired }
      succession.set(.committed, 1)
    }
    if ready & 2 != 0 {
      reserve = nil
      return .alone
    }
    if ready == 0 { noteBeats(succession) }
    return still >= patience ? .hangs : nil
  }

  /// Whether the server ends within the time given.
  public func serverEnds(within milliseconds: Int32) -> Bool {
    switch server {
    case .some(let process): process.ended(within: milliseconds)
    case nil: true
    }
  }

  /// Takes a second without any news into account.
  private mutating func noteBeats(_ succession: borrowing Succession) {
    let beats = succession.value(.beats)
    // What nobody uses yet is PID 1's to end.
    let isAlive = beats != self.beats || !succession.isSet(.committed)
    still = isAlive ? 0 : still + 1
    self.beats = beats
  }

  private func isPermitted(_ report: borrowing StepReport?) -> Bool {
    switch report {
    case .some(let report): report.awaitPermit()
    case nil: true
    }
  }

  private func number(of report: borrowing StepReport?) -> Int32? {
    switch report {
    case .some(let report): report.permits.number
    case nil: nil
    }
  }

  private func number(of process: borrowing ProcessWatch?) -> Int32? {
    switch process {
    case .some(let process): process.number
    case nil: nil
    }
  }
}
