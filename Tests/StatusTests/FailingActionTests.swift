// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Foundation
import Health
import Linux
import Testing

@testable import Status

/// The action for failing and the process that takes it.
@Suite(.serialized) struct FailingActionTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "oldmem-action-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder,
      withIntermediateDirectories: true
    )
    return folder
  }

  /// A script that tells how it was called and what it may do.
  private func script(in folder: URL) throws -> (program: Path, told: URL) {
    let told = folder.appending(path: "told")
    let program = folder.appending(path: "program")
    try """
    #!/bin/sh
    echo "$0 $* $(cat /proc/self/oom_score_adj) \\
    $(awk '/SigIgn/ { print $2 }' /proc/self/status)" >> \(told.path)
    """.write(to: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755],
      ofItemAtPath: program.path
    )
    return (Path(Array(program.path.utf8).span), told)
  }

  private func text(_ file: URL) -> String {
    (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }

  private func until(_ isDone: () -> Bool) -> Bool {
    for _ in 0..<200 {
      if isDone() { return true }
      Clock.sleep(milliseconds: 50)
    }
    return false
  }

  /// CAP_SYS_ADMIN, without which no tree of mounts can be entered.
  private static var isPrivileged: Bool {
    guard
      let status = try? String(
        contentsOfFile: "/proc/self/status",
        encoding: .utf8
      )
    else { return false }
    return status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
      .flatMap { UInt64($0.dropFirst(8), radix: 16) }
      .map { $0 & 1 << 21 != 0 } ?? false
  }

  @Test(.enabled(if: isPrivileged)) func failingRunsTheProgramOnce() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (program, told) = try script(in: folder)
    let shared = try SharedHealth()
    var action = FailingAction(program, of: Linux.Process.own)
    #expect(action.state == .waiting)
    let log = Log(.standardError)
    // As a shielded server does.
    try Linux.Process.ignore(signal: 1)

    action.look(shared.page, log: log)
    shared.page.write(try Sample.record(damaged: 9))
    action.look(shared.page, log: log)
    let isTaken = shared.page.isActionTaken
    #expect(!isTaken)
    Clock.sleep(milliseconds: 200)
    #expect(text(told) == "")

    shared.page.write(try Sample.record(lost: 1, damaged: 9))
    action.look(shared.page, log: log)
    let isTakenNow = shared.page.isActionTaken
    #expect(isTakenNow)
    #expect(until { text(told).hasSuffix("\n") })
    // Whoever comes after us finds it done.
    var next = FailingAction(program, of: Linux.Process.own)
    for _ in 0..<10 {
      shared.page.write(try Sample.record(lost: 2, damaged: 9))
      action.look(shared.page, log: log)
      next.look(shared.page, log: log)
      Clock.sleep(milliseconds: 20)
    }
    let place = folder.appending(path: "program").path
    let words = text(told).split(whereSeparator: \.isWhitespace)
    #expect(words.prefix(4) == [place[...], "failing", "lost", "0"])
    try #require(words.count == 5)
    // Those from 32 on are for the C library and for whoever started us.
    let ignored = try #require(UInt64(words[4], radix: 16))
    #expect(ignored & 0x7fff_ffff == 0)
  }

  /// The damage may be there before the capture system is.
  @Test(.enabled(if: isPrivileged)) func theProgramIsWaitedFor() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (program, told) = try script(in: folder)
    let place = folder.appending(path: "program")
    let later = folder.appending(path: "later")
    try FileManager.default.moveItem(at: place, to: later)
    let shared = try SharedHealth()
    shared.page.write(try Sample.record(lost: 1))
    var action = FailingAction(program, of: Linux.Process.own)
    let log = Log(.standardError)
    action.look(shared.page, log: log)
    Clock.sleep(milliseconds: 300)
    #expect(text(told) == "")
    try FileManager.default.moveItem(at: later, to: place)
    #expect(until { text(told).hasSuffix("\n") })
    #expect(
      until {
        action.look(shared.page, log: log)
        return text(told).split(separator: "\n").count == 1
      }
    )
  }

  @Test func withoutAProgramNothingIsDone() throws {
    let shared = try SharedHealth()
    shared.page.write(try Sample.record(lost: 1))
    var action = FailingAction(nil)
    #expect(action.state == .none)
    action.look(shared.page, log: Log(.standardError))
    let isTaken = shared.page.isActionTaken
    #expect(!isTaken)
  }

  /// The witness goes when the server does, however it ends, and not before.
  @Test func theWitnessLivesAsLongAsItsServer() throws {
    let pipe = try Linux.Pipe()
    guard let server = try Linux.Process.fork() else {
      do {
        let shared = try SharedHealth()
        let witness = try Witness(
          shared,
          action: FailingAction(nil),
          log: .standardError
        )
        Clock.sleep(milliseconds: 60_000)
        _ = consume witness
      } catch {}
      _ = consume pipe
      Linux.Process.exit(0)
    }
    // Held by the server and by the witness.
    let end = pipe.takeOutput()
    let isSoon = end.isReadable(within: 500)
    #expect(!isSoon)
    server.kill()
    _ = try server.end(block: true)
    let isOver = end.isReadable(within: 10_000)
    #expect(isOver)
  }
}
