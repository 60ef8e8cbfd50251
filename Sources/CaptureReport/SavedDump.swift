// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import KdumpFile
internal import Memory
internal import Report

/// What a dump says of itself, whatever wrote it.
public struct SavedDump: Codable, Sendable {
  /// What kind of file it is.
  public enum Format: String, Codable, Sendable {
    /// An ELF core, of all memory or of chosen pages.
    case elf
    /// makedumpfile's own, or oldmem's.
    case kdump
    /// The same, as makedumpfile -F writes it.
    case flattened
    /// Something else: compressed by another program, or damaged.
    case unknown
  }

  /// Frames by what became of them.
  public struct Frames: Codable, Equatable, Sendable {
    /// Frames that the crashed machine had.
    public let present: UInt64
    /// Those that are in the dump.
    public let dumped: UInt64
  }

  /// Its name, as it may be shown.
  public let name: String
  /// Its size.
  public let bytes: UInt64
  /// What it is.
  public let format: Format
  /// Whether everything is in it; nil where that cannot be told.
  public var isComplete: Bool?
  /// What is wrong with it, in words; nil where nothing is.
  public var problem: String?
  /// makedumpfile's -d; nil where it is not told.
  public let level: Int?
  /// The crashed kernel's release.
  public var release: String?
  /// When it crashed, in seconds since 1970.
  public var crashed: Int?
  /// The machine's name.
  public let host: String?
  /// Its frames, where it tells.
  public let frames: Frames?

  /// Looks at the file at `path`; nil where it cannot be read.
  public init?(path: String, isUnfinished: Bool = false) {
    self.init(path, try? KdumpFile(path: path), isUnfinished: isUnfinished)
  }

  /// The same, where the file has been read already, if it is one that can be.
  init?(_ path: String, _ kdump: KdumpFile?, isUnfinished: Bool) {
    guard let file = FileHandle(forReadingAtPath: path),
      let end = try? file.seekToEnd()
    else { return nil }
    try? file.seek(toOffset: 0)
    let head = [UInt8]((try? file.read(upToCount: 4096)) ?? Data())
    name = printable((path as NSString).lastPathComponent)
    bytes = end
    var problem: String?
    if let dump = kdump {
      format = dump.isFlattened ? .flattened : .kdump
      problem = dump.fault.map(Self.words)
      level = dump.dumpLevel
      release = dump.release.isEmpty ? nil : dump.release
      crashed = dump.information("CRASHTIME").flatMap(Int.init)
      host = dump.host.isEmpty ? nil : dump.host
      let dumped = UInt64(dump.dumpedCount)
      frames =
        dump.isConsistent
        ? Frames(
          present: dumped + UInt64(dump.excludedCount),
          dumped: dumped
        ) : nil
      isComplete = true
    } else {
      let isElf = head.starts(with: [0x7f, 0x45, 0x4c, 0x46])
      format = isElf ? .elf : .unknown
      level = nil
      host = nil
      frames = nil
      isComplete = nil
      if isElf {
        switch Self.end(ofElf: head, file, size: end) {
        case .within: problem = "it ends within its headers"
        case .nowhere: problem = "its headers make no sense"
        case .elsewhere: break
        case .at(let needed):
          isComplete = true
          if needed > end {
            problem = "it is cut short: \(end) of \(needed) bytes"
          }
        }
      }
      let isKdump =
        head.starts(with: "KDUMP   ".utf8)
        || head.starts(with: "makedumpfile".utf8)
      if isKdump { problem = "it ends within its headers or bitmaps" }
      if end == 0 { problem = "it is empty" }
    }
    if isUnfinished, problem == nil {
      problem = "whoever wrote it did not come to the end"
    }
    if problem != nil { isComplete = false }
    self.problem = problem
  }

  private static func words(_ fault: KdumpFile.Fault) -> String {
    switch fault {
    case .incomplete: "its header says that it is incomplete"
    case .cutShort: "it is cut short"
    case .lacksPage: "it lacks a page that it describes"
    case .contradiction:
      "its bitmaps contradict each other: frames are dumped that do not exist"
    case .tooManyPieces: "it is in more pieces than makedumpfile writes"
    }
  }

  /// Where the last segment of an ELF core ends.
  private enum End {
    case at(UInt64)
    /// Not all headers are there.
    case within
    /// A segment ends behind all that a file can have.
    case nowhere
    /// There are more segments than the header can say.
    case elsewhere
  }

  private static func end(
    ofElf head: [UInt8],
    _ file: FileHandle,
    size: UInt64
  ) -> End {
    // SAFETY of both: bytes have no padding that could leak.
    let reader = unsafe ByteReader(head.span.bytes)
    guard let start = try? reader.u64(at: 32),
      let entry = try? reader.u16(at: 54), entry == 56,
      let count = try? reader.u16(at: 56), count > 0
    else { return .within }
    // PN_XNUM: how many there are is in a section header.
    guard count < 0xffff else { return .elsewhere }
    guard start <= size, UInt64(count) * 56 <= size - start,
      (try? file.seek(toOffset: start)) != nil,
      let data = try? file.read(upToCount: Int(count) * 56)
    else { return .within }
    let bytes = [UInt8](data)
    let headers = unsafe ByteReader(bytes.span.bytes)
    var last: UInt64 = 0
    for index in 0..<Int(count) {
      guard let offset = try? headers.u64(at: index * 56 + 8),
        let length = try? headers.u64(at: index * 56 + 32)
      else { return .within }
      let (end, wraps) = offset.addingReportingOverflow(length)
      if wraps { return .nowhere }
      last = max(last, end)
    }
    return .at(last)
  }
}
