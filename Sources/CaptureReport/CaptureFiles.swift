// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Foundation
internal import Report

// What kdump-tools and kdump-utils leave in a folder of a capture, and what
// oldmem's packages put there:
//
//     dump.STAMP, vmcore, vmcore.flat, vmcore.STAMP   the dump
//     dump-incomplete, vmcore-incomplete              the same, while it is written
//     dmesg.STAMP, vmcore-dmesg.txt                   the crashed kernel's log
//     oldmem-record.json                              docs/record-json.md
//     lent-frames, HOLDS-LENT-FRAMES                  docs/integration.md

/// The files of one capture.
public struct CaptureFiles: Sendable {
  /// One of them.
  public struct File: Codable, Equatable, Sendable {
    /// Its name in the folder, as it may be shown.
    public let name: String
    /// Its size.
    public let bytes: UInt64
    /// What it is, in words.
    public let meaning: String
  }

  /// Names of oldmem's.
  public static let record = "oldmem-record.json"
  static let lent = "lent-frames"
  static let mark = "HOLDS-LENT-FRAMES"

  /// The folder.
  public let folder: String
  /// All of its files that belong to the capture, by name.
  public let files: [File]
  /// Their names, as they are.
  private let names: [String]
  /// When the newest of them was written.
  public let time: Date
  /// The dump's name; nil where there is none.
  public let dump: String?
  /// Whether that name says that the dump was never finished.
  public let isUnfinished: Bool
  /// The name of the crashed kernel's log; nil where there is none.
  public let log: String?

  /// The files of a folder; nil where there is nothing of a capture in it.
  ///
  /// - Parameter dump: the file that is the dump, where somebody has named it.
  public init?(_ folder: String, dump named: String? = nil) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))
    var files: [File] = []
    var found: [String] = []
    var time = Date.distantPast
    for name in (names ?? []).sorted() {
      let path = folder + "/" + name
      guard
        let meaning = name == named ? "the dump" : Self.meaning(of: name),
        let facts = try? FileManager.default.attributesOfItem(atPath: path),
        facts[.type] as? FileAttributeType == .typeRegular
          || name == named
      else { continue }
      let size = (facts[.size] as? NSNumber)?.uint64Value ?? 0
      found.append(name)
      files.append(File(name: printable(name), bytes: size, meaning: meaning))
      time = max(time, facts[.modificationDate] as? Date ?? time)
    }
    guard !files.isEmpty else { return nil }
    func first(_ meaning: String) -> String? {
      files.firstIndex { $0.meaning == meaning }.map { found[$0] }
    }
    self.folder = folder
    self.files = files
    self.names = found
    self.time = time
    dump = named ?? first("the dump") ?? first(Self.unfinished)
    isUnfinished = dump.map { $0.contains("incomplete") } ?? false
    log = first("the crashed kernel's log")
  }

  private static let unfinished = "a dump that was not finished"

  private static func meaning(of name: String) -> String? {
    switch name {
    case record: "what happened in the capture kernel"
    case lent: "the frames that were lent"
    case mark: "a mark: the dump has, or may have, lent frames in it"
    case "vmcore-dmesg.txt": "the crashed kernel's log"
    case "vmcore-dmesg-incomplete.txt", "kexec-dmesg.log": "a log"
    case "dump", "vmcore": "the dump"
    case _ where name.hasSuffix(".facts"): nil
    case _ where name.hasPrefix("dmesg."): "the crashed kernel's log"
    case _ where name.hasPrefix("dump."): "the dump"
    case _ where name.hasPrefix("vmcore."): "the dump"
    case _ where name.hasPrefix("dump-incomplete"): unfinished
    case _ where name.hasPrefix("vmcore-incomplete"): unfinished
    default: nil
    }
  }

  /// The path of a file of that name; nil where there is none.
  public func path(_ name: String?) -> String? {
    names.first { $0 == name }.map { folder + "/" + $0 }
  }

  /// Whether the dump has, or may have, lent frames in it.
  public var isMarked: Bool { path(Self.mark) != nil }

  /// The newest capture in a folder or in one of its folders; nil where there
  /// is none.
  public static func newest(below folder: String) -> CaptureFiles? {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    let places = [folder] + (names ?? []).sorted().map { folder + "/" + $0 }
    return places.compactMap { CaptureFiles($0) }.max { $0.time < $1.time }
  }
}
