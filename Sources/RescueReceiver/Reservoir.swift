// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
public import RescueStream
internal import Synchronization

/// Listens for what machines send when they crash, many at a time.
public struct Reservoir: Sendable {
  /// Why nobody can be listened to.
  public struct ListenError: Error, CustomStringConvertible, Sendable {
    let sentence: String

    /// In words.
    public var description: String { "--listen \(sentence)" }
  }

  /// Connections at a time, and those of one address.
  private static let most = 64
  private static let mostOfOne = 8

  private let socket: Int32
  private let receiver: Receiver
  /// Where it listens: ADDRESS:PORT.
  public let place: String

  /// Listens at ADDRESS:PORT, both numbers; an address of IPv6 is in brackets,
  /// and port 0 is any that is free.
  ///
  /// - Parameters:
  ///   - folder: where files go; it must be there.
  ///   - key: what is received is sealed with; nil takes logs in plain text.
  ///   - limit: the most bytes of a file.
  ///   - idle: how long nothing may come.
  public init(
    at place: String,
    folder: String,
    key: StreamKey?,
    limit: UInt64,
    idle: Duration
  ) throws(ListenError) {
    receiver = Receiver(folder: folder, key: key, limit: limit, idle: idle)
    guard let colon = place.lastIndex(of: ":") else {
      throw ListenError(sentence: "\(place): is no ADDRESS:PORT")
    }
    var address = String(place[..<colon])
    if address.hasPrefix("["), address.hasSuffix("]") {
      address = String(address.dropFirst().dropLast())
    }
    // SAFETY: what the structure points to is nothing.
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let port = String(place[place.index(after: colon)...])
    // SAFETY: the strings live for the call, and the list until it is freed.
    let result = unsafe getaddrinfo(address, port, &hints, &list)
    defer { if unsafe list != nil { unsafe freeaddrinfo(list) } }
    guard result == 0, !address.isEmpty, let found = unsafe list?.pointee else {
      throw ListenError(sentence: "\(place): is no numeric ADDRESS:PORT")
    }
    let file = unsafe Foundation.socket(
      found.ai_family,
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
      0
    )
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // SAFETY: four bytes are read, and the address is the list's.
    guard file >= 0,
      unsafe setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, size) == 0,
      unsafe bind(file, found.ai_addr, found.ai_addrlen) == 0,
      listen(file, 64) == 0
    else {
      let code = errno
      if file >= 0 { close(file) }
      let reason = unsafe String(cString: strerror(code))
      throw ListenError(sentence: "\(place): \(reason)")
    }
    socket = file
    var own = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // SAFETY: at most as many bytes are written as there are.
    _ = unsafe withUnsafeMutableBytes(of: &own) { buffer in
      unsafe getsockname(
        file,
        buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        &length
      )
    }
    self.place = Self.text(own, withPort: true)
  }

  private struct State {
    var open = [String: Int]()
    var count = 0
    var last: Reception?
  }

  /// Takes what comes for ever, or what comes first, and tells of each.
  ///
  /// - Returns: that one; nil where nobody can be listened to any more.
  public func run(
    once: Bool,
    report: @escaping @Sendable (Reception) -> Void
  ) -> Reception? {
    let state = Mutex(State())
    let shared = Shared(state: state)
    while true {
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      // SAFETY: at most as many bytes are written as there are.
      let peer = unsafe withUnsafeMutableBytes(of: &address) { buffer in
        unsafe accept(
          socket,
          buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          &length
        )
      }
      if let last = shared.state.withLock({ $0.last }) {
        if peer >= 0 { close(peer) }
        return last
      }
      guard peer >= 0 else {
        // Whoever has gone already; or no more descriptors, for now.
        if [EINTR, ECONNABORTED].contains(errno) { continue }
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else {
          return nil
        }
        usleep(100_000)
        continue
      }
      let name = Self.text(address, withPort: false)
      let isWelcome = shared.state.withLock { state in
        guard state.count < Self.most,
          state.open[name, default: 0] < Self.mostOfOne
        else { return false }
        state.count += 1
        state.open[name, default: 0] += 1
        return true
      }
      guard isWelcome else {
        close(peer)
        let why = "too many connections at a time"
        report(Reception(peer: name, end: .refused(why: why)))
        continue
      }
      Thread.detachNewThread {
        let reception = receiver.receive(peer, from: name)
        report(reception)
        let isLast = shared.state.withLock { state in
          state.count -= 1
          state.open[name, default: 1] -= 1
          if state.open[name] == 0 { state.open[name] = nil }
          guard once, reception.isTransfer, state.last == nil else {
            return false
          }
          state.last = reception
          return true
        }
        // Who accepts is woken up.
        if isLast { shutdown(socket, Int32(SHUT_RDWR)) }
      }
    }
  }

  private final class Shared: Sendable {
    let state: Mutex<State>

    init(state: consuming sending Mutex<State>) { self.state = state }
  }

  private static func text(
    _ address: sockaddr_storage,
    withPort: Bool
  ) -> String {
    var address = address
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let isSix = Int32(address.ss_family) == AF_INET6
    let size =
      isSix
      ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    // SAFETY: the address is as long as its family says, and both texts end
    // within their room.
    unsafe withUnsafeBytes(of: &address) { buffer in
      _ = unsafe getnameinfo(
        buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(size),
        &host,
        socklen_t(host.count),
        &port,
        socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV
      )
    }
    let name = string(host)
    guard withPort else { return name }
    return (isSix ? "[\(name)]" : name) + ":" + string(port)
  }

  private static func string(_ text: [CChar]) -> String {
    String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
  }
}
