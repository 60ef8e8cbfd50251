// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Why nobody is served, or no longer.
public enum NBDError: Error, Equatable, Sendable {
  /// The socket's file or the port is not to be had.
  case listen(Errno)
  /// No memory for the connections' buffers.
  case memory(Errno)
  /// Waiting for clients failed.
  case wait(Errno)

  /// The error as a sentence.
  public var sentence: Line {
    switch self {
    case .listen(let errno): "nbd: nobody can be listened to: \(errno)"
    case .memory(let errno): "nbd: no memory for connections: \(errno)"
    case .wait(let errno): "nbd: clients cannot be waited for: \(errno)"
    }
  }
}

/// What a server says of a client: nothing where all is well.
public enum NBDNote: Equatable, Sendable {
  /// A request was refused that no client should send.
  case refused(Request, Refusal)
  /// The connection was ended.
  case ended(Farewell)

  /// The note as a sentence.
  public var sentence: Line {
    switch self {
    case .refused(let request, let refusal):
      """
      nbd: a request was refused: \(refusal.message): \
      \(request.length) bytes at \(request.offset)
      """
    case .ended(let farewell):
      "nbd: a connection was ended: \(farewell.message ?? "")"
    }
  }
}

/// Notes until somebody takes them; a flood of them is as good as a few.
struct Notes {
  private var list = InlineArray<8, NBDNote?>(repeating: nil)

  mutating func put(_ note: NBDNote) {
    for index in 0..<8 where list[index] == nil {
      list[index] = note
      return
    }
  }

  mutating func take() -> NBDNote? {
    guard let note = list[0] else { return nil }
    for index in 0..<7 { list[index] = list[index &+ 1] }
    list[7] = nil
    return note
  }
}
