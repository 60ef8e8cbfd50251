// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Activation

@Suite struct PartitionPlanTests {
  private let mebibyte: UInt64 = 1 << 20

  @Test func swapGetsAllThatItWasToGetAndScratchTheRest() throws {
    let plan = try #require(
      PartitionPlan(deviceBytes: 512 * mebibyte, swapBytes: 256 * mebibyte)
    )
    #expect(plan.swapStart == 4096)
    #expect(plan.swapLength == 256 * mebibyte)
    #expect(plan.scratchStart == 256 * mebibyte + 4096)
    #expect(plan.scratchLength == 256 * mebibyte - 4096)
  }

  @Test func whenLessIsThereScratchIsWhatGetsSmaller() throws {
    let plan = try #require(
      PartitionPlan(deviceBytes: 300 * mebibyte, swapBytes: 256 * mebibyte)
    )
    #expect(plan.swapLength == 256 * mebibyte)
    #expect(plan.scratchLength == 44 * mebibyte - 4096)
  }

  @Test func aDeviceWithoutRoomForBothStaysWhole() {
    let least = PartitionPlan.leastScratch
    #expect(PartitionPlan(deviceBytes: 0, swapBytes: 1 << 20) == nil)
    #expect(PartitionPlan(deviceBytes: 4096, swapBytes: 1 << 20) == nil)
    #expect(PartitionPlan(deviceBytes: 1 << 20, swapBytes: 1 << 20) == nil)
    #expect(
      PartitionPlan(deviceBytes: mebibyte + least, swapBytes: mebibyte) == nil
    )
    let exact = PartitionPlan(
      deviceBytes: mebibyte + least + 4096,
      swapBytes: mebibyte
    )
    #expect(exact?.scratchLength == least)
    // The kernel refuses a swap area of fewer than ten pages.
    #expect(
      PartitionPlan(deviceBytes: 64 * mebibyte, swapBytes: 9 * 4096) == nil
    )
    #expect(
      PartitionPlan(deviceBytes: 64 * mebibyte, swapBytes: 10 * 4096) != nil
    )
  }

  @Test func partsAreOfWholeBlocksInsideTheDeviceAndApart() {
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      let device = UInt64.random(in: 0...1 << 42, using: &numbers)
      let swap = UInt64.random(in: 0...device, using: &numbers)
      guard let plan = PartitionPlan(deviceBytes: device, swapBytes: swap)
      else { continue }
      for number in [
        plan.swapStart, plan.swapLength, plan.scratchStart, plan.scratchLength,
      ] {
        #expect(number % 4096 == 0 && number > 0)
      }
      #expect(plan.swapLength <= swap)
      #expect(plan.swapStart + plan.swapLength <= plan.scratchStart)
      #expect(plan.scratchStart + plan.scratchLength <= device)
      #expect(plan.scratchLength >= PartitionPlan.leastScratch)
    }
    let widest = PartitionPlan(deviceBytes: .max, swapBytes: .max)
    #expect(widest == nil)
  }
}
