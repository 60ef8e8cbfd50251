// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Memory
import Testing

@testable import Devices

/// What /proc/vmcore shows, made of a file that stands for /dev/mem.
private struct Window: PhysicalMemory {
  let file: FileHandle
  /// What it shows elsewhere than it is.
  var shift: UInt64 = 0
  /// Frames that it shows as they were when it was made.
  var stale: [UInt64: [UInt8]] = [:]
  /// Frames that it has no memory of.
  var holes: Set<UInt64> = []
  /// A byte of these that it shows wrongly.
  var damaged: [UInt64: Int] = [:]

  func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError) {
    let frame = address.value >> Frame.shift
    guard !holes.contains(frame) else { throw .notCovered(address) }
    var content = stale[frame] ?? []
    if content.isEmpty {
      try? file.seek(toOffset: address.value &+ shift)
      content = [UInt8]((try? file.read(upToCount: Frame.size)) ?? Data())
    }
    if let place = damaged[frame] { content[place] ^= 0x80 }
    for (offset, byte) in content.enumerated() {
      bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
  }
}

@Suite struct RouteProofTests {
  private let content = memory(frames: 32)
  private let device: Scratch
  private let window: Window
  private let lent = runs((4, 1), (8, 5), (20, 2))

  init() throws {
    device = try Scratch(content)
    let name = String(decoding: device.path.name, as: UTF8.self)
    window = Window(file: try FileHandle(forReadingFrom: URL(filePath: name)))
  }

  /// The frames that have changed since they were made.
  private var changed: [Int] {
    get throws {
      let now = try device.bytes
      return (0..<32).filter { frame in
        let bytes = frame * Frame.size..<(frame + 1) * Frame.size
        return now[bytes] != content[bytes]
      }
    }
  }

  private func prove(_ window: Window) throws(RouteProof.Refusal) {
    let frames: PooledFrames
    do {
      let file = try Descriptor(device.path, .readWrite)
      frames = try PooledFrames.mapping(lent.span, of: file)
    } catch {
      Issue.record(error)
      return
    }
    try RouteProof.prove(
      frames,
      lent.span,
      against: window,
      seed: 7,
      progress: {}
    )
  }

  @Test func aRouteThatReachesTheFramesIsTaken() throws {
    try prove(window)
    // Those whose pace was measured are among the lent ones too.
    #expect(
      try changed.allSatisfy { [4, 8, 9, 10, 11, 12, 20, 21].contains($0) }
    )
    #expect(try Set([4, 8, 12, 20, 21]).isSubset(of: changed))
  }

  @Test func nothingIsWrittenWhereTheBytesDiffer() throws {
    var other = window
    other.shift = UInt64(Frame.size)
    #expect(throws: RouteProof.Refusal.differs(FrameNumber(4))) {
      try prove(other)
    }
    #expect(try changed == [])
  }

  @Test(arguments: [0, 1, 2047, 4095]) func oneByteThatDiffersIsEnough(
    place: Int
  ) throws {
    var other = window
    other.damaged = [4: place]
    #expect(throws: RouteProof.Refusal.differs(FrameNumber(4))) {
      try prove(other)
    }
    #expect(try changed == [])
  }

  @Test(arguments: [8, 12, 20, 21]) func bothEndsOfEveryRunAreProved(
    frame: Int
  ) throws {
    var other = window
    other.damaged = [UInt64(frame): 100]
    #expect(
      throws: RouteProof.Refusal.differs(FrameNumber(UInt64(frame)))
    ) { try prove(other) }
    #expect(try !changed.contains(frame))
  }

  @Test func aWriteThatDoesNotArriveIsLost() throws {
    var other = window
    let start = 12 * Frame.size
    other.stale = [12: Array(content[start..<start + Frame.size])]
    #expect(throws: RouteProof.Refusal.lost(FrameNumber(12))) {
      try prove(other)
    }
  }

  @Test func memoryThatVmcoreLacksIsNotWritten() throws {
    var other = window
    other.holes = [4]
    let address = PhysicalAddress(4 << Frame.shift)
    #expect(
      throws: RouteProof.Refusal.unreadable(
        FrameNumber(4),
        .notCovered(address)
      )
    ) { try prove(other) }
    #expect(try changed == [])
  }

  @Test func refusalsNameTheFrame() {
    func text(_ refusal: RouteProof.Refusal) -> String {
      let line = refusal.sentence
      var bytes: [UInt8] = []
      for index in line.text.indices { bytes.append(line.text[index]) }
      return String(decoding: bytes, as: UTF8.self)
    }
    let frame = FrameNumber(0xabc)
    let address = PhysicalAddress(0xabc000)
    #expect(text(.differs(frame)).contains("0xabc "))
    #expect(text(.lost(frame)).contains("0xabc "))
    #expect(text(.unreadable(frame, .notCovered(address))).contains("0xabc "))
    #expect(text(.slow(times: 50)).contains("50 times"))
  }
}
