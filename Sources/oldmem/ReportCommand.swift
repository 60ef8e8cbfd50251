// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import CaptureReport
import Foundation
import MapPicture
import Memory
import MemoryMap
import PageClasses
import Rescue
import VMCore

/// `oldmem report`: one crash and its capture on one page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Tells of one crash: what crashed, what was saved, what was lent.",
    discussion: """
      Reads a folder of /var/crash, or a core file and what is beside it. \
      Whatever is there is used, and what is missing is said. On a terminal it \
      is text, elsewhere one HTML page that needs nothing else. Details: \
      docs/report.md.

      Example: oldmem report --output report.html /var/crash/202611302015
      """
  )

  @Flag(help: "Write one HTML page.")
  var html = false

  @Flag(help: "Write plain text.")
  var text = false

  @Flag(help: "Write JSON (docs/report.md).")
  var json = false

  @OptionGroup var target: OutputOptions

  @OptionGroup var options: SearchOptions

  @Argument(
    help: "A folder of a capture, or a core file.",
    completion: .file()
  )
  var place: String

  func validate() throws {
    guard [html, text, json].count(where: { $0 }) < 2 else {
      throw ValidationError("--html, --text and --json exclude each other.")
    }
  }

  func run() throws {
    // Who has closed the pipe is an error like others.
    signal(SIGPIPE, SIG_IGN)
    let isTerminal = target.isTerminal
    let sink = try target.file()
    let account = try account()
    if json {
      try sink.write(try encoded(account) + "\n")
    } else if text || isTerminal && !html {
      try sink.write(account.text)
    } else {
      try sink.write(CapturePage(account).html)
    }
  }

  private func account() throws -> CaptureAccount {
    var isFolder: ObjCBool = false
    guard
      // SAFETY: a flag is written to a variable that lives here.
      unsafe FileManager.default.fileExists(
        atPath: place,
        isDirectory: &isFolder
      )
    else { throw BadInput(path: place, sentence: HostFile.text(ENOENT)) }
    let url = URL(fileURLWithPath: place)
    let folder =
      isFolder.boolValue ? place : url.deletingLastPathComponent().relativePath
    let name = isFolder.boolValue ? nil : url.lastPathComponent
    guard let capture = CaptureFiles(folder, dump: name) else {
      throw BadInput(
        path: place,
        sentence: "has no dump, no log and no record: it is the folder of one "
          + "capture that is needed, such as those in /var/crash"
      )
    }
    var account = CaptureAccount(capture)
    guard let path = capture.path(capture.dump) else { return account }
    if account.dump?.format == .elf {
      try read(path, &account)
    } else {
      account.missing.append(
        "Memory by class, and the map, need a copy of all of /proc/vmcore: a "
          + "filtered dump has no struct page of what it leaves out."
      )
    }
    if account.crash == nil {
      account.missing.append(
        "The crashed kernel's log is not beside the dump; crash and drgn show it."
      )
    }
    return account
  }

  /// Adds what a vmcore tells of itself.
  private func read(_ path: String, _ account: inout CaptureAccount) throws {
    let kernel: CrashedKernel
    do { kernel = try CrashedKernel(path) } catch {
      account.dump?.isComplete = false
      account.dump?.problem = error.sentence
      return
    }
    account.release = kernel.string("OSRELEASE")
    account.dump?.release = account.release
    account.dump?.crashed = kernel.string("CRASHTIME").flatMap(Int.init)
    if let time = account.dump?.crashed { account.time = time }
    if account.crash == nil { account.crash = Self.log(of: kernel) }
    do {
      let (map, tally) = try MapCommand.map(of: path, options)
      account.add(
        map,
        PageClass.allCases.map {
          .init(
            name: "\($0.name)",
            frames: tally[$0],
            reusable: tally[$0, nil]
          )
        }
      )
    } catch let error as BadInput {
      account.missing.append("Memory by class: \(error.sentence).")
    }
  }

  private static func log(of kernel: borrowing CrashedKernel) -> CrashLog? {
    var log = LogText(TextSink(), LogStyle())
    guard
      (try? KernelLog.read(in: kernel.core, kernel.info, kernel.layout, &log))
        != nil, let sink = log.finish()
    else { return nil }
    return CrashLog(String(decoding: sink.bytes, as: UTF8.self))
  }
}

/// What is written, in memory.
private struct TextSink: ByteSink {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ more: RawSpan) -> Bool {
    for index in 0..<more.byteCount { bytes.append(more.byte(index)) }
    return true
  }
}
