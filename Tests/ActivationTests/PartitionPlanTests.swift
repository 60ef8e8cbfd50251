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

  @Test func partsAreOfWholeBlocksInsideTheDeviceAndApart() throws {
    var state: UInt64 = 1
    for _ in 0..<10_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let device = state >> 22
      let swap = device / 64 * (state >> 6 & 63)
      guard let plan = PartitionPlan(deviceBytes: device, swapBytes: swap)
      else { continue }
      for number in [
        plan.swapStart, plan.swapLength, plan.scratchStart, plan.scratchLength,
      ] {
        try #require(number % 4096 == 0 && number > 0)
      }
      try #require(plan.swapLength <= swap)
      try #require(plan.swapStart + plan.swapLength <= plan.scratchStart)
      try #require(plan.scratchStart + plan.scratchLength <= device)
      try #require(plan.scratchLength >= PartitionPlan.leastScratch)
    }
    #expect(PartitionPlan(deviceBytes: .max, swapBytes: .max) == nil)
  }
}
