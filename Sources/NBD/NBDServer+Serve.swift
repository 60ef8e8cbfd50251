// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore
internal import Linux

extension NBDServer {
  /// Serves whoever is there, after waiting for somebody; a signal ends the
  /// wait.
  ///
  /// Nothing in here allocates; the daemon has that proved by the compiler.
  public mutating func serve<Device: BlockDevice & ~Copyable>(
    _ device: inout Device,
    waitingUpTo milliseconds: UInt32 = 1000
  ) throws(NBDError) {
    var isBusy = false
    for index in 0..<connections.count where connections[index].isReady {
      isBusy = true
    }
    var tags = Epoll.Tags(repeating: 0)
    let found: Int
    do throws(Errno) {
      found = try epoll.wait(
        milliseconds: isBusy ? 0 : Int32(clamping: milliseconds),
        into: &tags
      )
    } catch { throw .wait(error) }
    for number in 0..<found {
      if tags[number] == Self.listening {
        accept()
      } else {
        connections[Int(tags[number])].isReady = true
      }
    }
    var isTimed = pausedUntil > 0
    for index in 0..<connections.count {
      if connections[index].isReady { turn(index, on: &device) }
      if connections[index].deadline > 0 { isTimed = true }
    }
    if isTimed { lookAtTheClock() }
  }

  /// Ends handshakes that take too long, and a pause.
  private mutating func lookAtTheClock() {
    let now = Clock.nanoseconds()
    for index in 0..<connections.count {
      let deadline = connections[index].deadline
      if deadline > 0, now > deadline { close(index, .late) }
    }
    if pausedUntil > 0, now > pausedUntil, !isEnding {
      pausedUntil = 0
      watchListener(for: .input)
    }
  }

  /// Takes in those who knock.
  private mutating func accept() {
    for _ in 0..<connections.count {
      do throws(Errno) {
        guard let stream = try knocking() else { return }
        admit(stream)
      } catch {
        if error == .tryAgain { return }
        // One who has gone already is nothing; whatever else the kernel is
        // short of, it will be for a while.
        if error == .connectionAborted { continue }
        pausedUntil = Clock.nanoseconds() &+ Self.pause
        watchListener(for: .end)
        return
      }
    }
  }

  private func knocking() throws(Errno) -> Stream? {
    switch listener {
    case .some(let listener):
      try listener.accept(sendBuffer: shape.sendBuffer)
    case nil: nil
    }
  }

  private mutating func admit(_ stream: Stream) {
    for index in 0..<connections.count where connections[index].stream == nil {
      do throws(Errno) {
        try epoll.add(stream, tag: UInt32(truncatingIfNeeded: index))
      } catch {
        return stream.close()
      }
      connections[index].open(
        stream,
        exportSize: exportSize,
        deadline: Clock.nanoseconds() &+ Self.patience
      )
      return
    }
    notes.put(.ended(.noRoom))
    stream.close()
  }

  private mutating func close(_ index: Int, _ farewell: Farewell) {
    if let stream = connections[index].stream { epoll.remove(stream) }
    connections[index].close()
    if farewell.message != nil { notes.put(.ended(farewell)) }
  }

  private mutating func turn<Device: BlockDevice & ~Copyable>(
    _ index: Int,
    on device: inout Device
  ) {
    let farewell = connections[index].turn(on: &device)
    if let refused = connections[index].takeRefusal() {
      notes.put(.refused(refused.0, refused.1))
    }
    if let farewell { return close(index, farewell) }
    // Who does not take replies is not asked for requests.
    let interest: Epoll.Interest = connections[index].isSent ? .input : .output
    guard interest != connections[index].interest,
      let stream = connections[index].stream
    else { return }
    connections[index].interest = interest
    do throws(Errno) {
      try epoll.watch(
        stream,
        tag: UInt32(truncatingIfNeeded: index),
        for: interest
      )
    } catch { close(index, .lost) }
  }
}
