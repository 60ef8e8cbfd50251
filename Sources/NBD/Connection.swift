// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Linux

/// One client, or room for one, with a buffer for what comes and one for what
/// goes.
struct Connection: ~Copyable {
  private var inbound: Mapping
  private var outbound: Mapping
  private(set) var stream: Stream?
  private(set) var session = Session(exportSize: 0)
  /// Bytes that have come and were not used.
  private var received = 0
  /// Replies, and how much of them has been sent.
  private var replies = 0
  private var sent = 0
  /// Whether the client has said that no more will come.
  private var isAtEnd = false
  /// Whether something can be done without waiting.
  var isReady = false
  /// What is waited for.
  var interest = Epoll.Interest.input
  /// When the handshake must be over; 0 once it is.
  private(set) var deadline: UInt64 = 0

  /// Room for a client, with two buffers of that size.
  init(byteCount: Int) throws(Errno) {
    let inbound = try Mapping.anonymous(byteCount: byteCount)
    let outbound = try Mapping.anonymous(byteCount: byteCount)
    self.inbound = inbound
    self.outbound = outbound
  }

  /// Whether no reply waits to be sent.
  var isSent: Bool { sent == replies }

  /// Begins with a client; without a deadline for the handshake there is none.
  mutating func open(
    _ stream: Stream,
    exportSize: UInt64,
    deadline: UInt64
  ) {
    self.stream = stream
    session =
      deadline > 0
      ? Session(exportSize: exportSize)
      : Session(transmittingTo: exportSize)
    received = 0
    replies = 0
    sent = 0
    isAtEnd = false
    isReady = true
    interest = .input
    self.deadline = deadline
  }

  /// Ends with the client.
  mutating func close() {
    stream?.close()
    stream = nil
    isReady = false
    deadline = 0
  }

  /// Begins no request any more.
  mutating func end() {
    session.isEnding = true
    isReady = true
  }

  /// What there is to be said of refused requests, once.
  mutating func takeRefusal() -> (Request, Refusal)? { session.takeRefusal() }

  /// Does for the client what can be done without waiting; says why when that
  /// is the end.
  mutating func turn<Device: BlockDevice & ~Copyable>(
    on device: inout Device
  ) -> Farewell? {
    if let farewell = send() { return farewell }
    // Replies that nobody takes are not followed by more.
    guard isSent else { return nil }
    if let farewell = receive() { return farewell }
    let need = advance(on: &device)
    if !session.isShakingHands { deadline = 0 }
    if let farewell = send() { return farewell }
    switch need {
    case .end(let farewell): return farewell
    case .turn, .room:
      isReady = isSent
      return nil
    case .input:
      isReady = false
      // What could not be sent yet is sent before the end.
      guard isSent else { return nil }
      if isAtEnd {
        return received > 0 || session.isInTheMiddle ? .brokenOff : .closed
      }
      guard session.isEnding, received == 0, !session.isInTheMiddle else {
        return nil
      }
      return .shutdown
    }
  }

  private mutating func receive() -> Farewell? {
    guard !isAtEnd, received < inbound.byteCount, let stream else {
      return nil
    }
    do throws(Errno) {
      let got = try stream.receive(into: &inbound, after: received)
      received &+= got
      isAtEnd = got == 0
    } catch {
      guard error == .tryAgain else { return .lost }
    }
    return nil
  }

  /// Answers what has come.
  private mutating func advance<Device: BlockDevice & ~Copyable>(
    on device: inout Device
  ) -> Session.Need {
    let (count, used, need) = converse(
      &session,
      &inbound,
      received,
      &outbound,
      on: &device
    )
    replies = count
    sent = 0
    // The rest, less than a block or an option, moves to the front.
    let rest = received &- used
    if used > 0, rest > 0 { inbound.move(from: used, to: 0, byteCount: rest) }
    received = rest
    return need
  }

  /// Sends what there is of replies; says why not when the client has gone.
  private mutating func send() -> Farewell? {
    guard let stream else { return .lost }
    while sent < replies {
      do throws(Errno) {
        let count = try stream.send(outbound, sent..<replies)
        sent &+= count
      } catch {
        guard error == .tryAgain else { return .lost }
        isReady = false
        return nil
      }
    }
    return nil
  }
}

/// Hands a session what has come, and says how many bytes of replies there
/// are, how many bytes were used, and what is needed next.
private func converse<Device: BlockDevice & ~Copyable>(
  _ session: inout Session,
  _ inbound: inout Mapping,
  _ received: Int,
  _ outbound: inout Mapping,
  on device: inout Device
) -> (Int, Int, Session.Need) {
  var used = 0
  var source = inbound.bytes
  var input = source._mutatingExtracting(first: received)
  var target = outbound.bytes
  var replies = Replies(&target)
  let need = session.advance(
    &input,
    used: &used,
    &replies,
    on: &device
  )
  return (replies.count, used, need)
}

/// A fixed number of connections, changed in place.
///
/// An array's elements are only where nobody else has the array, and a proof
/// that nothing is allocated does not see that.
@safe
public struct ConnectionTable: ~Copyable {
  private let base: UnsafeMutablePointer<Connection>
  /// How many there are.
  private(set) var count = 0

  init(count: Int, byteCount: Int) throws(Errno) {
    unsafe base = .allocate(capacity: count)
    for index in 0..<count {
      let connection = try Connection(byteCount: byteCount)
      // SAFETY: there is room for as many.
      unsafe (base + index).initialize(to: connection)
      self.count = index + 1
    }
  }

  deinit {
    // SAFETY: so many were initialized, and nobody has them any more.
    for index in 0..<count { unsafe base[index].close() }
    unsafe base.deinitialize(count: count)
    unsafe base.deallocate()
  }

  subscript(index: Int) -> Connection {
    _read {
      precondition(index >= 0 && index < count)
      // SAFETY: all below `count` are initialized.
      yield unsafe base[index]
    }
    _modify {
      precondition(index >= 0 && index < count)
      // SAFETY: all below `count` are initialized.
      yield unsafe &base[index]
    }
  }
}
