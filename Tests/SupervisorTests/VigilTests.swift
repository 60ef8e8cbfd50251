// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Supervisor

/// What a spare notices of its server, its reserve and PID 1.
@Suite(.serialized) struct VigilTests {
  /// A process that does nothing until it is killed.
  private func sleeper() throws -> Process {
    guard let process = try Process.fork() else {
      while true { Clock.sleep(milliseconds: 1000) }
    }
    return process
  }

  private func end(_ process: Process) throws {
    process.kill()
    _ = try process.end(block: true)
  }

  @Test func aHeartBeatsForWhoeverSharesIt() throws {
    let succession = try Succession()
    let value12 = succession.value(.beats)
    #expect(value12 == 0)
    guard let child = try Process.fork() else {
      for _ in 0..<3 { succession.beat() }
      succession.set(.server, 4711)
      Process.exit(0)
    }
    #expect(try child.end(block: true) == .exited(0))
    let value13 = succession.value(.beats)
    #expect(value13 == 3)
    let value14 = succession.value(.server)
    #expect(value14 == 4711)
    let hasSpare = succession.isSet(.spare)
    #expect(!hasSpare)
  }

  @Test func aDeadServerIsNoticedAtOnce() throws {
    let succession = try Succession()
    let server = try sleeper()
    var vigil = Vigil(over: server.number, asksForPermit: false)
    let found1 = vigil.wait(succession, nil)
    #expect(found1 == nil)
    let isOver = vigil.serverEnds(within: 0)
    #expect(!isOver)
    server.kill()
    let found2 = vigil.wait(succession, nil)
    #expect(found2 == .died)
    let isOverNow = vigil.serverEnds(within: 0)
    #expect(isOverNow)
    _ = try server.end(block: true)
    // Nor is one missed that died before anybody watched it.
    var late = Vigil(over: server.number, asksForPermit: false)
    let found3 = late.wait(succession, nil)
    #expect(found3 == .died)
  }

  @Test func aDeadReserveIsNoticedOnce() throws {
    let succession = try Succession()
    let (server, reserve) = (try sleeper(), try sleeper())
    var vigil = Vigil(over: server.number, asksForPermit: false)
    vigil.watch(reserve: reserve.number)
    let found4 = vigil.wait(succession, nil)
    #expect(found4 == nil)
    try end(reserve)
    let found5 = vigil.wait(succession, nil)
    #expect(found5 == .alone)
    let found6 = vigil.wait(succession, nil)
    #expect(found6 == nil)
    try end(server)
  }

  @Test func aHeartThatStandsStillIsNoticedOnceTheDeviceIsInUse() throws {
    let succession = try Succession()
    let server = try sleeper()
    var vigil = Vigil(
      over: server.number,
      asksForPermit: false,
      patience: 2
    )
    for _ in 0..<3 {
      let found = vigil.wait(succession, nil)
      #expect(found == nil)
    }
    succession.set(.committed, 1)
    let found7 = vigil.wait(succession, nil)
    #expect(found7 == nil)
    succession.beat()
    let found8 = vigil.wait(succession, nil)
    #expect(found8 == nil)
    let found9 = vigil.wait(succession, nil)
    #expect(found9 == nil)
    let found10 = vigil.wait(succession, nil)
    #expect(found10 == .hangs)
    try end(server)
  }

  @Test func nobodyStaysWhoIsNotWanted() throws {
    let succession = try Succession()
    var vigil = Vigil(over: Process.own, asksForPermit: false)
    succession.set(.retired, 1)
    let found11 = vigil.wait(succession, nil)
    #expect(found11 == .retired)
  }

  /// Its end is seen together with its word that it was meant.
  @Test func aServerThatRetiresIsNotReplaced() throws {
    let succession = try Succession()
    guard let server = try Process.fork() else {
      Clock.sleep(milliseconds: 200)
      succession.set(.retired, 1)
      Process.exit(0)
    }
    var vigil = Vigil(over: server.number, asksForPermit: false)
    let found = vigil.wait(succession, nil)
    #expect(found == .retired)
    _ = try server.end(block: true)
  }

  /// PID 1's permit, passed on by a child that waits for it; when PID 1 goes
  /// on without, the child has nothing to wait for.
  @Test(arguments: [true, false]) func aPermitCommits(isGiven: Bool) throws {
    let succession = try Succession()
    let server = Process.own
    let child = try Child { report in
      let report: StepReport? = consume report
      var vigil = Vigil(over: server, asksForPermit: true)
      for _ in 0..<5 where vigil.wait(succession, report) == .retired {
        return 7
      }
      return succession.isSet(.committed) ? 8 : 9
    }
    if isGiven { child.permit() }
    let process = child.process
    drop(child, unless: isGiven)
    let end = try process.end(block: true)
    #expect(end == .exited(isGiven ? 8 : 7))
    let isCommitted = succession.isSet(.committed)
    #expect(isCommitted == isGiven)
  }

  /// Closes the pipes to the child, unless they are to stay for a while.
  private func drop(_ child: consuming Child, unless isKept: Bool) {
    if isKept { Clock.sleep(milliseconds: 500) }
  }
}
