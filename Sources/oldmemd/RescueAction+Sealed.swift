// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Linux
import NBD
import RescueStream

/// What is sent over a network where there is a key.
extension RescueAction {
  /// Begins to send something to who listens there and has the key; without a key
  /// there is nobody to send it to.
  func sealed(
    _ place: Place,
    _ kind: StreamKind
  ) throws(RescueError) -> SealedSink<SocketChannel> {
    let key: StreamKey
    switch self.key {
    case .key(let found): key = found
    case .missing(let path): throw .noKey(path)
    case .none: throw .noKeySet
    }
    let channel: SocketChannel
    let random: InlineArray<32, UInt8>
    do throws(Errno) {
      random = try Kernel.draw()
      let seconds = Int32(min(patience, 3600))
      channel = SocketChannel(try place.connect(seconds: seconds), seconds)
    } catch { throw .target(error) }
    do throws(StreamError) {
      return try SealedSink.begin(
        over: channel,
        key: key,
        kind: kind,
        random: random
      )
    } catch { throw .stream(error) }
  }
}

/// A connection, of which nobody waits for ever.
struct SocketChannel: ByteChannel, ~Copyable {
  private let socket: Descriptor
  private let seconds: Int32

  init(_ socket: consuming Descriptor, _ seconds: Int32) {
    self.socket = socket
    self.seconds = seconds
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    (try? socket.write(bytes)) != nil
  }

  mutating func fill(_ bytes: inout MutableRawSpan) -> Bool {
    var filled = 0
    while filled < bytes.byteCount {
      guard socket.isReadable(within: seconds * 1000) else { return false }
      var rest = bytes._mutatingExtracting(droppingFirst: filled)
      guard let got = try? socket.read(into: &rest), got > 0 else {
        return false
      }
      filled += got
    }
    return true
  }
}

extension StreamError {
  /// The error in words, as who sends sees it.
  var line: Line {
    switch self {
    case .silent:
      "nobody answers: `oldmem receive` with the key is needed there"
    case .notOurs: "who listens there is not `oldmem receive` with a key"
    case .otherKey: "who listens there has another key, or has gone"
    case .damaged, .malformed: "what came back is damaged"
    case .tooLarge, .notStored: "who listens there has not kept all of it"
    }
  }
}
