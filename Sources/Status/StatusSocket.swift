// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Health
public import Linux

/// The memory of a health page.
public struct SharedHealth: ~Copyable {
  private let mapping: Mapping
  /// The page, for this process and those that it forks.
  public let page: HealthPage

  /// An empty page.
  public init() throws(Errno) {
    mapping = try Mapping.anonymous(
      byteCount: (HealthPage.byteCount + 4095) / 4096 * 4096,
      shared: true
    )
    // SAFETY: the mapping is zeroed, page aligned, as long as is needed, kept
    // next to the page, and used for nothing else.
    page = unsafe HealthPage(at: mapping.base)
  }
}

/// The socket at which a running oldmemd can be asked how it does.
///
/// Whoever knocks is sent one message and the end. Nothing that he sends is
/// ever read, and nothing is waited for: he cannot hold anybody up, and there
/// is nothing of him that could be misread.
public struct StatusSocket: ~Copyable {
  /// The name, which is in the network namespace and no file system: the
  /// capture system has another root than we do.
  public static let name: Path = "oldmemd"

  private let listener: Listener
  private let user: UInt32

  /// Takes the name.
  public init(name: Path = Self.name) throws(Errno) {
    listener = try Listener(name: name, backlog: 16)
    user = Process.user
  }

  /// Readable when somebody asks.
  public var descriptor: Descriptor { _read { yield listener.descriptor } }

  /// Answers one who asks, if he may: root, and our own user.
  ///
  /// - Returns: whether anybody was there.
  @discardableResult
  public func answer(
    _ page: borrowing HealthPage,
    action: Status.Action
  ) -> Bool {
    do throws(Errno) {
      let connection = try listener.accept()
      let peer = try connection.peer()
      guard peer.user == 0 || peer.user == user else { return true }
      guard let record = page.read() else { return true }
      let status = Status(
        record,
        action: page.isActionTaken ? .taken : action,
        witness: UInt32(bitPattern: Process.own),
        now: Clock.nanoseconds()
      )
      var bytes = InlineArray<2064, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      let count = status.words.write(into: &span)
      // SAFETY: bytes have no padding that could leak.
      let message = unsafe bytes.span.bytes.extracting(first: count)
      try connection.send(message)
      return true
    } catch { return error != .tryAgain }
  }
}

/// Why a running oldmemd has not said how it does.
public enum StatusError: Error, Equatable, Sendable {
  /// Nobody has the name.
  case nobody
  /// The connection failed, or took too long.
  case failed(Errno)
  /// Somebody else's process has the name.
  case impostor(user: UInt32)
  /// The connection was closed without a word.
  case refused
  /// What came makes no sense.
  case malformed

  /// The error as a sentence.
  public var sentence: Line {
    switch self {
    case .nobody: "no oldmemd is running here"
    case .failed(.tryAgain): "oldmemd does not answer"
    case .failed(let errno): "oldmemd cannot be asked: \(errno)"
    case .impostor(let user):
      "what answers is not oldmemd but a process of user \(user)"
    case .refused:
      "oldmemd does not answer this user, or not yet; ask as root, or again"
    case .malformed:
      "the oldmemd that runs is another version; ask with its own program"
    }
  }
}

extension Status {
  /// Asks the oldmemd that is running.
  public static func ask(
    name: Path = StatusSocket.name,
    milliseconds: UInt32 = 5000
  ) throws(StatusError) -> Status {
    let connection = try attempt(connectionError) { () throws(Errno) in
      try Connection(name: name, milliseconds: milliseconds)
    }
    let user = try attempt(StatusError.failed) { () throws(Errno) in
      try connection.peer().user
    }
    // Anybody may take a name that is free.
    guard user == 0 || user == Process.user else {
      throw .impostor(user: user)
    }
    var bytes = InlineArray<2064, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    // SAFETY: bytes have no padding that could leak.
    var raw = unsafe span.mutableBytes
    let count: Int
    do throws(Errno) { count = try connection.receive(into: &raw) } catch {
      throw StatusError.failed(error)
    }
    guard count > 0 else { throw .refused }
    // SAFETY: bytes have no padding that could leak.
    let message = unsafe bytes.span.bytes.extracting(first: count)
    guard let status = Status(message) else { throw .malformed }
    return status
  }
}

private func connectionError(_ errno: Errno) -> StatusError {
  errno == .connectionRefused ? .nobody : .failed(errno)
}
