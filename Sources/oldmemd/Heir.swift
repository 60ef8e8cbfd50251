// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Devices
import Linux
import Supervisor
import Ublk

/// Those who stand by a server: the spare, which takes over when the server
/// dies or hangs, and the reserve, which becomes the spare when the server or
/// the spare is gone.
///
/// A server never forks: that takes memory, which may have to come from the
/// very swap that it serves. So the spare forks the reserve; when a spare has
/// taken over, its reserve becomes the next spare, and forks the next reserve,
/// while there is a server again.
enum Heir {
  /// SIGCHLD: who ignores it leaves no dead children to be waited for.
  static let childEnded: Int32 = 17

  /// The life of a process that has just been forked to be the spare of the
  /// server of that number.
  static func standBy(
    _ estate: consuming Estate,
    server: Int32
  ) -> Never {
    do throws(Errno) {
      try estate.rest.frames.reserveAgain()
    } catch {
      estate.rest.voice.log.say(sentence(of: .process(error)), .problem)
      Process.exit(Child.refusal)
    }
    become(spareOf: server, estate)
  }

  /// The life of a process that has just been forked to be the reserve.
  static func wait(
    _ estate: consuming Estate,
    server: Int32,
    spare: Int32
  ) -> Never {
    Process.setName("oldmemd-reserve")
    do throws(Errno) {
      try estate.rest.frames.reserveAgain()
      try estate.rest.renewShield()
      try estate.rest.standToAttention(.reserve)
    } catch {
      estate.rest.voice.log.say(sentence(of: .process(error)), .problem)
      Process.exit(Child.refusal)
    }
    // What it will not use is not worth having twice.
    try? Kernel.lockMemory(.asItComes)
    let end = ends(of: server, spare, estate.rest.succession)
    if estate.rest.succession.isSet(.retired) { Process.exit(0) }
    switch end {
    // The spare is the server then.
    case .server: become(spareOf: spare, estate)
    case .spare: become(spareOf: server, estate)
    }
  }

  private enum Lost { case server, spare }

  /// Waits until one of the two has ended, or nobody is wanted any more.
  private static func ends(
    of server: Int32,
    _ spare: Int32,
    _ succession: borrowing Succession
  ) -> Lost {
    // One that has ended already cannot be watched.
    guard let first = try? ProcessWatch(process: server) else {
      return .server
    }
    guard let second = try? ProcessWatch(process: spare) else {
      return .spare
    }
    while !succession.isSet(.retired) {
      let ready = Poll.wait(
        for: [first.number, second.number, -1],
        milliseconds: 1000
      )
      if ready & 1 != 0 { return .server }
      if ready & 2 != 0 { return .spare }
    }
    return .spare
  }

  private static func become(
    spareOf server: Int32,
    _ estate: consuming Estate
  ) -> Never {
    let log = estate.rest.voice.log.duplicate()
    do throws(ServerError) {
      let spare = try Spare(of: server, estate)
      spare.live()
    } catch {
      log.say(sentence(of: error), .problem)
      // The reserve is next, which may fail as fast.
      Clock.sleep(milliseconds: 1000)
      Process.exit(Child.refusal)
    }
  }

  private static func sentence(of error: ServerError) -> Line {
    "nobody stands by: \(error.sentence)"
  }
}

/// Who goes before whom.
enum Urgency: Int32 {
  /// Whoever gets ready, with the memory that a dead server has given back,
  /// before anybody else takes that.
  case reserve = 1
  case spare = 2
}

extension Estate.Rest {
  /// Whether this is a capture kernel, with a PID 1 of ours.
  var isLent: Bool {
    switch report {
    case .some: true
    case nil: false
    }
  }

  /// Whether PID 1 has yet to say that the device is in use.
  var asksForPermit: Bool { isLent && !succession.isSet(.committed) }

  /// Whether PID 1 uses the device; nil as long as it has not said so.
  var permit: Bool? {
    switch report {
    case .some(let report): report.permit
    case nil: nil
    }
  }

  /// Lets a new server begin before this process does what takes time, but
  /// takes what memory that will need at once: it is what the dead one has
  /// given back, and others wait for it too.
  func letServe(_ server: Int32) throws(Errno) {
    guard isLent, succession.isSet(.ready) else { return }
    let tables = Int(frames.slotCount) * 8 + 1 << 16
    let memory = try Mapping.anonymous(byteCount: tables)
    for _ in 0..<250 {
      if succession.value(.serving) == UInt64(server.magnitude) { break }
      Clock.sleep(milliseconds: 2)
    }
    drop(memory)
  }

  private func drop(_ memory: consuming Mapping) {}

  /// Makes this process go before ordinary ones, and never wait for I/O when
  /// it needs memory; the one that serves, or is next to it, before the others.
  func standToAttention(_ urgency: Urgency) throws(Errno) {
    guard isLent else { return }
    try Kernel.setInputOutputFlusher()
    try Process.setUrgency(urgency.rawValue)
  }

  /// Protects a process that was forked, where its parent was protected.
  func renewShield() throws(Errno) { if isLent { try Shield.renew() } }
}
