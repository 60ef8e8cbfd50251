// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Memory
import Testing

@testable import DeviceMapper

/// The same numbers every time.
private struct Draws: RandomNumberGenerator {
  private var state: UInt64 = 0

  mutating func next() -> UInt64 {
    state &+= 1
    return SplitMix64.mixed(state)
  }
}

@Suite struct WindowTests {
  private func run(_ start: UInt64, _ count: UInt64) -> FrameRange {
    FrameRange(start: FrameNumber(start), count: count)
  }

  private func text(_ path: Path) -> String {
    String(decoding: path.name, as: UTF8.self)
  }

  @Test func slramShowsTheTwoStretchesWithMostFrames() {
    let taken = [run(0, 16), run(1000, 100), run(3000, 10)]
    let chosen = [
      run(20, 100), run(500, 3), run(1101, 300), run(2990, 9), run(3011, 20),
    ]
    let ranges = SlramPlan.ranges(covering: chosen, without: taken)
    #expect(ranges == [run(20, 484), run(1100, 1900)])
    #expect(
      text(SlramPlan.parameters(ranges))
        == "map=oldmem0,0x14000,+0x1e4000,oldmem1,0x44c000,+0x76c000"
    )
  }

  /// Rounded to 16 KiB, it would show what is taken.
  @Test func aStretchThatTouchesWhatIsTakenIsNone() {
    #expect(
      SlramPlan.ranges(covering: [run(17, 9)], without: [run(16, 1)]) == []
    )
    #expect(SlramPlan.ranges(covering: [], without: []) == [])
  }

  @Test func noPlanEverCoversWhatIsTaken() {
    var random = Draws()
    for _ in 0..<500 {
      var next: UInt64 = 0
      var taken: [FrameRange] = []
      var chosen: [FrameRange] = []
      for _ in 0..<20 {
        next += UInt64.random(in: 0...9, using: &random)
        let part = run(next, UInt64.random(in: 1...30, using: &random))
        if Bool.random(using: &random) {
          taken.append(part)
        } else {
          chosen.append(part)
        }
        next = part.end.value
      }
      for range in SlramPlan.ranges(covering: chosen, without: taken) {
        #expect(range.start.value % 4 == 0 && range.count % 4 == 0)
        #expect(!taken.contains { $0.overlaps(range) })
      }
    }
  }

  @Test func aWindowKnowsWhereItsFramesAre() throws {
    let window = MemoryWindow(
      frames: run(0x1000, 256),
      device: DeviceNumber(major: 259, minor: 0)
    )
    let place = try #require(window.place(of: FrameNumber(0x1010)))
    #expect(place.sector == 16 * 8)
    #expect(place.count == 240)
    #expect(window.place(of: FrameNumber(0x0fff)) == nil)
    #expect(window.place(of: FrameNumber(0x1100)) == nil)
  }

  @Test func framesInNoWindowHaveNoTable() throws {
    let window = MemoryWindow(
      frames: run(100, 10),
      device: DeviceNumber(major: 259, minor: 0)
    )
    let other = MemoryWindow(
      frames: run(110, 10),
      device: DeviceNumber(major: 259, minor: 1)
    )
    let table = try StitchedDevice.table(
      "x",
      [run(105, 10)],
      in: [window, other]
    )
    #expect(table.targets == 2)
    #expect(table.sectors == 80)
    do throws(StitchedDevice.Failure) {
      _ = try StitchedDevice.table("x", [run(105, 16)], in: [window, other])
      Issue.record("frame 120 is in no window")
    } catch {
      guard case .outside(FrameNumber(120)) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func whatLiesOutsideIsEverythingElse() {
    let windows = [run(200, 100), run(50, 10)]
    let taken = [run(0, 5), run(200, 100), run(250, 2)]
    let outside = MemoryWindow.outside(windows, taken)
    func isOutside(_ frame: UInt64) -> Bool {
      outside.contains { $0.contains(FrameNumber(frame)) }
    }
    for frame: UInt64 in [0, 49, 60, 199, 250, 251, 300, 1 << 50] {
      #expect(isOutside(frame), "frame \(frame)")
    }
    for frame: UInt64 in [50, 59, 200, 249, 252, 299] {
      #expect(!isOutside(frame), "frame \(frame)")
    }
  }

  /// A folder that looks as /sys/block does.
  @Test func pmemIsFoundWhereSysfsSaysItIs() throws {
    let root = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func put(_ text: String, _ path: String) throws {
      let url = URL(fileURLWithPath: root + "/" + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: url)
    }
    try put("259:0\n", "pmem0/dev")
    try put("1441792\n", "pmem0/size")
    try put("0x20000000\n", "pmem0/device/resource")
    // Without an address, with one that is no frame's, and something else.
    try put("259:1\n", "pmem1/dev")
    try put("8\n", "pmem1/size")
    try put("259:2\n", "pmem2/dev")
    try put("8\n", "pmem2/size")
    try put("0x20000200\n", "pmem2/device/resource")
    try put("254:0\n", "vda/dev")
    let found = MemoryWindow.pmem(in: Path(Array(root.utf8).span))
    #expect(
      found == [
        MemoryWindow(
          frames: run(0x20000, 180_224),
          device: DeviceNumber(major: 259, minor: 0)
        )
      ]
    )
  }
}
