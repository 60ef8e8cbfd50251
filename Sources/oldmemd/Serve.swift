// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Health
import Linux
import Memory
import Status
import Supervisor
import Ublk

/// `oldmemd serve`: the same store and device on an ordinary machine.
enum Serve {
  struct Options {
    var pool: UInt64 = 1 << 30
    var size: UInt64 = 256 << 20
    var copies: UInt64 = 2
    var depth: UInt64 = 16
    var bufferSize: UInt64 = 32 << 10
    var scrub: UInt64 = 60
    var ublk = false
  }

  static func run(_ arguments: [Path]) -> Never {
    let options = parse(arguments)
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

  private static func make(
    _ options: Options,
    _ health: consuming SharedHealth
  ) throws(ServerError) -> Server {
    let slots = options.pool / UInt64(Frame.size) / options.copies
    let frames = try attempt(ServerError.tables) { () throws(Errno) in
      try PooledFrames.anonymous(
        slotCount: UInt32(clamping: slots * options.copies)
      )
    }
    let estate = try Estate(
      blocks: UInt32(clamping: options.size / UInt64(Frame.size)),
      copies: Int(options.copies),
      slotsPerShelf: UInt32(clamping: slots),
      on: frames,
      depth: UInt16(options.depth),
      bufferBytes: UInt32(options.bufferSize),
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
    guard options.ublk else {
      Usage.fail("serve needs a frontend: --ublk")
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
