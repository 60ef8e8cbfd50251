// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
public import Report

/// How the last capture of a machine went: what `oldmem status --last` says.
public struct LastCapture: Codable, Sendable {
  /// What there is to be had of it.
  public enum Verdict: String, Codable, Sendable {
    /// A dump with everything in it.
    case complete
    /// A dump that lacks something.
    case incomplete
    /// A file that cannot be judged.
    case unknown
    /// It was saved, by its record, and is not in the folder: it went to another
    /// machine, or somebody has taken it away.
    case elsewhere
    /// Nothing.
    case missing
  }

  /// What there is.
  public let verdict: Verdict
  /// The folder; nil where only oldmem's record is left.
  public let folder: String?
  /// When the machine crashed, or the capture began, in seconds since 1970.
  public let time: Int?
  /// The dump.
  public let dump: SavedDump?
  /// Whether it may have lent frames in it.
  public let isMarked: Bool
  /// What happened in the capture kernel; nil where nothing was left.
  public let record: CaptureRecord?

  /// The newest capture below a folder, or the one that `own`, a copy of the
  /// last record, is of; nil where there has been none.
  public init?(below folder: String, own path: String? = nil) {
    let own = path.flatMap(CaptureRecord.init(path:))
    let newest = CaptureFiles.newest(below: folder)
    let account = newest.map { CaptureAccount($0) }
    // The copy is of a capture that has no folder here, if it is a newer one.
    // Files of one capture are minutes apart.
    let isElsewhere = own?.saved.map { saved in
      account?.record?.saved != saved
        && Double(saved) > (newest?.time.timeIntervalSince1970 ?? 0) + 60
    }
    if let own, isElsewhere ?? (account == nil) {
      self.folder = nil
      time = own.dump?.started ?? own.saved
      dump = nil
      isMarked = false
      record = own
      verdict = own.dump?.status == 0 ? .elsewhere : .missing
      return
    }
    guard let account else { return nil }
    self.folder = account.folder
    time = account.time
    dump = account.dump
    isMarked = account.isMarked
    record = account.record
    verdict =
      switch account.dump?.isComplete {
      case true?: .complete
      case false?: .incomplete
      case nil: account.dump == nil ? .missing : .unknown
      }
  }

  /// Whether nothing is wrong with it.
  public var isGood: Bool {
    (verdict == .complete || verdict == .elsewhere) && !isMarked
      && (record?.lost ?? 0) == 0
  }

  /// The account as lines for people.
  public var lines: [String] {
    var rows: [(String, String)] = []
    let when = time.map(dateText) ?? "at a time that is not known"
    rows.append(("capture", when + (folder.map { ", \($0)" } ?? "")))
    rows.append(("dump", dumpLine))
    if isMarked {
      rows.append(("", "MARKED: it has, or may have, lent frames in it"))
    }
    guard let record else {
      rows.append(("record", "none: what oldmem did is not known"))
      return lines(rows)
    }
    rows.append(
      ("lent", record.whatWasLent ?? record.whyNothing ?? "nothing")
    )
    if let most = record.mostSwapped, !record.samples.isEmpty {
      let bytes = most.saturating(times: 1024)
      rows.append(("swap", "\(bytesText(bytes)) at most"))
    }
    if let state = record.state {
      rows.append(
        (
          "health",
          "\(state), \(record.damaged ?? 0) frames damaged, "
            + "\(record.lost ?? 0) reads lost, "
            + "\(record.refused ?? 0) writes refused"
        )
      )
    }
    if let seconds = record.dump?.seconds {
      rows.append(("time", "\(seconds) s for the dump"))
    }
    return lines(rows)
  }

  private func lines(_ rows: [(String, String)]) -> [String] {
    rows.map { name, text in
      name + String(repeating: " ", count: 12 - name.count) + text
    }
  }

  private var dumpLine: String {
    let target = record?.dump?.target ?? "nowhere"
    let status = record?.dump?.status.map { ", status \($0)" } ?? ""
    switch verdict {
    case .elsewhere: return "saved to \(target), by the record; it is not here"
    case .missing:
      return record?.dump == nil
        ? "NONE" : "NONE: it was to go to \(target)\(status)"
    case .complete, .incomplete, .unknown: break
    }
    guard let dump else { return "NONE" }
    let word =
      switch verdict {
      case .complete: "complete"
      case .incomplete: "INCOMPLETE: \(dump.problem ?? "")"
      default: "cannot be judged"
      }
    var line = "\(word), \(dump.name), \(bytesText(dump.bytes))"
    if let level = dump.level { line += ", level \(level)" }
    return line
  }

  /// Adds its figures to those of the host (docs/fleet.md).
  public func add(to metrics: inout Metrics) {
    metrics.add(
      "oldmem_last_capture_seconds",
      "When the last capture was, in seconds since 1970.",
      time.map { UInt64(max(0, $0)) }
    )
    metrics.add(
      "oldmem_last_capture_complete",
      "Whether it left a dump with everything in it; absent where unknown.",
      verdict == .unknown
        ? nil : verdict == .complete || verdict == .elsewhere
    )
    metrics.add(
      "oldmem_last_capture_marked",
      "Whether its dump may have lent frames in it.",
      isMarked
    )
    metrics.add(
      "oldmem_last_capture_dump_bytes",
      "The size of its dump.",
      dump?.bytes
    )
    metrics.add(
      "oldmem_last_capture_lent_bytes",
      "Memory that was lent to it, all copies.",
      record?.lent?.frames.map { $0.saturating(times: 4096) }
    )
    metrics.add(
      "oldmem_last_capture_swap_bytes",
      "The most that was in swap at a time.",
      (record?.samples.isEmpty ?? true)
        ? nil : record?.mostSwapped.map { $0.saturating(times: 1024) }
    )
    metrics.add(
      "oldmem_last_capture_damaged_frames",
      "Lent frames that were found damaged.",
      record?.damaged
    )
    metrics.add(
      "oldmem_last_capture_lost_reads",
      "Reads of swap that found no good copy.",
      record?.lost
    )
  }
}
