// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import KdumpFile
internal import Report

/// All that is known of one crash and of its capture: what `oldmem report`
/// shows, as its `--json` has it.
public struct CaptureAccount: Codable, Sendable {
  /// A class of page, as the crash left it.
  public struct Class: Codable, Sendable {
    /// The class's name, as `oldmem scan` has it.
    public let name: String
    /// Its frames.
    public let frames: UInt64
    /// Those that may be lent.
    public let reusable: UInt64

    /// Puts them together.
    public init(name: String, frames: UInt64, reusable: UInt64) {
      self.name = name
      self.frames = frames
      self.reusable = reusable
    }
  }

  /// A run of frames that was lent.
  public struct Run: Codable, Sendable {
    /// The first of them.
    public let first: UInt64
    /// How many.
    public let count: UInt64
    /// Of which class they were.
    public let pageClass: String
  }

  /// The report's format; a key that changes its meaning changes this.
  public let version: Int
  /// The folder, as it may be shown.
  public let folder: String
  /// When it crashed, or, where that is not told, when that was saved; seconds
  /// since 1970.
  public var time: Int?
  /// The crashed kernel's release.
  public var release: String?
  /// What is in the folder.
  public let files: [CaptureFiles.File]
  /// What crashed.
  public var crash: CrashLog?
  /// What was saved.
  public var dump: SavedDump?
  /// Whether the dump is marked as one that may have lent frames in it.
  public let isMarked: Bool
  /// What memory was, by class; empty where only a vmcore could tell.
  public var classes: [Class] = []
  /// By what rules that was judged, a sentence each.
  public var rules: [String] = []
  /// What was lent, as the list beside the dump has it.
  public let lent: [Run]
  /// What happened in the capture kernel.
  public let record: CaptureRecord?
  /// What is not here, and what would have it, a sentence each.
  public var missing: [String] = []

  /// Physical memory, drawn; not in JSON.
  var map: MapImage?
  /// What was dumped, by address; not in JSON.
  var cells: [DumpCell] = []

  private enum CodingKeys: String, CodingKey {
    case version, folder, time, release, files, crash, dump, isMarked, classes
    case rules, lent, record, missing
  }

  /// A picture, and the style that it brings along.
  struct MapImage: Sendable {
    let svg: String
    let style: String
  }

  /// A stretch of memory.
  struct DumpCell: Sendable {
    let first: UInt64
    let present: UInt64
    let dumped: UInt64
    var lent: UInt64 = 0
  }

  /// Reads what is beside a dump; what a vmcore tells is to be added.
  public init(_ capture: CaptureFiles) {
    version = 1
    folder = printable(capture.folder)
    files = capture.files
    isMarked = capture.isMarked
    let dumpPath = capture.path(capture.dump)
    // It is read once: descriptions of pages may be hundreds of MiB.
    let kdump = dumpPath.flatMap { try? KdumpFile(path: $0) }
    let dump = dumpPath.flatMap {
      SavedDump($0, kdump, isUnfinished: capture.isUnfinished)
    }
    self.dump = dump
    record = capture.path(CaptureFiles.record).flatMap(
      CaptureRecord.init(path:)
    )
    lent = capture.path(CaptureFiles.lent).map(Self.runs(of:)) ?? []
    release = dump?.release
    time =
      dump?.crashed ?? record?.dump?.started ?? record?.saved
      ?? Int(exactly: capture.time.timeIntervalSince1970.rounded(.down))
    crash = capture.path(capture.log).flatMap {
      FileManager.default.contents(atPath: $0)
    }.map { CrashLog(String(decoding: $0, as: UTF8.self)) }
    if let kdump, kdump.isConsistent { cells = Self.cells(of: kdump, lent) }
    if dump == nil { missing.append("There is no dump here.") }
    if capture.path(CaptureFiles.record) == nil {
      missing.append(
        "There is no \(CaptureFiles.record): what oldmem did in the capture "
          + "kernel is not known. The packages save it beside each dump."
      )
    } else if record == nil {
      missing.append("\(CaptureFiles.record) cannot be read, or is damaged.")
    }
    if capture.path(CaptureFiles.lent) == nil,
      record?.lent?.frames ?? 1 > 0
    {
      missing.append(
        "There is no lent-frames: which frames were lent is not known."
      )
    }
  }

  /// The runs of a list, as far as they make sense.
  private static func runs(of path: String) -> [Run] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.utf8.split(separator: 0x0a).compactMap { line in
      let words = printable(String(decoding: line, as: UTF8.self))
        .split(separator: " ")
      guard words.count == 3, let first = UInt64(words[0]),
        let count = UInt64(words[1]), first < 1 << 52, count < 1 << 52
      else { return nil }
      return Run(first: first, count: count, pageClass: String(words[2]))
    }
  }

  /// Memory in a number of stretches that fits a page.
  private static func cells(of dump: KdumpFile, _ lent: [Run]) -> [DumpCell] {
    var size: UInt64 = 256
    while dump.bitCount / size > 240 { size *= 2 }
    var cells: [DumpCell] = []
    dump.forEachCell(of: size) { first, present, dumped in
      var cell = DumpCell(first: first, present: present, dumped: dumped)
      for run in lent {
        let low = max(run.first, first)
        let high = min(run.first + run.count, first + size)
        if low < high { cell.lent = cell.lent.saturating(plus: high - low) }
      }
      cells.append(cell)
    }
    return cells
  }
}

extension CaptureAccount {
  /// Frames of the list, all copies.
  var lentFrames: UInt64 {
    lent.reduce(0) { $0.saturating(plus: $1.count) }
  }

  /// What crashed, in a line.
  public var headline: String {
    crash?.headline ?? "A crash of \(release ?? "a kernel that is not known")"
  }

  /// That time as UTC, as people write it.
  var date: String? { time.map(dateText) }
}

/// Seconds since 1970 as a date and a time, UTC.
func dateText(_ seconds: Int) -> String {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.timeZone = TimeZone(identifier: "UTC")
  formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
  return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
    + " UTC"
}
