// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// One client's conversation: what has come is turned into what is to be sent.
///
/// Nothing in here waits, allocates or makes a system call; whoever has the
/// connection brings the bytes in pieces of any size, and sends the replies.
/// Requests are answered in the order in which they came.
public struct Session {
  /// What the conversation is about at the moment.
  enum Phase: Equatable {
    case greeting
    case clientFlags
    case option
    case optionData(option: UInt32, count: Int)
    case skippedOption(option: UInt32, count: Int)
    case request
    case work(Work)
    case ended(Farewell)
  }

  /// A request that takes more than one step: its data comes or goes in
  /// pieces, or it is about many blocks.
  struct Work: Equatable {
    enum Kind: Equatable {
      /// Data goes in chunks, each verified before its header is put.
      case readChunks
      /// All data is verified, for the header promises what comes later.
      case verify(length: UInt32)
      /// Data goes, after such a header.
      case readRest
      case write
      /// A write that was refused: its data is taken and dropped.
      case drop
      case trim
      case zero
    }

    var kind: Kind
    let cookie: UInt64
    /// The next byte.
    var offset: UInt64
    /// How many bytes are left.
    var rest: UInt32
    var failure: Refusal?
  }

  /// What is needed before there can be more.
  public enum Need: Equatable, Sendable {
    /// More bytes from the client.
    case input
    /// Room for replies.
    case room
    /// Another turn: others are to have theirs meanwhile.
    case turn
    /// Nothing: the connection is over.
    case end(Farewell)
  }

  /// The least that a buffer for input, and one for replies, must have.
  public static let leastBuffer = 16384

  let exportSize: UInt64
  var phase = Phase.greeting
  var agreement = Agreement()
  var options = 0
  /// Whether the server is about to end: nobody's request is begun any more.
  public var isEnding = false
  /// The last request that was refused, and why, until somebody takes it.
  var refused: (Request, Refusal)?

  /// A conversation that has not begun.
  public init(exportSize: UInt64) { self.exportSize = exportSize }

  /// One without a handshake: the client knows all that it has to, as the
  /// kernel does, and sends requests.
  init(transmittingTo exportSize: UInt64) {
    self.exportSize = exportSize
    phase = .request
  }

  /// Whether the client has yet to choose the export.
  public var isShakingHands: Bool {
    switch phase {
    case .greeting, .clientFlags, .option, .optionData, .skippedOption: true
    case .request, .work, .ended: false
    }
  }

  /// Whether a request's or an option's end has yet to come.
  var isInTheMiddle: Bool {
    switch phase {
    case .optionData, .skippedOption, .work: true
    case .greeting, .clientFlags, .option, .request, .ended: false
    }
  }

  /// What there is to be said of refused requests, once.
  public mutating func takeRefusal() -> (Request, Refusal)? {
    guard let refused else { return nil }
    self.refused = nil
    return refused
  }

  /// Takes what it can of `input`, adds its length to `used`, and puts what is
  /// to be sent, up to a turn's worth of work.
  ///
  /// `input` is not changed; it is the caller's own for as long as this takes.
  mutating func advance<Device: BlockDevice & ~Copyable>(
    _ input: inout MutableRawSpan,
    used: inout Int,
    _ replies: inout Replies,
    on device: inout Device
  ) -> Need {
    var turn = Turn()
    while true {
      if case .ended(let farewell) = phase { return .end(farewell) }
      guard turn.work > 0 else { return .turn }
      if let need = step(&input, &used, &replies, &turn, on: &device) {
        return need
      }
    }
  }

  /// What is done for a client before its connection is looked at again: 128
  /// KiB of data, or as much as takes about as long.
  struct Turn {
    /// Blocks of data that are left.
    var work = 32
    /// So many blocks are let go of in the time of one that is written.
    static let cleared = 32
    /// So many are looked at for their being there.
    static let queried = 512
  }

  /// One step; nil when the next one can be taken at once.
  private mutating func step<Device: BlockDevice & ~Copyable>(
    _ input: inout MutableRawSpan,
    _ used: inout Int,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    let place = used
    let left = input.byteCount &- place
    switch phase {
    case .greeting:
      guard replies.room >= Limit.reply else { return .room }
      replies.put(Magic.greeting)
      replies.put(Magic.option)
      replies.put(UInt16(truncatingIfNeeded: HandshakeFlags.all))
      phase = .clientFlags
    case .clientFlags:
      guard left >= HeaderSize.clientFlags else { return .input }
      used &+= HeaderSize.clientFlags
      take(clientFlags: input.bigEndian(at: place, as: UInt32.self))
    case .option:
      guard replies.room >= Limit.reply else { return .room }
      guard left >= HeaderSize.option else { return .input }
      used &+= HeaderSize.option
      takeOption(input, at: place)
    case .optionData(let option, let count):
      guard replies.room >= 2 &* Limit.reply else { return .room }
      guard left >= count else { return .input }
      used &+= count
      turn.work &-= 1
      phase = .option
      answer(option, input, in: place..<place &+ count, &replies)
    case .skippedOption(let option, let count):
      guard replies.room >= Limit.reply else { return .room }
      let step = min(count, left)
      used &+= step
      guard step == count else {
        phase = .skippedOption(option: option, count: count &- step)
        return .input
      }
      phase = .option
      replies.put(.tooBig, to: option, "more data than an option needs")
    case .request:
      guard replies.room >= Limit.reply else { return .room }
      guard left >= HeaderSize.request else { return .input }
      guard let request = Request.decode(input, at: place) else {
        phase = .ended(.requestMagic)
        return nil
      }
      used &+= HeaderSize.request
      begin(request, &replies, &turn, on: &device)
    case .work(var work):
      let need = carryOn(&work, &input, &used, &replies, &turn, on: &device)
      // Unless it has come to its end, or to the connection's.
      if case .work = phase { phase = .work(work) }
      return need
    case .ended: break
    }
    return nil
  }

  private mutating func take(clientFlags flags: UInt32) {
    guard flags & ~HandshakeFlags.all == 0 else {
      phase = .ended(.unknownClientFlags)
      return
    }
    agreement.isFixed = flags & HandshakeFlags.fixedNewstyle != 0
    agreement.omitsZeroes = flags & HandshakeFlags.noZeroes != 0
    phase = .option
  }
}
