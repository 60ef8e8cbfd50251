// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import Memory
import Testing

@testable import Ublk

/// A device that remembers what it was asked.
struct Recorder: BlockDevice, ~Copyable {
  let blockCount: UInt32 = 100
  var bytes = [UInt8](repeating: 0, count: 100 * Frame.size)
  var calls: [String] = []
  var failure: StoreError?

  private mutating func note(
    _ call: String,
    _ blocks: BlockRange
  ) throws(StoreError) -> Range<Int> {
    calls.append("\(call) \(blocks.start.value)+\(blocks.count)")
    if let failure { throw failure }
    let start = Int(blocks.start.value) * Frame.size
    return start..<start + blocks.byteCount
  }

  mutating func read(
    _ blocks: BlockRange,
    into span: inout MutableRawSpan
  ) throws(StoreError) {
    let place = try note("read", blocks)
    #expect(span.byteCount == place.count)
    for (offset, byte) in bytes[place].enumerated() {
      span.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
  }

  mutating func write(
    _ blocks: BlockRange,
    from span: RawSpan
  ) throws(StoreError) {
    let place = try note("write", blocks)
    #expect(span.byteCount == place.count)
    bytes.replaceSubrange(place, with: span.withUnsafeBytes { Array($0) })
  }

  mutating func discard(_ blocks: BlockRange) throws(StoreError) {
    _ = try note("discard", blocks)
  }

  mutating func writeZeroes(_ blocks: BlockRange) throws(StoreError) {
    _ = try note("zero", blocks)
  }

  mutating func flush() throws(StoreError) {
    calls.append("flush")
    if let failure { throw failure }
  }
}

@Suite struct AnswerTests {
  private let shape = UblkDevice.Shape(
    blocks: 100,
    depth: 4,
    bufferBytes: 16384
  )

  /// The answer to a request, and what is in the buffer then.
  private func answer(
    _ operation: UInt8,
    _ start: UInt64,
    _ sectors: UInt32,
    _ buffer: [UInt8]? = nil,
    on device: inout Recorder
  ) -> (result: Int32, buffer: [UInt8]) {
    var bytes =
      buffer ?? [UInt8](repeating: 0x77, count: Int(shape.bufferBytes))
    let request = Request(operation: operation, sectors: sectors, start: start)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    // Where the driver copies, the server reads and writes no file.
    let nowhere = Descriptor(owning: -1)
    let result = Ublk.answer(
      request,
      tag: 3,
      in: shape,
      with: &raw,
      through: nowhere,
      on: &device
    )
    return (result, bytes)
  }

  @Test func aWriteCarriesTheBeginningOfTheBuffer() {
    var device = Recorder()
    let buffer = (0..<16384).map { UInt8(truncatingIfNeeded: $0 / 100) }
    let (result, _) = answer(1, 16, 24, buffer, on: &device)
    #expect(result == 12288)
    #expect(device.calls == ["write 2+3"])
    #expect(Array(device.bytes[8192..<20480]) == Array(buffer[..<12288]))
    #expect(device.bytes[20480] == 0)
  }

  @Test func aReadFillsTheBeginningOfTheBuffer() {
    var device = Recorder()
    for index in device.bytes.indices {
      device.bytes[index] = UInt8(truncatingIfNeeded: index / 64)
    }
    let (result, buffer) = answer(0, 8, 16, on: &device)
    #expect(result == 8192)
    #expect(Array(buffer[..<8192]) == Array(device.bytes[4096..<12288]))
    // What the request does not cover is left alone.
    #expect(buffer[8192...].allSatisfy { $0 == 0x77 })
  }

  @Test func whatMovesNoBytesIsAnsweredWithZero() {
    var device = Recorder()
    #expect(answer(2, 0, 0, on: &device).result == 0)
    #expect(answer(3, 0, 800, on: &device).result == 0)
    #expect(answer(5, 792, 8, on: &device).result == 0)
    #expect(device.calls == ["flush", "discard 0+100", "zero 99+1"])
  }

  private static let refusals: [(StoreError, Int32)] = [
    (.full(BlockNumber(1)), 28), (.damaged(BlockNumber(1)), 5),
    (
      .bufferMismatch(
        BlockRange(start: BlockNumber(0), count: 0),
        byteCount: 1
      ), 22
    ),
  ]

  @Test(arguments: refusals) func whatTheStoreRefusesIsAnErrno(
    error: StoreError,
    errno: Int32
  ) {
    var device = Recorder()
    device.failure = error
    for (operation, start, sectors): (UInt8, UInt64, UInt32) in [
      (0, 8, 8), (1, 8, 8), (2, 0, 0), (3, 8, 8), (5, 8, 8),
    ] {
      #expect(
        answer(operation, start, sectors, on: &device).result == -errno
      )
    }
    #expect(device.calls.count == 5)
  }

  @Test func whatIsInvalidNeverReachesTheStore() {
    var device = Recorder()
    let requests: [(UInt8, UInt64, UInt32)] = [
      (0, 4, 8), (1, 0, 40), (1, 800, 8), (4, 0, 8), (255, 0, 8),
      (0, .max, .max), (3, 8, .max), (5, 0, 808), (1, 1 << 55, 8),
    ]
    for (operation, start, sectors) in requests {
      #expect(answer(operation, start, sectors, on: &device).result < 0)
    }
    #expect(device.calls == [])
  }

  /// Whatever the driver says, nothing traps and nothing outside is touched.
  @Test func everyRequestHasAnAnswer() {
    var device = Recorder()
    var state: UInt64 = 3
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 11
    }
    let starts: [UInt64] = [0, 8, 792, 800, 1 << 32, 1 << 55, .max, .max - 7]
    for round in 0..<5000 {
      let start = round % 2 == 0 ? starts[Int(next() % 8)] : next() % 1000
      let sectors = UInt32(
        truncatingIfNeeded: round % 3 == 0 ? next() : next() % 100
      )
      _ = answer(UInt8(next() % 7), start, sectors, on: &device)
    }
    #expect(!device.calls.isEmpty)
  }

  @Test func aMachineWithoutTheDriverSaysSo() {
    guard !Files.exists("/dev/ublk-control") else { return }
    #expect(throws: UblkError.noDriver(.noEntry)) {
      try UblkDevice.findDriver()
    }
    #expect(throws: UblkError.noDriver(.noEntry)) {
      _ = try UblkRegistration(shape)
    }
  }

  @Test func shapesAreBroughtIntoRange() {
    let small = UblkDevice.Shape(blocks: 1, depth: 0, bufferBytes: 0)
    #expect(small.depth == 1 && small.bufferBytes == 4096)
    let large = UblkDevice.Shape(blocks: 1, depth: 999, bufferBytes: .max)
    #expect(large.depth == 128 && large.bufferBytes == 1 << 20)
    let odd = UblkDevice.Shape(blocks: 1, depth: 16, bufferBytes: 10_000)
    #expect(odd.depth == 16 && odd.bufferBytes == 8192)
  }
}
