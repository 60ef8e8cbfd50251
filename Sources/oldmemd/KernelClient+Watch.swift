// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Supervisor

/// Watching over those who serve.
extension KernelClient {
  /// What has come to its end.
  enum End {
    /// The server was killed, or gave up.
    case died
    /// The server's heart stood still, and it was killed.
    case hung
    /// The kernel has let go of the server's connections, or has not taken
    /// them.
    case deserted
    /// Nobody stands by.
    case alone
    /// The end was requested, or the device was taken away, or PID 1 has gone
    /// on without it.
    case wanted
  }

  /// How many servers in a row may die before one has served for a while.
  private static let deathLimit = 5
  /// How many in a row may serve nobody.
  private static let desertionLimit = 250
  /// What a while is, in nanoseconds.
  private static let probation: UInt64 = 500_000_000
  /// How long the kernel is given to hear of a server's end, in milliseconds.
  ///
  /// It does so in threads that go after a keeper in a hurry, and takes no
  /// connection for one that it believes to be alive.
  private static let mourning: UInt32 = 20
  /// How long a spare is missed before there is another, in milliseconds.
  private static let pause: UInt32 = 1000
  /// How long a killed server may take to end, in milliseconds.
  private static let dyingTime: Int32 = 5000

  /// Replaces whoever has to be, to the end.
  consuming func keep() throws(ServerError) {
    var client = self
    var deaths = 0
    var desertions = 0
    while true {
      let start = Clock.nanoseconds()
      let end: End
      do throws(ServerError) { end = try client.waitForEnd() } catch {
        throw client.giveUp(error)
      }
      if end == .wanted { break }
      if end == .alone {
        client = client.withSpare()
        continue
      }
      // What nobody uses is taken away, so that whoever waits for it goes on.
      guard client.estate.succession.isSet(.committed) else {
        throw client.giveUp(.mortal)
      }
      if Clock.nanoseconds() - start > Self.probation {
        (deaths, desertions) = (0, 0)
      }
      if end == .deserted { desertions += 1 } else { deaths += 1 }
      guard deaths < Self.deathLimit, desertions < Self.desertionLimit else {
        throw client.giveUp(.mortal)
      }
      // The next spare takes the memory that the dead one has given back,
      // before others do who wait for it too.
      client.heir = client.spare.take()
      var attempts = 0
      repeat {
        client = client.withSpare()
        Clock.sleep(milliseconds: Self.mourning)
        attempts += 1
      } while !client.hasSuccessor && attempts < Self.desertionLimit
      do throws(ServerError) { try client.attach() } catch {
        throw client.giveUp(error)
      }
      client.tell(of: end)
    }
    try client.end()
  }

  private func tell(of end: End) {
    let fault: StaticString
    switch end {
    case .died: fault = "the server died"
    case .hung: fault = "the server hung"
    case .deserted, .alone, .wanted: return
    }
    let process = server?.number ?? 0
    estate.voice.log.say("\(fault); process \(process) serves", .problem)
  }

  /// Waits until somebody has to be replaced.
  mutating func waitForEnd() throws(ServerError) -> End {
    guard let server else { return .wanted }
    switch spare {
    case .some(let spare): vigil.watch(reserve: spare.process.number)
    case nil:
      Clock.sleep(milliseconds: Self.pause)
      return .alone
    }
    while !Process.endIsRequested {
      switch vigil.wait(estate.succession, estate.report) {
      case nil: endTrial()
      case .retired: return .wanted
      case .alone:
        if let lost = spare.take() { _ = try? lost.process.end(block: true) }
        return .alone
      case .died:
        guard (try? server.end(block: true)) == .exited(0) else {
          return .died
        }
        return isThere ? .deserted : .wanted
      case .hangs:
        server.kill()
        guard vigil.serverEnds(within: Self.dyingTime) else { throw .mortal }
        _ = try? server.end(block: true)
        return .hung
      }
    }
    return .wanted
  }
}
