// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory

/// What `oldmemd serve` was told.
struct ServeOptions {
  var pool: UInt64 = 1 << 30
  var size: UInt64 = 256 << 20
  var copies: UInt64 = 2
  var depth: UInt64 = 16
  var bufferSize: UInt64?
  var connections: UInt64 = 16
  var scrub: UInt64 = 60
  var ublk = false
  var nbd: Path?
  var record: Path?

  /// Takes the words behind `serve`; what makes no sense ends the program.
  init(_ arguments: [Path]) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option.equals("--ublk") {
        ublk = true
        continue
      }
      guard let value = rest.popFirst() else {
        Usage.fail("\(option) needs a value")
      }
      switch option {
      case _ where option.equals("--nbd"): nbd = value
      case _ where option.equals("--record"): record = value
      case _ where option.equals("--connections"):
        connections = Self.number(value, of: option, in: 1...128)
      case _ where option.equals("--pool"):
        guard value.hasPrefix("anonymous:") else {
          Usage.fail("--pool must be anonymous:SIZE, not \"\(value)\"")
        }
        pool = Self.number(
          value.droppingFirst(10),
          of: option,
          in: 1 << 20...1 << 40
        )
      case _ where option.equals("--size"):
        size = Self.number(value, of: option, in: 1 << 20...1 << 40)
      case _ where option.equals("--copies"):
        copies = Self.number(value, of: option, in: 1...4)
      case _ where option.equals("--queue-depth"):
        depth = Self.number(value, of: option, in: 1...128)
      case _ where option.equals("--buffer-size"):
        bufferSize = Self.number(value, of: option, in: 4096...1 << 20)
      case _ where option.equals("--scrub"):
        scrub = Self.number(value, of: option, in: 0...86400)
      default: Usage.fail("no option \"\(option)\"")
      }
    }
    guard ublk != (nbd != nil) else {
      Usage.fail("serve needs one frontend: --ublk or --nbd")
    }
    guard pool >= size * copies else {
      Usage.fail("the pool is smaller than --size times --copies")
    }
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
