// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Health
import Linux
import Memory
import NBD
import Status
import Supervisor
import Ublk

/// `oldmemd serve`: the same store on an ordinary machine, as a device of the
/// kernel's or for clients of NBD.
enum Serve {
  static func run(_ arguments: [Path]) -> Never {
    let options = ServeOptions(arguments)
    do throws(ServerError) {
      // Held for as long as anybody serves.
      let health = try attempt(ServerError.process) { () throws(Errno) in
        try SharedHealth()
      }
      switch options.nbd {
      case nil: try serveDevice(options, health)
      case .some(let place) where place.equals("kernel"):
        try serveKernel(options, health)
      case .some(let place): try serveClients(options, health, at: place)
      }
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  /// /dev/ublkbN, with a process that stands by.
  private static func serveDevice(
    _ options: ServeOptions,
    _ health: consuming SharedHealth
  ) throws(ServerError) {
    // Before memory is taken for nothing.
    try attempt(ServerError.device) { () throws(UblkError) in
      try UblkDevice.findDriver()
    }
    let witness = try begin(
      "oldmemd-server",
      health,
      options,
      flushes: true
    )
    let estate = try Estate(
      try rest(options, health),
      depth: UInt16(options.depth),
      bufferBytes: UInt32(options.bufferSize ?? 32 << 10)
    )
    let none: [UInt32] = []
    var server = try Server.make(estate, without: none.span)
    try server.run(started: { announce("/dev/ublkb\($0)", options) })
    try server.end()
    _ = consume witness
  }

  /// Clients of NBD.
  ///
  /// Nobody stands by: it is not the kernel that waits for this server, and a
  /// client that has lost its server knows it.
  private static func serveClients(
    _ options: ServeOptions,
    _ health: consuming SharedHealth,
    at text: Path
  ) throws(ServerError) {
    guard let place = Place(text) else {
      Usage.fail("--nbd must be unix:PATH, tcp:PORT or kernel, not \"\(text)\"")
    }
    // Before memory is taken for nothing.
    let clients = try attempt(ServerError.network) { () throws(NBDError) in
      try NBDServer(
        at: place,
        exportSize: options.size / UInt64(Frame.size) * UInt64(Frame.size),
        NBDServer.Shape(
          connections: Int(options.connections),
          bufferBytes: Int(options.bufferSize ?? networkBuffer)
        )
      )
    }
    let witness = try begin("oldmemd-nbd", health, options, flushes: false)
    let estate = try rest(options, health)
    let none: [UInt32] = []
    let store = try estate.format(without: none.span)
    // Who may not lock memory is swapped out like anybody.
    try? Kernel.lockMemory(.atOnce)
    var server = NetworkServer(clients, store, of: estate)
    announce("nbd \(text)", options)
    try server.run()
    _ = consume server
    _ = consume witness
  }

  /// This machine's kernel: /dev/nbdN, with servers that come and go.
  private static func serveKernel(
    _ options: ServeOptions,
    _ health: consuming SharedHealth
  ) throws(ServerError) {
    let witness = try begin("oldmemd-nbd", health, options, flushes: true)
    let client = KernelClient(
      try rest(options, health),
      bufferBytes: Int(options.bufferSize ?? networkBuffer)
    )
    try client.run(started: { announce("/dev/nbd\($0)", options) })
    _ = consume witness
  }

  private static var networkBuffer: UInt64 { 256 << 10 }

  /// Makes this process fit to serve, and starts its witness while it is small.
  private static func begin(
    _ name: StaticString,
    _ health: borrowing SharedHealth,
    _ options: ServeOptions,
    flushes: Bool
  ) throws(ServerError) -> Witness {
    do throws(Errno) {
      Process.setName(name)
      try Process.listenForEnd()
      if flushes { try Kernel.setInputOutputFlusher() }
      return try Witness(
        health,
        action: FailingAction(nil),
        record: options.record,
        log: .standardError
      )
    } catch { throw .process(error) }
  }

  private static func announce(_ place: Line, _ options: ServeOptions) {
    let size = options.size >> 20
    Console.write(
      "\(place): \(size) MiB, \(options.copies) copies\n",
      to: .output
    )
  }

  /// A store's frames and tables, and what goes with them.
  private static func rest(
    _ options: ServeOptions,
    _ health: consuming SharedHealth
  ) throws(ServerError) -> Estate.Rest {
    let slots = options.pool / UInt64(Frame.size) / options.copies
    let frames = try attempt(ServerError.tables) { () throws(Errno) in
      try PooledFrames.anonymous(
        slotCount: UInt32(clamping: slots * options.copies)
      )
    }
    return try Estate.Rest(
      blocks: UInt32(clamping: options.size / UInt64(Frame.size)),
      copies: Int(options.copies),
      slotsPerShelf: frames.slotCount / UInt32(options.copies),
      on: frames,
      scrubTime: UInt32(options.scrub),
      health: health,
      limits: HealthLimits(),
      report: nil,
      voice: Voice(.standardError, lastResort: nil),
      readahead: .untouched()
    )
  }
}
