// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import PageClasses
import Testing

/// What holds for every selection, whatever was offered.
@Suite struct SelectionPropertyTests {
  static let seeds: Range<UInt64> = 0..<400

  @Test(arguments: seeds)
  func everyFrameWasOfferedAndIsNotExcludedAndIsChosenOnce(
    seed: UInt64
  ) throws {
    let offers = try Offers(seed: seed)
    let allowed = offers.allowed
    var last: UInt64?
    let selection = offers.select()
    #expect(selection.classes.count == selection.runs.count)
    for (run, pageClass) in zip(selection.runs, selection.classes) {
      #expect(!run.isEmpty)
      if let last { #expect(run.start.value >= last) }
      last = run.end.value
      let frames = Int(run.start.value)..<Int(run.end.value)
      #expect(allowed[frames].allSatisfy { $0.contains(pageClass) })
    }
    let sum = PageClass.allCases.reduce(0) { $0 + selection.frames(of: $1) }
    #expect(sum == UInt64(selection.slotCount))
  }

  @Test(arguments: seeds)
  func runsAreLongEnoughAndNotTooMany(seed: UInt64) throws {
    let offers = try Offers(seed: seed)
    let selection = offers.select()
    #expect(selection.runs.count <= offers.request.maximumRuns)
    for run in selection.runs {
      #expect(run.count >= UInt64(offers.request.minimumRun))
    }
  }

  @Test(arguments: seeds)
  func shelvesAreEqualAndNoRunLiesInTwo(seed: UInt64) throws {
    let selection = try Offers(seed: seed).select()
    let total = selection.runs.reduce(0) { $0 + $1.count }
    #expect(total == UInt64(selection.slotCount))
    #expect(
      selection.slotCount
        == UInt32(selection.copies) * selection.framesPerShelf
    )
    for (run, slot) in zip(selection.runs, selection.firstSlots) {
      let last = slot + UInt32(run.count) - 1
      #expect(
        slot / selection.framesPerShelf == last / selection.framesPerShelf
      )
    }
  }

  @Test(arguments: seeds)
  func slotsNameTheFramesOfTheRunsInOrder(seed: UInt64) throws {
    let selection = try Offers(seed: seed).select()
    let frames = selection.runs.flatMap {
      ($0.start.value..<$0.end.value).map(FrameNumber.init)
    }
    #expect((0..<selection.slotCount).map(selection.frame) == frames)
    #expect(selection.frame(of: selection.slotCount) == nil)
    #expect(selection.frame(of: .max) == nil)
  }

  @Test(arguments: seeds)
  func theDistanceReportedIsTheLeastOfAllPairs(seed: UInt64) throws {
    let selection = try Offers(seed: seed).select()
    var least: UInt64?
    for index in 0..<selection.framesPerShelf {
      var frames: [UInt64] = []
      for copy in 0..<UInt32(selection.copies) {
        let slot = copy * selection.framesPerShelf + index
        frames.append(selection.frame(of: slot)?.value ?? 0)
      }
      for (upper, above) in frames.enumerated() {
        for below in frames[..<upper] {
          least = min(least ?? .max, above - below)
        }
      }
    }
    #expect(selection.distance == least)
    if let least { #expect(least >= UInt64(selection.framesPerShelf)) }
  }

  @Test(arguments: seeds)
  func neverMoreThanWantedAndLessIsSaid(seed: UInt64) throws {
    let offers = try Offers(seed: seed)
    let selection = offers.select()
    let request = offers.request
    #expect(UInt64(selection.framesPerShelf) <= request.framesPerShelf)
    #expect(selection.blocks <= request.blocks)
    #expect(selection.blocks <= selection.framesPerShelf)
    #expect(selection.isShort == (selection.blocks < request.blocks))
  }
}
