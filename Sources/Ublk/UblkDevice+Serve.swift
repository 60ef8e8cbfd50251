// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore
internal import Linux

extension UblkDevice {
  /// What a round of serving was about.
  public enum Round: Equatable, Sendable {
    /// Requests were answered, or nothing came in the time given.
    case served
    /// The device has just appeared as /dev/ublkbN, or has a server again.
    case started
    /// The driver has given the tags back: the device is gone.
    case gone
  }

  /// Answers what has come, after waiting up to a second for it; a signal
  /// ends the wait.
  ///
  /// Nothing in here allocates; the daemon has that proved by the compiler.
  public mutating func serve<Device: BlockDevice & ~Copyable>(
    _ device: inout Device,
    waitingUpTo milliseconds: UInt32 = 1000
  ) throws(UblkError) -> Round {
    var round = Round.served
    do throws(Errno) {
      try ring.wait(milliseconds: milliseconds)
    } catch { throw .refused(.serve, error) }
    while let completion = ring.next() {
      if completion.userData == UblkDevice.starting {
        guard completion.result >= 0 else {
          throw .refused(.startDevice, Errno(-completion.result))
        }
        round = .started
        continue
      }
      if completion.userData == UblkDevice.recovering {
        guard completion.result >= 0 else {
          throw .refused(.endRecovery, Errno(-completion.result))
        }
        round = .started
        continue
      }
      // `gone` has said all there is to STOP_DEV.
      if completion.userData == UblkDevice.stopping { continue }
      guard completion.result == 0,
        completion.userData < UInt64(shape.depth)
      else {
        round = .gone
        continue
      }
      let tag = UInt16(truncatingIfNeeded: completion.userData)
      let result = answer(tag, on: &device)
      answers &+= 1
      do throws(Errno) {
        try queue(Operation.commitAndFetch, tag: tag, result: result)
      } catch { throw .refused(.fetch, error) }
    }
    return round
  }

  /// Lets whoever waits have the answers at once; otherwise they go with the
  /// next `serve`.
  public mutating func sendAnswers() { ring.submit() }

  /// Whether a request waits to be served.
  public var isAsked: Bool { ring.isReady }
}
