// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import Testing

@Suite struct QuarantineTests {
  /// Frames with their canaries, and what the comparison reports.
  private struct Watch {
    let selection: Selection
    let frames: PlainFrames
    let canary = Canary(seed: 0x5eed)

    init(_ request: FrameRequest, _ runs: [FrameRange]) {
      var pool = FramePool(request, excluding: [])
      for run in runs { pool.offer(run) }
      selection = pool.select()
      frames = PlainFrames(slotCount: selection.slotCount)
      selection.plant(canary, in: frames, progress: {})
    }

    func compare() -> (Quarantine, [FrameRange]) {
      var reported: [FrameRange] = []
      let quarantine = selection.quarantine(
        against: canary,
        in: frames,
        progress: {},
        report: { reported.append($0) }
      )
      return (quarantine, reported)
    }
  }

  /// Two shelves of 320 frames, 64 of each the reserve; the first has a gap
  /// behind its frame 160.
  private func watch() throws -> Watch {
    let watch = Watch(
      try FrameRequest(blocks: 256, copies: 2, reserve: 64),
      [range(0x1000, 160), range(0x2000, 160), range(0x9000, 320)]
    )
    #expect(watch.selection.framesPerShelf == 320)
    #expect(watch.selection.blocks == 256)
    #expect(watch.selection.reserve == 64)
    #expect(watch.selection.runs.count == 3)
    return watch
  }

  @Test func whatNobodyTouchesIsIntact() throws {
    let (quarantine, reported) = try watch().compare()
    #expect(quarantine.slots.isEmpty)
    #expect(quarantine.frames == 0)
    #expect(quarantine.holds)
    #expect(reported.isEmpty)
  }

  @Test(arguments: [0, 7, 63, 64, 1000, 32_704, 32_767])
  func oneBitAnywhereInAFrameIsSeen(bit: Int) throws {
    let watch = try watch()
    watch.frames.damage(200, bit: bit)
    let (quarantine, reported) = watch.compare()
    #expect(quarantine.slots == [200])
    #expect(reported == [range(0x2000 + 40, 1)])
  }

  @Test func aBurstIsOnePlaceUpToTheEndOfItsRun() throws {
    let watch = try watch()
    // The slots lie next to one another, the frames of 159 and 160 do not.
    for slot in 130..<190 as Range<UInt32> { watch.frames.damage(slot) }
    let (quarantine, reported) = watch.compare()
    #expect(quarantine.slots == Array(130..<190))
    #expect(quarantine.holds)
    #expect(reported == [range(0x1000 + 130, 30), range(0x2000, 30)])
  }

  @Test func everyShelfMayLoseItsReserveAndNoMore() throws {
    let watch = try watch()
    // The last 64 of the first shelf and the first 64 of the second: side by
    // side, and both can be spared.
    for slot in 256..<384 as Range<UInt32> { watch.frames.damage(slot) }
    var (quarantine, _) = watch.compare()
    #expect(quarantine.holds)
    #expect(quarantine.slots == Array(256..<384))

    watch.frames.damage(639)
    let reported: [FrameRange]
    (quarantine, reported) = watch.compare()
    #expect(!quarantine.holds)
    // All are counted and named, whatever becomes of them.
    #expect(quarantine.frames == 129)
    #expect(
      reported == [
        range(0x2000 + 96, 64), range(0x9000, 64), range(0x9000 + 319, 1),
      ]
    )
  }

  @Test func ruinIsCountedWithoutAList() throws {
    let watch = try watch()
    for slot in 0..<640 as Range<UInt32> { watch.frames.damage(slot) }
    let (quarantine, reported) = watch.compare()
    #expect(!quarantine.holds)
    #expect(quarantine.frames == 640)
    #expect(quarantine.slots.count == 64)
    #expect(reported.reduce(0) { $0 + $1.count } == 640)
  }

  @Test func nothingLooksLikeAnotherFramesCanary() throws {
    let watch = try watch()
    let same = Set((0..<640).map { Array(watch.frames[UInt32($0)]) })
    #expect(same.count == 640)
    // A frame that was written with another's canary has changed.
    let other = Array(watch.frames[7])
    let first = 8 * Frame.size
    watch.frames.bytes.replaceSubrange(first..<first + 4096, with: other)
    #expect(watch.compare().0.slots == [8])
    // And so has all of a run with another seed.
    watch.selection.plant(
      Canary(seed: 0x5eee),
      in: watch.frames,
      progress: {}
    )
    #expect(watch.compare().0.frames == 640)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func whatChangedIsWhatIsReported(seed: UInt64) throws {
    let offers = try Offers(seed: seed)
    let selection = offers.select()
    guard selection.slotCount > 0 else { return }
    let frames = PlainFrames(slotCount: selection.slotCount)
    let canary = Canary(seed: seed)
    var steps = 0
    selection.plant(canary, in: frames, progress: { steps += 1 })
    #expect(steps > 0)
    var random = SplitMix(state: seed)
    var damaged: Set<UInt32> = []
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let first = UInt32.random(in: 0..<selection.slotCount, using: &random)
      let count = UInt32.random(in: 1...20, using: &random)
      for slot in first..<min(first + count, selection.slotCount) {
        guard damaged.insert(slot).inserted else { continue }
        frames.damage(slot, bit: .random(in: 0..<32_768, using: &random))
      }
    }
    var reported: [UInt64] = []
    let quarantine = selection.quarantine(
      against: canary,
      in: frames,
      progress: {},
      report: { run in
        let inside = selection.runs.contains {
          $0.start <= run.start && run.end <= $0.end
        }
        #expect(inside)
        reported += Array(run.start.value..<run.end.value)
      }
    )
    #expect(quarantine.frames == UInt64(damaged.count))
    #expect(reported == damaged.sorted().map { selection.frame(of: $0)!.value })
    let losses = (0..<selection.copies).map { copy in
      damaged.count { Int($0 / selection.framesPerShelf) == copy }
    }
    #expect(quarantine.holds == losses.allSatisfy { $0 <= selection.reserve })
    if quarantine.holds { #expect(quarantine.slots == damaged.sorted()) }
  }

  @Test(
    arguments: [
      (1, 256), (4096, 256), (16_384, 256), (65_536, 1024), (1 << 28, 1 << 22),
    ] as [(UInt32, UInt32)]
  )
  func theReserveIsASixtyFourthAndAMiBAtLeast(
    blocks: UInt32,
    reserve: UInt32
  ) {
    #expect(FrameRequest.reserve(watching: blocks) == reserve)
  }
}
