// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Foundation
import Linux
import Memory
import Testing

@testable import Ublk

/// Data that the server copies itself, from and to a file that has it where
/// /dev/ublkcN does: sparse, and as long as a queue's tags are.
@Suite struct UserCopyTests {
  private let shape = UblkDevice.Shape(
    blocks: 100,
    depth: 4,
    bufferBytes: 12288
  ).served(byUserCopy: true)

  /// A file without a name.
  private func file() throws -> Descriptor {
    let name = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: name) }
    let path = Path(Array(name.utf8).span)
    _ = try Descriptor(path, .createNew(mode: 0o600))
    return try Descriptor(path, .readWrite)
  }

  private func answer(
    _ operation: UInt8,
    _ start: UInt64,
    _ sectors: UInt32,
    tag: UInt16 = 3,
    through file: borrowing Descriptor,
    on device: inout Recorder
  ) -> Int32 {
    var buffer = [UInt8](repeating: 0x77, count: Int(shape.bufferBytes))
    var span = buffer.mutableSpan
    var raw = span.mutableBytes
    return Ublk.answer(
      Request(operation: operation, sectors: sectors, start: start),
      tag: tag,
      in: shape,
      with: &raw,
      through: file,
      on: &device
    )
  }

  private func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 / 61 &+ $0) }
  }

  @Test func aWriteLargerThanTheBufferGoesInPieces() throws {
    var device = Recorder()
    let file = try file()
    let bytes = pattern(32768)
    try file.write(bytes.span.bytes, at: dataPosition(tag: 3, offset: 0))
    let result = answer(1, 16, 64, through: file, on: &device)
    #expect(result == 32768)
    #expect(device.calls == ["write 2+3", "write 5+3", "write 8+2"])
    #expect(Array(device.bytes[8192..<40960]) == bytes)
    #expect(device.bytes[40960...].allSatisfy { $0 == 0 })
  }

  @Test func aReadLargerThanTheBufferGoesInPieces() throws {
    var device = Recorder()
    let file = try file()
    device.bytes = pattern(device.bytes.count)
    let result = answer(0, 8, 56, tag: 127, through: file, on: &device)
    #expect(result == 28672)
    #expect(device.calls == ["read 1+3", "read 4+3", "read 7+1"])
    var found = [UInt8](repeating: 0, count: 28672)
    var span = found.mutableSpan
    var raw = span.mutableBytes
    let got = try file.read(
      at: dataPosition(tag: 127, offset: 0),
      into: &raw
    )
    #expect(got == 28672)
    #expect(found == Array(device.bytes[4096..<32768]))
    #expect(try file.byteCount() == dataPosition(tag: 127, offset: 28672))
  }

  @Test func aFileThatDoesNotGiveOrTakeIsAnError() throws {
    var device = Recorder()
    // Too short: what is missing must not be stored.
    let file = try file()
    let bytes = pattern(20480)
    try file.write(bytes.span.bytes, at: dataPosition(tag: 3, offset: 0))
    #expect(answer(1, 0, 64, through: file, on: &device) == -5)
    #expect(device.calls == ["write 0+3"])
    device.calls = []
    let closed = Descriptor(owning: -1)
    #expect(answer(1, 0, 8, through: closed, on: &device) == -5)
    #expect(device.calls == [])
    #expect(answer(0, 0, 64, through: closed, on: &device) == -5)
    #expect(device.calls == ["read 0+3"])
  }

  @Test func whatTheStoreRefusesEndsTheRequest() throws {
    var device = Recorder()
    let file = try file()
    device.failure = .damaged(BlockNumber(1))
    #expect(answer(0, 0, 64, through: file, on: &device) == -5)
    #expect(device.calls == ["read 0+3"])
    // Nothing of a block that did not verify reaches the driver.
    #expect(try file.byteCount() == 0)
  }

  @Test func whatMovesNoBytesReadsNoFile() {
    var device = Recorder()
    let closed = Descriptor(owning: -1)
    #expect(answer(2, 0, 0, through: closed, on: &device) == 0)
    #expect(answer(3, 0, 800, through: closed, on: &device) == 0)
    #expect(answer(5, 792, 8, through: closed, on: &device) == 0)
    #expect(device.calls == ["flush", "discard 0+100", "zero 99+1"])
  }

  @Test func requestsMayBeLargerThanTheOneBuffer() {
    #expect(shape.requestBytes == 256 << 10)
    #expect(shape.buffersByteCount == 12288)
    let driver = shape.served(byUserCopy: false)
    #expect(driver.requestBytes == 12288)
    #expect(driver.buffersByteCount == 4 * 12288)
    let large = UblkDevice.Shape(blocks: 1, bufferBytes: 1 << 20)
    #expect(large.served(byUserCopy: true).requestBytes == 1 << 20)
  }
}
