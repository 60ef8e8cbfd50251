// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import TestPrograms

/// The vmcore of a machine that the lab crashed.
struct CapturedVMCore {
  let path: String
  /// Removes the file with the last of its owners, where it is a copy.
  var copy: TemporaryPath?

  var name: String { URL(fileURLWithPath: path).lastPathComponent }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// All that the lab has left, at least one.
  static func all() throws -> [CapturedVMCore] {
    let folder = root + "/.build/lab/vmcores"
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    let vmcores = (names ?? []).sorted().filter { $0.hasSuffix("vmcore") }
      .map { CapturedVMCore(path: folder + "/" + $0) }
    guard !vmcores.isEmpty else {
      throw Missing(
        description: "no vmcore in \(folder): "
          + "`build/bin/oldmem-lab run capture-vmcore` makes one"
      )
    }
    return vmcores
  }

  /// A line of `oldmem scan`'s lists.
  struct Run {
    let start: UInt64
    let count: UInt64
    /// The class, and the veto behind it.
    let words: String

    func count(inAnyOf ranges: [Run]) -> UInt64 {
      ranges.reduce(0) { sum, other in
        let low = max(start, other.start)
        let high = min(start + count, other.start + other.count)
        return sum + (low < high ? high - low : 0)
      }
    }

    func overlaps(anyOf ranges: [Run]) -> Bool { count(inAnyOf: ranges) > 0 }
  }

  struct Scan {
    /// In order of address.
    let reusable: [Run]
    let kept: [Run]
  }

  /// Those of `all` that have beside them what the machine said of its frames.
  static func withFacts() throws -> [CapturedVMCore] {
    let vmcores = try all().filter {
      FileManager.default.fileExists(atPath: $0.path + ".facts")
    }
    guard !vmcores.isEmpty else {
      throw Missing(description: "no vmcore has facts: `make vmcores`")
    }
    return vmcores
  }

  /// The frames of which the machine said that they are of this kind.
  func told(_ kind: String) throws -> [Run] {
    let facts = try String(contentsOfFile: path + ".facts", encoding: .utf8)
    let key = "frames-\(kind) "
    guard
      let line = facts.split(separator: "\n").first(where: {
        $0.hasPrefix(key)
      })
    else { return [] }
    return try line.dropFirst(key.count).split(separator: " ").map { word in
      let numbers = word.split(separator: "+").compactMap { UInt64($0) }
      guard numbers.count == 2 else {
        throw Missing(description: "no frames: \(word)")
      }
      return Run(start: numbers[0], count: numbers[1], words: kind)
    }
  }

  /// What an oldmem command prints of the file.
  func oldmem(_ arguments: [String]) throws -> String {
    try Self.run([Self.oldmem] + arguments + [path])
  }

  /// How an oldmem command ends, well or not.
  static func status(of arguments: [String]) throws -> Int32 {
    try ProgramRun([oldmem] + arguments).status
  }

  /// What a judge of lab/judges says of what oldmem makes of the file.
  func judged(by judge: String) throws -> String {
    let program = Self.root + "/lab/judges/" + judge
    return try Self.run([program, Self.oldmem, path])
  }

  /// A copy that shares all blocks but those of its head, where the symbols
  /// by which the kernel's types are found are made unreadable.
  func withoutSymbols() throws -> CapturedVMCore {
    let copy = TemporaryPath("vmcore")
    try Self.run(["cp", "--sparse=always", "--reflink=auto", path, copy.path])
    let url = URL(fileURLWithPath: copy.path)
    let file = try FileHandle(forUpdating: url)
    defer { try? file.close() }
    let head = try file.read(upToCount: 1 << 20) ?? Data()
    let wanted = Data("SYMBOL(kallsyms_names)".utf8)
    guard let place = head.range(of: wanted) else {
      throw Missing(description: "\(name) names no symbol table")
    }
    try file.seek(toOffset: UInt64(place.lowerBound))
    try file.write(contentsOf: Data(repeating: 0x23, count: wanted.count))
    return CapturedVMCore(path: copy.path, copy: copy)
  }

  /// What `oldmem scan` says of every frame at a dump level, for the
  /// makedumpfile that judges or for another version.
  func scan(level: Int, makedumpfile: String? = nil) throws -> Scan {
    let frames = TemporaryPath("frames")
    let kept = TemporaryPath("kept")
    var command = [Self.oldmem, "scan", "--dump-level", "\(level)"]
    command += ["--frames", frames.path, "--kept", kept.path, path]
    command += ["--makedumpfile", try makedumpfile ?? Self.judgeVersion()]
    try Self.run(command)
    return Scan(
      reusable: try Self.runs(of: frames.path),
      kept: try Self.runs(of: kept.path)
    )
  }

  private static func runs(of path: String) throws -> [Run] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let start = UInt64(words[0]),
        let count = UInt64(words[1])
      else { throw Missing(description: "no line of a list: \(line)") }
      return Run(start: start, count: count, words: String(words[2]))
    }
    .sorted { $0.start < $1.start }
  }

  /// What makedumpfile dumps at a dump level.
  func dump(level: Int) throws -> KdumpFile {
    let dump = TemporaryPath("dump")
    try Self.run([Self.judge, "-l", "-d", "\(level)", path, dump.path])
    return try KdumpFile(path: dump.path)
  }

  private static var judge: String {
    ProcessInfo.processInfo.environment["MAKEDUMPFILE"] ?? "makedumpfile"
  }

  private static func judgeVersion() throws -> String {
    // makedumpfile: version 1.7.2 (released on 16 Nov 2022)
    let words = try run([judge, "-v"]).split(whereSeparator: \.isWhitespace)
    guard let index = words.firstIndex(of: "version"), index + 1 < words.count
    else { throw Missing(description: "\(judge) has no version") }
    return String(words[index + 1])
  }

  /// The package, two folders up from this one.
  static var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// The oldmem that was built with the tests, beside them.
  static var oldmem: String {
    URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().path + "/oldmem"
  }

  /// The daemon that `make daemon` left.
  static var oldmemd: String { root + "/build/bin/oldmemd" }

  /// Runs a command to its end and returns what it prints.
  @discardableResult
  static func run(_ command: [String]) throws -> String {
    try ProgramRun(succeeding: command).all
  }
}

/// A path under .build that is removed with its owner.
final class TemporaryPath {
  let path: String

  init(_ name: String) {
    path = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)-\(name)"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
