// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
public import RescueStream

/// What became of one connection.
public struct Reception: Sendable {
  /// Who made it, an address.
  public var peer: String
  /// How it ended.
  public var end: End

  /// How a connection ended.
  public enum End: Sendable {
    /// A file is there.
    case stored(StreamKind, bytes: UInt64, Completeness, path: String)
    /// Some of a file is there, and then this happened.
    case cut(StreamKind, bytes: UInt64, why: String, path: String)
    /// Nothing is there.
    case refused(why: String)
  }

  /// Whether what is there is all.
  public enum Completeness: Sendable {
    /// All of it, as the sender says and as it was sealed.
    case whole
    /// The sender says that it is not all.
    case partial
    /// Plain text: nobody can tell.
    case unknown
  }

  /// Whether something came that was meant for us, though not all of it.
  public var isTransfer: Bool {
    if case .refused = end { return false }
    return true
  }

  /// Whether all of it is there, as far as one can tell.
  public var isComplete: Bool {
    switch end {
    case .stored(_, _, .partial, _), .cut, .refused: false
    case .stored: true
    }
  }

  /// A line for people.
  public var sentence: String {
    switch end {
    case .stored(let kind, let bytes, let completeness, let path):
      "\(peer): \(kind.word), \(bytes) bytes, \(completeness.words): \(path)"
    case .cut(let kind, let bytes, let why, let path):
      "\(peer): \(kind.word), \(bytes) bytes, not all of it: \(why): \(path)"
    case .refused(let why): "\(peer): nothing: \(why)"
    }
  }
}

extension Reception.Completeness {
  fileprivate var words: String {
    switch self {
    case .whole: "all of it"
    case .partial: "not all of it, as the sender says"
    case .unknown: "plain text, so that nobody can tell whether it is all"
    }
  }
}

extension StreamKind {
  var word: String {
    switch self {
    case .log: "log"
    case .dump: "dump"
    }
  }
}

/// Takes what comes over one connection.
struct Receiver: Sendable {
  let folder: String
  let key: StreamKey?
  /// The most bytes of a file.
  let limit: UInt64
  /// How long nothing may come.
  let idle: Duration

  /// The most bytes of a log in plain text: anybody can send one.
  static let plainLimit: UInt64 = 64 << 20

  func receive(_ socket: Int32, from peer: String) -> Reception {
    let patience = Patience(
      idle: idle,
      deadline: key == nil ? nil : .now + min(idle, .seconds(20))
    )
    let channel = SocketChannel(socket, patience)
    if let key { return sealed(channel, key, peer, patience) }
    return plain(channel, peer, patience)
  }

  private func plain(
    _ channel: consuming SocketChannel,
    _ peer: String,
    _ patience: Patience
  ) -> Reception {
    var channel = channel
    var file: ReceivedFile?
    var count: UInt64 = 0
    let most = min(limit, Self.plainLimit)
    do throws(StorageError) {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        var span = buffer.mutableSpan
        // SAFETY: bytes have no padding, and every pattern is a valid one.
        var raw = unsafe span.mutableBytes
        let got = channel.take(&raw)
        guard got > 0 else { break }
        if file == nil {
          file = try .begin(in: folder, name(for: peer, []), "log")
        }
        let room = Int(min(UInt64(got), most - count))
        try file?.write(buffer[..<room], at: count)
        count += UInt64(room)
        guard room == got else {
          return cut(file, .log, count, "it has more than \(most) bytes", peer)
        }
      }
      guard file != nil else {
        return Reception(
          peer: peer,
          end: .refused(why: patience.ending.words)
        )
      }
      guard patience.ending == .closed else {
        return cut(file, .log, count, patience.ending.words, peer)
      }
      try file?.finish(byteCount: count)
      return Reception(
        peer: peer,
        end: .stored(.log, bytes: count, .unknown, path: file?.path ?? "")
      )
    } catch { return cut(file, .log, count, error.reason, peer) }
  }

  private func sealed(
    _ channel: consuming SocketChannel,
    _ key: StreamKey,
    _ peer: String,
    _ patience: Patience
  ) -> Reception {
    var random = SystemRandomNumberGenerator()
    let drawn = InlineArray<32, UInt8> { _ in random.next() }
    var file: ReceivedFile?
    var kind = StreamKind.log
    var count: UInt64 = 0
    do {
      var source = try SealedSource.accept(
        from: channel,
        key: key,
        random: drawn,
        limit: limit
      )
      patience.deadline = nil
      while true {
        switch try source.next() {
        case .begin(let what, let name):
          kind = what
          file = try .begin(in: folder, self.name(for: peer, name), what.word)
        case .piece(let offset, let bytes):
          try file?.write(bytes[...], at: offset)
          count = max(count, offset + UInt64(bytes.count))
        case .end(let byteCount, let isWhole):
          count = byteCount
          try file?.finish(byteCount: byteCount)
          // That it arrived is so whether the sender hears of it or not.
          try? source.confirm(byteCount: byteCount)
          return Reception(
            peer: peer,
            end: .stored(
              kind,
              bytes: byteCount,
              isWhole ? .whole : .partial,
              path: file?.path ?? ""
            )
          )
        }
      }
    } catch let error as StreamError {
      let why = error == .silent ? patience.ending.words : error.words
      return cut(file, kind, count, why, peer)
    } catch {
      let why = (error as? StorageError)?.reason ?? "\(error)"
      return cut(file, kind, count, why, peer)
    }
  }

  private func cut(
    _ file: consuming ReceivedFile?,
    _ kind: StreamKind,
    _ count: UInt64,
    _ why: String,
    _ peer: String
  ) -> Reception {
    guard let file else {
      return Reception(peer: peer, end: .refused(why: why))
    }
    return Reception(
      peer: peer,
      end: .cut(kind, bytes: count, why: why, path: file.path)
    )
  }

  /// The time, the peer, and what the sender calls it, of characters that are
  /// harmless in a name.
  private func name(for peer: String, _ name: [UInt8]) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
    var words = [formatter.string(from: Date()), peer]
    if !name.isEmpty { words.append(String(decoding: name, as: UTF8.self)) }
    let allowed = Set(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    )
    return String(
      words.joined(separator: "-").map { allowed.contains($0) ? $0 : "_" }
    )
  }
}

extension Patience.Ending {
  var words: String {
    switch self {
    case .open, .closed: "the sender closed the connection"
    case .silent: "nothing more came in time"
    case .broken: "the connection broke"
    }
  }
}

extension StreamError {
  /// The error in words, as who receives sees it.
  var words: String {
    switch self {
    case .silent: "nothing came"
    case .notOurs: "it is not sealed, and a key is set here"
    case .otherKey: "it is sealed with another key"
    case .damaged: "a record is damaged, repeated, or not the next one"
    case .malformed: "a record makes no sense"
    case .tooLarge: "it is larger than --limit"
    case .notStored: "it was not kept"
    }
  }
}
