// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// What a client sends that knows the protocol well enough to break it
/// anywhere: one conversation for each seed.
public struct RandomTalk {
  /// How the bytes are sent.
  public enum Manner: Sendable {
    /// As many at a time as the kernel takes.
    case whole
    /// So many at a time.
    case pieces(Int)
  }

  /// What is done when they have been sent.
  public enum Ending: Sendable {
    /// The client says that no more comes, and takes what is answered.
    case halfClose
    /// The client goes, whatever is under way.
    case leave
    /// The client stays, and takes nothing.
    case linger
  }

  /// What is sent.
  public private(set) var bytes: [UInt8] = []
  /// How it is sent.
  public private(set) var manner = Manner.whole
  /// What comes then.
  public private(set) var ending = Ending.halfClose

  private var random: Draws
  private let exportSize: UInt64

  /// The conversation of that seed with a server of so many bytes.
  public init(seed: UInt64, exportSize: UInt64) {
    random = Draws(seed: seed)
    self.exportSize = exportSize
    handshake()
    if chance(3) { damage() }
    switch number(8) {
    case 0: manner = .pieces(1 + number(40))
    case 1: manner = .pieces(1 + number(5000))
    default: break
    }
    switch number(20) {
    case 0...2: ending = .leave
    case 3: ending = .linger
    default: break
    }
    // Nobody waits for a megabyte in pieces of one byte.
    if case .pieces(let size) = manner, bytes.count / size > 4000 {
      manner = .whole
    }
  }

  private mutating func number(_ bound: Int) -> Int {
    Int(random.next() % UInt64(bound))
  }

  /// Whether something that happens once in so many times does.
  private mutating func chance(_ bound: Int) -> Bool { number(bound) == 0 }

  private mutating func noise(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private mutating func put<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  private mutating func handshake() {
    let flags: UInt32 =
      chance(12)
      ? UInt32(truncatingIfNeeded: random.next()) : UInt32(number(4)) | 1
    put(flags)
    for _ in 0..<number(6) { option() }
    switch number(8) {
    case 0: return
    case 1: header(1, [])
    case 2:
      header(1, Array(name().utf8))
    default:
      if chance(2) { header(8, []) }
      if chance(2) {
        header(10, string("") + big(1) + string("base:allocation"))
      }
      header(7, string("") + [0, 0])
    }
    for _ in 0..<number(16) { request() }
    if chance(4) { put(UInt32(0x2560_9513)) }
  }

  /// Bytes here and there are others.
  private mutating func damage() {
    guard !bytes.isEmpty else { return }
    for _ in 0..<1 + number(4) {
      bytes[number(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    }
    if chance(3) { bytes.removeLast(number(min(bytes.count, 40))) }
  }
}

// MARK: Options

extension RandomTalk {
  private func big(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private func string(_ text: String) -> [UInt8] {
    big(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  private mutating func name() -> String {
    switch number(4) {
    case 0: "oldmem"
    case 1: "nobody"
    case 2: String(repeating: "x", count: number(5000))
    default: ""
    }
  }

  private mutating func header(_ option: UInt32, _ data: [UInt8]) {
    bytes += chance(60) ? noise(8) : Array("IHAVEOPT".utf8)
    put(option)
    var count = UInt32(data.count)
    if chance(25) {
      count = lies[number(lies.count)] &+ (chance(2) ? count : 0)
    }
    put(count)
    bytes += data
  }

  private var lies: [UInt32] {
    [
      0, 1, 3, 4, 8191, 8192, 8193, 1 << 20, 1 << 20 + 1, 1 << 31, .max,
      .max - 3,
    ]
  }

  private mutating func option() {
    let known = UInt32(number(13))
    let option = chance(10) ? UInt32(truncatingIfNeeded: random.next()) : known
    // An ABORT, or a name, is the end of many a conversation.
    if option == 2 || option == 1, !chance(4) { return }
    var data: [UInt8] = []
    switch option {
    case 6, 7:
      data = string(name())
      let items = number(6)
      data += [0, UInt8(items)]
      for _ in 0..<items { data += [0, UInt8(number(5))] }
    case 9, 10:
      data = string(name())
      let queries = number(5)
      data += big(UInt32(queries))
      for _ in 0..<queries {
        let all = ["base:allocation", "base:", "qemu:dirty", "", "x", name()]
        data += string(all[number(all.count)])
      }
    default: break
    }
    switch number(10) {
    case 0: data = noise(number(64))
    case 1: data += noise(1 + number(8))
    case 2 where !data.isEmpty: data.removeLast(1 + number(data.count))
    case 3 where !data.isEmpty:
      let place = number(data.count)
      data[place] = UInt8(truncatingIfNeeded: random.next())
    case 4 where chance(4): data = noise(9000)
    default: break
    }
    header(option, data)
  }
}

// MARK: Requests

extension RandomTalk {
  private mutating func offset() -> UInt64 {
    let edges: [UInt64] = [
      0, 1, 511, 4095, 4096, 4097, exportSize - 4096, exportSize - 1,
      exportSize, exportSize + 1, 1 << 32, 1 << 63, .max, .max - 4095,
    ]
    switch number(4) {
    case 0: return edges[number(edges.count)]
    case 1: return random.next() % exportSize
    case 2: return random.next() % exportSize / 4096 * 4096
    default: return random.next() % (exportSize / 2)
    }
  }

  private mutating func length() -> UInt32 {
    let edges: [UInt32] = [
      0, 1, 511, 512, 4095, 4096, 4097, 65535, 65536, 131_072, 135_168, 262_144,
    ]
    let extremes: [UInt32] = [
      32 << 20, 32 << 20 + 1, 1 << 31, .max, .max - 1,
    ]
    if chance(25) { return extremes[number(extremes.count)] }
    if chance(2) { return edges[number(edges.count)] }
    return UInt32(number(20000))
  }

  private mutating func request() {
    put(chance(80) ? UInt32(0x2560_9514) : UInt32(0x2560_9513))
    var flags = UInt16(0)
    if chance(3) { flags = 1 << UInt16(number(6)) }
    if chance(20) { flags = UInt16(truncatingIfNeeded: random.next()) }
    put(flags)
    var command = UInt16(number(9))
    if command == 2, !chance(10) { command = 1 }
    if chance(30) { command = UInt16(truncatingIfNeeded: random.next()) }
    put(command)
    put(random.next())
    put(offset())
    let length = length()
    put(length)
    guard command == 1 else { return }
    // What is missing is what comes next, and a longer one than this is never
    // whole.
    let count = min(Int(length), 300_000)
    bytes += chance(12) ? noise(number(count + 1)) : noise(count)
  }
}
