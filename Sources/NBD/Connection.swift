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
  /// Where the bytes are that have come and were not used.
  private var first = 0
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

  /// How many steps are taken for a client before it is the next one's turn: a
  /// megabyte of data.
  private static let steps = 8
  /// Replies are sent when there are so many bytes of them, or none to come.
  private static let leastSent = 65536
  /// So many bytes are moved to the front of the buffer, when its second half
  /// has been begun.
  private static let mostMoved = 65536

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
    first = 0
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
    var need = Session.Need.turn
    var steps = 0
    // What comes meanwhile is taken between two steps, so that a client with
    // much to send sends while its data is being stored.
    while need == .turn, steps < Self.steps {
      steps &+= 1
      if let farewell = receive() { return farewell }
      need = advance(on: &device)
      let goesOn = need == .turn && steps < Self.steps
      if goesOn, replies < Self.leastSent { continue }
      if let farewell = send() { return farewell }
      guard isSent else { break }
    }
    if !session.isShakingHands { deadline = 0 }
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
        return received > first || session.isInTheMiddle ? .brokenOff : .closed
      }
      guard session.isEnding, received == first, !session.isInTheMiddle else {
        return nil
      }
      return .shutdown
    }
  }

  private mutating func receive() -> Farewell? {
    if first == received { (first, received) = (0, 0) }
    let rest = received &- first
    if first > 0, rest <= Self.mostMoved,
      inbound.byteCount &- received < inbound.byteCount / 2
    {
      inbound.move(from: first, to: 0, byteCount: rest)
      (first, received) = (0, rest)
    }
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
    if isSent { (sent, replies) = (0, 0) }
    let (count, used, need) = converse(
      &session,
      &inbound,
      first..<received,
      &outbound,
      after: replies,
      on: &device
    )
    replies = count
    first &+= used
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
  _ unused: Range<Int>,
  _ outbound: inout Mapping,
  after replied: Int,
  on device: inout Device
) -> (Int, Int, Session.Need) {
  var used = 0
  var source = inbound.bytes
  var input = source._mutatingExtracting(unused)
  var target = outbound.bytes
  var replies = Replies(&target, count: replied)
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
