// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// A program that has run to its end: a foreign judge, or one of ours.
public struct ProgramRun {
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String
  /// Its exit status, or below 0 the signal that ended it.
  public let status: Int32

  /// All that it wrote.
  public var all: String { output + errors }

  /// That a program did not end as it should.
  public struct Failure: Error, CustomStringConvertible {
    /// Which program, how it ended, and what it wrote.
    public let description: String
  }

  /// Runs `command`, which is looked for in PATH, and waits for its end.
  public init(
    _ command: [String],
    in folder: String? = nil,
    input: String = ""
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = folder.map { URL(filePath: $0) }
    // Files, not pipes: whoever says much must not wait for us to read it.
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "oldmem-run-\(UUID().uuidString)").path
    let names = ["input", "output", "errors"].map { scratch + "." + $0 }
    defer {
      for name in names { try? FileManager.default.removeItem(atPath: name) }
    }
    let files = names.map { URL(filePath: $0) }
    try Data(input.utf8).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    output = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
    status =
      process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }

  /// The same, of a program that must succeed.
  public init(
    succeeding command: [String],
    in folder: String? = nil,
    input: String = ""
  ) throws {
    self = try ProgramRun(command, in: folder, input: input)
    guard status == 0 else {
      throw Failure(
        description: "\(command.joined(separator: " ")): \(status)\n\(all)"
      )
    }
  }

  /// What a script of bash's prints, which must succeed, as each of its
  /// commands must.
  @discardableResult
  public static func bash(_ script: String, in folder: String) throws -> String
  {
    let words = ["bash", "-e", "-u", "-o", "pipefail", "-c", script]
    return try ProgramRun(succeeding: words, in: folder).output
  }
}
