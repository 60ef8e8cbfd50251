// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import NBD
import NBDKernel
import Supervisor

/// A /dev/nbdN of this machine's kernel out of a store, with servers that come
/// and go.
///
/// The process that has this keeps tables and frames, and makes one server
/// after the other; the kernel lets requests wait meanwhile, and sends those
/// again that were not answered.
struct KernelClient: ~Copyable {
  private let estate: Estate.Rest
  private let bufferBytes: Int
  private var device: KernelDevice?
  private var server: Process?

  /// How many servers in a row may die before one has served for a while.
  private static let failureLimit = 5
  /// What a while is, in nanoseconds.
  private static let probation: UInt64 = 500_000_000

  init(_ estate: consuming Estate.Rest, bufferBytes: Int) {
    self.estate = estate
    self.bufferBytes = bufferBytes
  }

  /// Serves until the end is requested, or the device was taken away;
  /// `started` is called once, with its number.
  consuming func run(started: (UInt32) -> Void) throws(ServerError) {
    var client = try serving()
    started(client.number)
    var failures = 0
    while !Process.endIsRequested {
      let start = Clock.nanoseconds()
      guard try client.serverDies() else { break }
      if Clock.nanoseconds() - start > Self.probation { failures = 0 }
      failures += 1
      guard failures < Self.failureLimit else {
        try client.end()
        throw .mortal
      }
      client = try client.serving()
      let server = client.server?.number ?? 0
      client.estate.voice.log.say(
        "the server died; process \(server) serves",
        .problem
      )
    }
    try client.end()
  }

  private var isThere: Bool {
    switch device {
    case .some(let device): device.isThere
    case nil: false
    }
  }

  private var number: UInt32 {
    switch device {
    case .some(let device): device.number
    case nil: 0
    }
  }

  /// Makes a server, and gives the kernel the other end of its socket.
  private consuming func serving() throws(ServerError) -> KernelClient {
    let isHeir = server != nil
    let first = try attempt(ServerError.process) { () throws(Errno) in
      try SocketPair()
    }
    let second = try attempt(ServerError.process) { () throws(Errno) in
      try SocketPair()
    }
    let child = try attempt(ServerError.process) { () throws(Errno) in
      try Process.fork()
    }
    guard let child else {
      // Without the kernel's ends: whoever has those would keep the server
      // from hearing that the kernel has let go of it.
      Self.live(
        first.takeSecond(),
        second.takeSecond(),
        estate,
        bufferBytes,
        isHeir: isHeir
      )
    }
    server = child
    let one = first.takeFirst()
    let other = second.takeFirst()
    do throws(NBDKernelError) {
      if isHeir {
        try device?.reconnect(over: one, other)
      } else {
        device = try KernelDevice(
          KernelDevice.Shape(
            blocks: estate.shape.blocks,
            flags: KernelDevice.memoryFlags
          ),
          over: one,
          other
        )
      }
    } catch {
      // What is there of the device would wait for a connection in vain.
      try? device?.disconnect()
      server?.kill()
      throw .kernel(error)
    }
    return self
  }

  /// A server's whole life.
  private static func live(
    _ first: borrowing Descriptor,
    _ second: borrowing Descriptor,
    _ estate: consuming Estate.Rest,
    _ bufferBytes: Int,
    isHeir: Bool
  ) -> Never {
    Process.setName("oldmemd-server")
    let log = estate.voice.log.duplicate()
    do throws(ServerError) {
      let exportSize = UInt64(estate.shape.blocks) << 12
      let clients = try attempt(ServerError.network) { () throws(NBDError) in
        try NBDServer(
          over: first,
          second,
          exportSize: exportSize,
          bufferBytes: bufferBytes
        )
      }
      var server = try NetworkServer(clients, estate, isHeir: isHeir)
      try server.run()
      Process.exit(0)
    } catch {
      log.say(error.sentence, .problem)
      Process.exit(Child.refusal)
    }
  }

  /// Waits for the server's end: true when it died, or the kernel has given its
  /// connections up; false when the device was taken away, or when the end was
  /// requested.
  private func serverDies() throws(ServerError) -> Bool {
    guard let server else { return false }
    do throws(Errno) {
      let watch = try ProcessWatch(process: server.number)
      while !Process.endIsRequested {
        guard watch.ended(within: 1000) else { continue }
        let isLost = try server.end(block: true) != .exited(0)
        return isLost || isThere
      }
      return false
    } catch { throw .process(error) }
  }

  /// Takes the device away, and with it the server.
  private mutating func end() throws(ServerError) {
    do throws(NBDKernelError) { try device?.disconnect() } catch {
      throw .kernel(error)
    }
    _ = try? server?.end(block: true)
  }
}
