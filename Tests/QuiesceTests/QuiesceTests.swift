// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Testing

@testable import Quiesce

@Suite struct QuiesceTests {
  let tree: FunctionTree

  init() throws { tree = try FunctionTree() }

  /// What becomes of each function, by address.
  private func outcomes() throws -> [String: Quiesce.Outcome] {
    var outcomes: [String: Quiesce.Outcome] = [:]
    let summary = Quiesce.cutOffDriverless(in: tree.path) {
      address,
      _,
      outcome in
      outcomes[text(address)] = outcome
    }
    let sum = try #require(summary)
    #expect(sum.cutOff + sum.failed + sum.leftAlone == outcomes.count)
    return outcomes
  }

  @Test(arguments: [
    "0x060000", "0x060400", "0x060100", "0x068000", "0x080600",
  ])
  func whatOthersWriteThroughIsNeverTouched(_ classText: String) throws {
    try tree.add("0000:00:00.0", class: classText)
    #expect(try outcomes() == ["0000:00:00.0": .leftAlone(.passage)])
    #expect(try tree.read("0000:00:00.0/enable") == "0\n")
  }

  @Test(arguments: [1, 2, 0x81] as [UInt8])
  func aBridgeIsOneWhateverItsClass(_ headerType: UInt8) throws {
    try tree.add("0000:00:00.0", class: "0x0c0000", headerType: headerType)
    #expect(try outcomes() == ["0000:00:00.0": .leftAlone(.passage)])
    #expect(try tree.read("0000:00:00.0/enable") == "0\n")
  }

  @Test(arguments: ["0x030000", "0x030200", "0x038000", "0x000100"])
  func displaysAreNeverTouched(_ classText: String) throws {
    try tree.add("0000:00:02.0", class: classText)
    #expect(try outcomes() == ["0000:00:02.0": .leftAlone(.display)])
    #expect(try tree.read("0000:00:02.0/enable") == "0\n")
  }

  @Test func whatHasADriverOrAUserIsNeverTouched() throws {
    try tree.add("0000:00:03.0", users: "1", driver: true)
    try tree.add("0000:00:04.0", users: "2")
    #expect(
      try outcomes() == [
        "0000:00:03.0": .leftAlone(.driver),
        "0000:00:04.0": .leftAlone(.users(2)),
      ]
    )
    #expect(try tree.read("0000:00:03.0/enable") == "1\n")
    #expect(try tree.read("0000:00:04.0/enable") == "2\n")
  }

  @Test func whatCannotWriteToMemoryIsLeftAlone() throws {
    try tree.add("0000:00:03.0", command: 0x0403)
    // All ones, as of a device that is gone, has the bit set as well.
    try tree.add("0000:00:04.0", command: 0xffff)
    #expect(
      try outcomes() == [
        "0000:00:03.0": .leftAlone(.noBusMaster),
        "0000:00:04.0": .leftAlone(.silent),
      ]
    )
    #expect(try tree.read("0000:00:03.0/enable") == "0\n")
    #expect(try tree.read("0000:00:04.0/enable") == "0\n")
  }

  @Test func onlyTheEffectCounts() throws {
    // Both writes succeed, and the bit stays.
    try tree.add("0000:00:03.0")
    #expect(try outcomes() == ["0000:00:03.0": .unchanged])
    #expect(try tree.read("0000:00:03.0/enable").hasPrefix("0"))
  }

  @Test func aRefusalIsNamedAndTheNextIsTriedAnyway() throws {
    for device in 3...6 { try tree.add("0000:00:0\(device).0") }
    // An attribute of this kernel's that reads as 0 and cannot be written.
    try tree.remove("0000:00:04.0/enable")
    try FileManager.default.createSymbolicLink(
      at: tree.url("0000:00:04.0/enable"),
      withDestinationURL: URL(
        fileURLWithPath: "/sys/class/net/lo/addr_assign_type"
      )
    )
    try tree.remove("0000:00:05.0/config")
    try tree.write("short", to: "0000:00:06.0/config")
    #expect(
      try outcomes() == [
        "0000:00:03.0": .unchanged,
        "0000:00:04.0": .refused(Errno(13)),
        "0000:00:05.0": .unreadable(.noEntry),
        "0000:00:06.0": .unreadable(.inputOutput),
      ]
    )
  }

  @Test(arguments: ["", "0x", "bridge", "0x1ffffffffffffffff"])
  func whatMakesNoSenseIsNotTouched(_ classText: String) throws {
    try tree.add("0000:00:03.0", class: classText)
    #expect(try outcomes() == ["0000:00:03.0": .unreadable(.invalid)])
  }

  @Test func aMachineWithoutPCIIsNoFault() {
    let summary = Quiesce.cutOffDriverless(in: "/nonexistent") { _, _, _ in }
    #expect(summary == nil)
  }

  @Test func nothingThatMattersIsSilent() {
    let told: [Quiesce.Outcome] = [
      .cutOff, .unchanged, .refused(.inputOutput), .unreadable(.noEntry),
      .leftAlone(.users(1)), .leftAlone(.display),
    ]
    for outcome in told { #expect(outcome.sentence != nil, "\(outcome)") }
    let silent: [Quiesce.Reason] = [
      .noBusMaster, .driver, .passage, .silent,
    ]
    for reason in silent {
      #expect(Quiesce.Outcome.leftAlone(reason).sentence == nil)
    }
  }
}
