// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

/// What becomes of children, each forked for the purpose.
@Suite(.serialized) struct ProcessTests {
  private func child(_ body: () -> Int32) throws -> Process {
    guard let process = try Process.fork() else { Process.exit(body()) }
    return process
  }

  @Test func theStatusOfAChildIsItsOwn() throws {
    let process = try child { 42 }
    #expect(try process.end(block: true) == .exited(42))
    // ECHILD: it is gone.
    #expect(throws: Errno(10)) { _ = try process.end(block: false) }
  }

  @Test func aSignalIsTheEndOfAChild() throws {
    let process = try child {
      Clock.sleep(milliseconds: 600_000)
      return 0
    }
    #expect(try process.end(block: false) == nil)
    let watch = try ProcessWatch(process: process.number)
    let hadEnded = watch.ended(within: 0)
    process.kill()
    let hasEnded = watch.ended(within: 60_000)
    #expect(!hadEnded && hasEnded)
    #expect(try process.end(block: true) == .killed(9))
  }

  @Test func anotherProgramTakesTheArguments() throws {
    let process = try child {
      let script: Path = #"test "$0 $1" = "a b" && test $# = 1 && exit 7"#
      _ = Process.execute("/bin/sh", arguments: ["sh", "-c", script, "a", "b"])
      return 1
    }
    #expect(try process.end(block: true) == .exited(7))
  }

  @Test func aProgramThatIsNotThereIsAnError() {
    #expect(
      Process.execute("/absent", arguments: ["absent"]) == Errno.noEntry
    )
  }

  @Test func anIgnoredSignalDoesNothing() throws {
    let process = try child {
      guard (try? Process.ignore(signal: 15)) != nil else { return 1 }
      _ = Process.execute(
        "/bin/sh",
        arguments: ["sh", "-c", "kill $$; exit 5"]
      )
      return 1
    }
    #expect(try process.end(block: true) == .exited(5))
  }

  @Test func aSignalRequestsTheEnd() throws {
    let process = try child {
      guard (try? Process.listenForEnd()) != nil, !Process.endIsRequested
      else { return 1 }
      // Somebody else has to send it.
      let own = Path("\(Process.own)")
      guard let sender = try? Process.fork() else {
        _ = Process.execute("/bin/kill", arguments: ["kill", "-TERM", own])
        return 1
      }
      guard (try? sender.end(block: true)) == .exited(0) else { return 2 }
      return Process.endIsRequested ? 0 : 3
    }
    let end = try process.end(block: true)
    #expect(end == .exited(0))
  }

  @Test func ourOwnArgumentsAreFound() {
    #expect(!Process.arguments().isEmpty)
  }
}
