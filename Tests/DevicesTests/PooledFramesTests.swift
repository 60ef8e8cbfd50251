// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Testing

@testable import Devices

@Suite struct PooledFramesTests {
  private func read(_ frames: borrowing PooledFrames, _ slot: UInt32) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0xee, count: Frame.size)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    frames.read(slot, into: &raw)
    return bytes
  }

  @Test func slotsOfOrdinaryMemoryAreApart() throws {
    let frames = try PooledFrames.anonymous(slotCount: 9)
    #expect(frames.slotCount == 9)
    for slot in 0..<UInt32(9) {
      #expect(read(frames, slot) == Array(repeating: 0, count: Frame.size))
      let content = [UInt8](repeating: UInt8(slot) + 1, count: Frame.size)
      frames.write(slot, from: content.span.bytes)
    }
    for slot in 0..<UInt32(9) {
      #expect(read(frames, slot)[0] == UInt8(slot) + 1)
      #expect(read(frames, slot)[4095] == UInt8(slot) + 1)
    }
  }

  /// A file stands for /dev/mem: its offsets are physical addresses.
  @Test func everySlotIsTheFrameThatItsRunSays() throws {
    let content = memory(frames: 64)
    let device = try Scratch(content)
    let runs = runs((40, 3), (5, 1), (6, 2), (60, 4), (0, 1))
    let numbers: [Int] = [40, 41, 42, 5, 6, 7, 60, 61, 62, 63, 0]
    var expected = content
    do {
      let file = try Descriptor(device.path, .readWrite)
      let frames = try PooledFrames.mapping(runs.span, of: file)
      #expect(frames.slotCount == UInt32(numbers.count))
      for (slot, number) in numbers.enumerated() {
        let first = number * Frame.size
        #expect(
          read(frames, UInt32(slot))
            == Array(content[first..<first + Frame.size])
        )
        let new = (0..<Frame.size).map {
          UInt8(truncatingIfNeeded: $0 / 16 &+ slot)
        }
        frames.write(UInt32(slot), from: new.span.bytes)
        expected.replaceSubrange(first..<first + Frame.size, with: new)
      }
    }
    // And no other frame has changed.
    #expect(try device.bytes == expected)
  }

  /// As a process does that only makes others who use the frames.
  @Test func framesThatWereSetAsideCanBeMappedAgain() throws {
    let content = memory(frames: 8)
    let device = try Scratch(content)
    let file = try Descriptor(device.path, .readWrite)
    var frames = try PooledFrames.mapping(runs((2, 3)).span, of: file)
    #expect(try isMapped(device))
    try frames.setAside()
    #expect(try !isMapped(device))
    try frames.mapAgain()
    #expect(try isMapped(device))
    #expect(read(frames, 2) == Array(content[4 * 4096..<5 * 4096]))

    var ordinary = try PooledFrames.anonymous(slotCount: 1)
    ordinary.write(0, from: content.span.bytes.extracting(first: 4096))
    try ordinary.setAside()
    try ordinary.mapAgain()
    #expect(read(ordinary, 0) == Array(content[..<4096]))
  }

  private func isMapped(_ device: Scratch) throws -> Bool {
    let maps = try Files.read("/proc/self/maps", limit: 16 << 20)
    let name = String(decoding: device.path.name, as: UTF8.self)
    return String(decoding: maps, as: UTF8.self).contains(name)
  }

  @Test func runsThatCannotBeAreRefused() throws {
    let device = try Scratch(memory(frames: 2))
    let file = try Descriptor(device.path, .readWrite)
    for runs in [
      [], runs((1, 0)), runs((0, 1 << 32)), runs((1 << 52, 1)),
      runs((0, 1), (.max - 1, 1)),
    ] {
      #expect(throws: Errno.invalid) {
        _ = try PooledFrames.mapping(runs.span, of: file)
      }
    }
  }

  @Test func aDeviceThatDoesNotAllowItIsAnErrno() throws {
    let device = try Scratch(memory(frames: 2))
    let file = try Descriptor(device.path, .read)
    // EACCES: not open for writing.
    #expect(throws: Errno(13)) {
      _ = try PooledFrames.mapping(runs((0, 1)).span, of: file)
    }
  }
}
