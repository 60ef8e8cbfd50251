// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Glibc
import Linux
import Testing

@testable import Supervisor

/// Whatever a child does, its parent comes to know in bounded time.
@Suite(.serialized) struct ChildTests {
  private func outcome(
    patience: UInt32 = 20,
    hook: (Step, Int32) -> Void = { _, _ in },
    _ body: (consuming StepReport) -> Int32
  ) throws -> Child.Outcome {
    let child = try Child(body)
    return child.follow(first: .module, patience: patience, hook: hook)
  }

  @Test func doneIsFinished() throws {
    #expect(try outcome { _ in 0 } == .finished)
  }

  @Test func refusalIsRefused() throws {
    #expect(try outcome { _ in Child.refusal } == .refused)
  }

  @Test func aSignalIsNamedWithTheStepThatItHit() throws {
    let found = try outcome { report in
      report.begin(.find)
      report.progress()
      Process(number: Process.own).kill()
      return 0
    }
    #expect(found == .lost(.find, .killed(9)))
  }

  @Test func silenceEndsTheChild() throws {
    let found = try outcome(patience: 1) { report in
      report.begin(.route)
      Clock.sleep(milliseconds: 600_000)
      return 0
    }
    #expect(found == .lost(.route, .silent(1)))
  }

  @Test func whoBearsStopsIsContinuedByTheKernel() throws {
    let found = try outcome(
      hook: { step, child in if step == .find { kill(child, SIGSTOP) } }
    ) { report in
      guard (try? Shield.bearStops()) != nil else { return Child.refusal }
      report.begin(.find)
      return 0
    }
    #expect(found == .finished)
  }

  @Test func readyCarriesTheDevice() throws {
    let found = try outcome { report in
      report.ready(device: .ublk(12))
      return 0
    }
    #expect(found == .ready(.ublk(12)))
  }

  @Test func theHookRunsBeforeTheStep() throws {
    var steps: [Step] = []
    let found = try outcome(hook: { step, _ in steps.append(step) }) {
      report in
      report.begin(.module)
      report.begin(.find)
      return 0
    }
    #expect(found == .finished)
    #expect(steps == [.module, .find])
  }

  @Test func aTrapIsASignalToo() throws {
    let found = try outcome { report in
      report.begin(.serve)
      let numbers: [Int] = []
      return Int32(numbers[Int(Process.own)])
    }
    #expect(found == .lost(.serve, .killed(4)))
  }

  @Test func progressKeepsASlowChildAlive() throws {
    let found = try outcome(patience: 2) { report in
      for _ in 0..<10 {
        Clock.sleep(milliseconds: 300)
        report.progress()
      }
      return 0
    }
    #expect(found == .finished)
  }

  @Test func anExecutedProgramFindsItsEnds() throws {
    let found = try outcome { report in
      let script: Path = #"printf '\3\0\0\0\7\0\0\0' >&100; read -rn1 -u101"#
      _ = report.execute("/bin/bash", arguments: ["bash", "-c", script])
      return 1
    }
    #expect(found == .ready(.ublk(7)))
  }

  @Test func aProgramThatIsNotThereIsSaidToTheChild() throws {
    let found = try outcome { report in
      report.execute("/absent", arguments: ["absent"]) == .noEntry ? 0 : 1
    }
    #expect(found == .finished)
  }

  @Test func aMessageThatIsCutOffEndsTheStory() throws {
    let found = try outcome { report in
      let script: Path = #"printf '\3\0\0' >&100; exit 9"#
      _ = report.execute("/bin/bash", arguments: ["bash", "-c", script])
      return 1
    }
    #expect(found == .refused)
  }

  @Test func everyMessageComesOutAsItWentIn() {
    let steps = (1...7).compactMap { Step(rawValue: $0) }
    #expect(steps.count == 7)
    let messages =
      steps.map { Message.begin($0) }
      + [.progress, .ready(.ublk(0)), .ready(.ublk(12)), .ready(.nbd(0))]
    for message in messages {
      let (kind, number) = message.words
      #expect(Message(kind: kind, number: number) == message)
    }
  }

  @Test func whatIsNotAMessageIsNoMessage() {
    #expect(Message(kind: 0, number: 0) == nil)
    #expect(Message(kind: 1, number: 99) == nil)
    #expect(Message(kind: 4, number: 1) == nil)
  }
}
