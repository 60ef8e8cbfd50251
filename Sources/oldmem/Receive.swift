// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import ImagePacker
import RescueReceiver
import RescueStream

/// `oldmem receive`: the other end of what is saved over a network or a serial
/// line.
struct Receive: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes what a crashed machine sends, or finds it on a console.",
    discussion: """
      Over a network each connection becomes a file of its own in the \
      folder OUTPUT, named by time and address, and .part until all has come; a \
      line says what came. \
      With a key nothing else is taken than what is sealed with it; without one \
      logs in plain text are.

      Of a console's log the newest file is written to OUTPUT. Bytes that are \
      missing are said, and the exit status is 3 then.

      Example: oldmem receive --listen 0.0.0.0:4040 --key oldmem.key /var/crash
      Example: oldmem receive --console console.log vmcore.dump
      """
  )

  @Option(
    help: ArgumentHelp(
      "Take connections at ADDRESS:PORT, both numbers.",
      valueName: "address"
    )
  )
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "The key's file, readable by its owner alone.",
      valueName: "file"
    ),
    completion: .file()
  )
  var key: String?

  @Flag(help: "End after the first file; with 3 if that is not all.")
  var once = false

  @Option(
    help: ArgumentHelp(
      "The most bytes of a file. (default: 64G)",
      discussion: "A log in plain text has 64M at most.",
      valueName: "size"
    )
  )
  var limit: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Seconds in which nothing may come. (default: 300)",
      valueName: "seconds"
    )
  )
  var timeout: Int?

  @Option(
    help: ArgumentHelp(
      "Find a file in this console's log; - is standard input.",
      valueName: "file"
    ),
    completion: .file()
  )
  var console: String?

  @Argument(
    help: "The folder for what comes, or the file that is found.",
    completion: .file()
  )
  var output: String

  func validate() throws {
    guard (listen == nil) != (console == nil) else {
      throw ValidationError("One of --listen and --console is needed.")
    }
    guard console == nil || (key == nil && !once && timeout == nil) else {
      throw ValidationError("--key, --once and --timeout belong to --listen.")
    }
    guard (1...86_400).contains(timeout ?? 300) else {
      throw ValidationError("--timeout must be 1 to 86400.")
    }
    guard (limit?.bytes ?? 1) <= 1 << 62 else {
      throw ValidationError("--limit cannot be as much.")
    }
  }

  func run() throws {
    if let listen { try take(at: listen) }
    if let console { try find(in: console) }
  }

  private func take(at place: String) throws {
    var isFolder: ObjCBool = false
    // SAFETY: the flag lives here.
    let isThere = unsafe FileManager.default.fileExists(
      atPath: output,
      isDirectory: &isFolder
    )
    guard isThere, isFolder.boolValue else {
      throw BadInput(path: output, sentence: "is no folder")
    }
    let secret = try key.map(Self.secret)
    let reservoir = try Reservoir(
      at: place,
      folder: output,
      key: secret,
      limit: limit?.bytes ?? 64 << 30,
      idle: .seconds(timeout ?? 300)
    )
    let what = secret == nil ? "logs in plain text" : "what is sealed"
    Self.say("listening at \(reservoir.place) for \(what)")
    let last = reservoir.run(once: once) { Self.say($0.sentence) }
    guard let last else {
      throw BadInput(path: place, sentence: "cannot be listened at any more")
    }
    if !last.isComplete { throw ExitCode(3) }
  }

  private static func secret(in file: String) throws -> StreamKey {
    let text = try RescueKeyFile.read(file)
    guard let key = StreamKey(file: text.span) else {
      throw PackError.notKey(file: file)
    }
    return key
  }

  private func find(in console: String) throws {
    let input: FileHandle
    if console == "-" {
      input = .standardInput
    } else {
      guard let file = FileHandle(forReadingAtPath: console) else {
        throw BadInput(path: console, sentence: "cannot be read")
      }
      input = file
    }
    do {
      var transfer = try ConsoleTransfer(
        to: output,
        limit: limit?.bytes ?? 64 << 30
      )
      while let data = try read(input, console), !data.isEmpty {
        try transfer.take([UInt8](data))
      }
      guard let report = try transfer.finish() else {
        throw BadInput(path: console, sentence: "has no file of oldmem's in it")
      }
      Self.say(report)
      if !report.isComplete { throw ExitCode(3) }
    } catch let error as StorageError {
      throw BadInput(path: error.file, sentence: error.reason)
    }
  }

  private func read(
    _ input: FileHandle,
    _ console: String
  ) throws(BadInput) -> Data? {
    do { return try input.read(upToCount: 1 << 20) } catch {
      throw BadInput(path: console, sentence: "cannot be read: it is no file")
    }
  }

  private static func say(_ report: ConsoleReport) {
    let kind = report.kind == .log ? "log" : "dump"
    let state =
      !report.isComplete
      ? "not all of it"
      : report.isPartial ? "not all of it, as the sender says" : "all of it"
    say("\(kind), \(report.byteCount) bytes, \(state)")
    for range in report.missing {
      let count = range.upperBound - range.lowerBound
      say(
        "missing: bytes \(range.lowerBound) to \(range.upperBound - 1) (\(count))"
      )
    }
    if report.unplaced > 0 {
      say("missing: \(report.unplaced) lines, it is not known where")
    }
    if !report.hasEnd { say("missing: the end") }
  }

  /// At once, whoever reads it.
  private static func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
  }
}

/// `oldmem rescue-key`: a key for both ends.
struct RescueKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue-key",
    abstract: "Makes a key for what is saved over a network.",
    discussion: """
      32 random bytes in hexadecimal digits, in a file that is its owner's \
      alone and must not be there yet. Both machines need it: here as the \
      setting rescue-key, there as --key of `oldmem receive`.

      Example: oldmem rescue-key /etc/oldmem.key
      """
  )

  @Argument(help: "The file.", completion: .file())
  var file: String

  func run() throws {
    try RescueKeyFile.make(file)
    print("rescue-key = \(URL(fileURLWithPath: file).path)")
  }
}
