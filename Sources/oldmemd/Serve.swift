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
  struct Options {
    var pool: UInt64 = 1 << 30
    var size: UInt64 = 256 << 20
    var copies: UInt64 = 2
    var depth: UInt64 = 16
    var bufferSize: UInt64?
    var connections: UInt64 = 16
    var scrub: UInt64 = 60
    var ublk = false
    var nbd: Path?
  }

  static func run(_ arguments: [Path]) -> Never {
    let options = parse(arguments)
    if let place = options.nbd {
      if place.equals("kernel") { serveKernel(options) }
      serve(options, at: place)
    }
    do throws(ServerError) {
      // Before memory is taken for nothing.
      try attempt(ServerError.device) { () throws(UblkError) in
        try UblkDevice.findDriver()
      }
      try attempt(ServerError.process) { () throws(Errno) in
        Process.setName("oldmemd-server")
        try Process.listenForEnd()
        try Kernel.setInputOutputFlusher()
      }
      let health = try attempt(ServerError.process) { () throws(Errno) in
        try SharedHealth()
      }
      let witness = try attempt(ServerError.process) { () throws(Errno) in
        try Witness(health, action: FailingAction(nil), log: .standardError)
      }
      var server = try make(options, health)
      try server.run(
        started: { number in
          let size = options.size >> 20
          Console.write(
            "/dev/ublkb\(number): \(size) MiB, \(options.copies) copies\n",
            to: .output
          )
        }
      )
      try server.end()
      _ = consume witness
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  /// Serves clients of NBD.
  ///
  /// Nobody stands by: it is not the kernel that waits for this server, and a
  /// client that has lost its server knows it.
  private static func serve(_ options: Options, at text: Path) -> Never {
    guard let place = Place(text) else {
      Usage.fail("--nbd must be unix:PATH, tcp:PORT or kernel, not \"\(text)\"")
    }
    do throws(ServerError) {
      try attempt(ServerError.process) { () throws(Errno) in
        Process.setName("oldmemd-nbd")
        try Process.listenForEnd()
      }
      // Before memory is taken for nothing.
      let clients = try attempt(ServerError.network) { () throws(NBDError) in
        try NBDServer(
          at: place,
          exportSize: options.size / UInt64(Frame.size) * UInt64(Frame.size),
          NBDServer.Shape(
            connections: Int(options.connections),
            bufferBytes: Int(options.bufferSize ?? 256 << 10)
          )
        )
      }
      let health = try attempt(ServerError.process) { () throws(Errno) in
        try SharedHealth()
      }
      let witness = try attempt(ServerError.process) { () throws(Errno) in
        try Witness(health, action: FailingAction(nil), log: .standardError)
      }
      var server = try NetworkServer(clients, try rest(options, health))
      let size = options.size >> 20
      Console.write(
        "nbd \(text): \(size) MiB, \(options.copies) copies\n",
        to: .output
      )
      try server.run()
      _ = consume server
      _ = consume witness
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  /// Serves this machine's kernel: /dev/nbdN, with servers that come and go.
  private static func serveKernel(_ options: Options) -> Never {
    do throws(ServerError) {
      try attempt(ServerError.process) { () throws(Errno) in
        Process.setName("oldmemd-nbd")
        try Process.listenForEnd()
        try Kernel.setInputOutputFlusher()
      }
      let health = try attempt(ServerError.process) { () throws(Errno) in
        try SharedHealth()
      }
      let witness = try attempt(ServerError.process) { () throws(Errno) in
        try Witness(health, action: FailingAction(nil), log: .standardError)
      }
      let client = KernelClient(
        try rest(options, health),
        bufferBytes: Int(options.bufferSize ?? 128 << 10)
      )
      try client.run(
        started: { number in
          let size = options.size >> 20
          Console.write(
            "/dev/nbd\(number): \(size) MiB, \(options.copies) copies\n",
            to: .output
          )
        }
      )
      _ = consume witness
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  /// A store's frames and tables, and what goes with them.
  private static func rest(
    _ options: Options,
    _ health: consuming SharedHealth
  ) throws(ServerError) -> Estate.Rest {
    let frames = try pool(options)
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

  private static func pool(
    _ options: Options
  ) throws(ServerError) -> PooledFrames {
    let slots = options.pool / UInt64(Frame.size) / options.copies
    return try attempt(ServerError.tables) { () throws(Errno) in
      try PooledFrames.anonymous(
        slotCount: UInt32(clamping: slots * options.copies)
      )
    }
  }

  private static func make(
    _ options: Options,
    _ health: consuming SharedHealth
  ) throws(ServerError) -> Server {
    let frames = try pool(options)
    let estate = try Estate(
      blocks: UInt32(clamping: options.size / UInt64(Frame.size)),
      copies: Int(options.copies),
      slotsPerShelf: frames.slotCount / UInt32(options.copies),
      on: frames,
      depth: UInt16(options.depth),
      bufferBytes: UInt32(options.bufferSize ?? 32 << 10),
      scrubTime: UInt32(options.scrub),
      health: health,
      limits: HealthLimits(),
      report: nil,
      voice: Voice(.standardError, lastResort: nil),
      readahead: .untouched()
    )
    let none: [UInt32] = []
    return try Server.make(estate, without: none.span)
  }

  private static func parse(_ arguments: [Path]) -> Options {
    var options = Options()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option.equals("--ublk") {
        options.ublk = true
        continue
      }
      guard let value = rest.popFirst() else {
        Usage.fail("\(option) needs a value")
      }
      switch option {
      case _ where option.equals("--nbd"): options.nbd = value
      case _ where option.equals("--connections"):
        options.connections = number(value, of: option, in: 1...128)
      case _ where option.equals("--pool"):
        guard value.hasPrefix("anonymous:") else {
          Usage.fail("--pool must be anonymous:SIZE, not \"\(value)\"")
        }
        options.pool = number(
          value.droppingFirst(10),
          of: option,
          in: 1 << 20...1 << 40
        )
      case _ where option.equals("--size"):
        options.size = number(value, of: option, in: 1 << 20...1 << 40)
      case _ where option.equals("--copies"):
        options.copies = number(value, of: option, in: 1...4)
      case _ where option.equals("--queue-depth"):
        options.depth = number(value, of: option, in: 1...128)
      case _ where option.equals("--buffer-size"):
        options.bufferSize = number(value, of: option, in: 4096...1 << 20)
      case _ where option.equals("--scrub"):
        options.scrub = number(value, of: option, in: 0...86400)
      default: Usage.fail("no option \"\(option)\"")
      }
    }
    guard options.ublk != (options.nbd != nil) else {
      Usage.fail("serve needs one frontend: --ublk or --nbd")
    }
    guard options.pool >= options.size * options.copies else {
      Usage.fail("the pool is smaller than size x copies")
    }
    return options
  }

  private static func number(
    _ text: Path,
    of option: Path,
    in range: ClosedRange<UInt64>
  ) -> UInt64 {
    guard let number = ByteSize.parse(text.text), range.contains(number)
    else { Usage.fail("\(option) cannot be \"\(text)\"") }
    return number
  }
}
