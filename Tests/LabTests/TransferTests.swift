// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

/// /proc/kpageflags with these words.
private func flags(_ words: [UInt64]) -> PageFlags {
  PageFlags(
    words.flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
  )
}

private let free: UInt64 = 1 << 10
private let cache: UInt64 = 1 << 5 | 1 << 3
private let anonymous: UInt64 = 1 << 5 | 1 << 12 | 1 << 11
private let writeback: UInt64 = 1 << 8

@Test func aRunOfFramesIsATransferForEach() {
  let list = TransferList("100 2 256 small-0\nnonsense\n9 1 3\n\0 1 1 1 a")
  #expect(
    list.transfers == [
      .init(frame: 100, block: 256, buffer: "small-0"),
      .init(frame: 101, block: 257, buffer: "small-0"),
    ]
  )
}

@Test func anAbsurdRunIsLeftOut() {
  let list = TransferList("1 18446744073709551615 0 a\n\(UInt64.max) 2 0 a")
  #expect(list.transfers.isEmpty)
}

@Test func pagesAreWhatTheKernelCallsThem() {
  let huge = anonymous | 1 << 17
  let flags = flags([0, free, cache, anonymous, cache | writeback, huge])
  #expect(flags.use(of: 0) == .other)
  #expect(flags.use(of: 1) == .free)
  #expect(flags.use(of: 2) == .cache)
  #expect(flags.use(of: 3) == .anonymous)
  #expect(flags.use(of: 5) == .hugetlb)
  #expect(flags.use(of: 6) == .other)
  #expect(flags.has(.writeback, 4))
  #expect(!flags.has(.writeback, 3))
  #expect(!flags.has(.locked, .max))
}

@Test func lentFramesAreCountedByUseAndFlag() {
  let judge = TransferJudge(
    transfers: TransferList("3 1 0 small-0\n9 1 1 small-0"),
    flags: flags([0, free, cache, anonymous, cache | writeback, free])
  )
  let facts = judge.facts(of: FrameList("1 4"))
  #expect(facts["lent-frames"] == "4")
  #expect(facts["lent-free"] == "1")
  #expect(facts["lent-cache"] == "2")
  #expect(facts["lent-anonymous"] == "1")
  #expect(facts["lent-other"] == "0")
  #expect(facts["lent-writeback"] == "1")
  #expect(facts["lent-locked"] == "0")
  #expect(facts["dma-frames-chosen"] == "1")
  #expect(judge.facts["dma-frames"] == "2")
}

@Test func factsOfAScanHaveNamesOfTheirOwn() {
  let judge = TransferJudge(transfers: TransferList(""), flags: flags([]))
  let facts = judge.facts(of: FrameList("1 4"), prefix: "scan-")
  #expect(facts["scan-lent-other"] == "4")
  #expect(facts["scan-dma-frames-chosen"] == "0")
  #expect(facts.keys.allSatisfy { $0.hasPrefix("scan-") })
}

@Test func hardwareIsJudgedByWhatChanged() {
  let judge = TransferJudge(
    transfers: TransferList("3 2 0 small-0"),
    flags: flags([])
  )
  let facts = judge.facts(
    ofChanged: [3, 7, 8],
    scan: FrameList("8 1\n2 2")
  )
  #expect(facts["changed-frames"] == "3")
  #expect(facts["changed-dma-frames"] == "1")
  #expect(facts["changed-elsewhere"] == "2")
  #expect(facts["changed-scan"] == "2")
}

@Test func sectorsOfTheDiskAreToldApart() {
  let judge = TransferJudge(
    transfers: TransferList("50 1 1 writes-0"),
    flags: flags([])
  )
  var disk = Stamp.beingWritten.bytes(block: 0)
  disk += Stamp.beingWritten.bytes(block: 1)
  disk += Stamp.onDisk.bytes(block: 2)
  // A sector of a block that belongs elsewhere, and one of zeroes.
  disk.replaceSubrange(0..<512, with: Stamp.onDisk.bytes(block: 7)[0..<512])
  disk.replaceSubrange(512..<1024, with: [UInt8](repeating: 0, count: 512))
  let facts = judge.facts(ofDisk: disk)
  #expect(facts["sectors-old"] == "8")
  #expect(facts["sectors-new"] == "14")
  #expect(facts["sectors-arrived"] == "8")
  #expect(facts["sectors-zero"] == "1")
  #expect(facts["sectors-other"] == "1")
  #expect(facts["sectors-hog"] == "0")
}

@Test func whatKeepsAFrameIsTold() {
  let judge = TransferJudge(
    transfers: TransferList("3 3 0 small-0\n9 1 3 small-0"),
    flags: flags([])
  )
  let kept = FrameList("0 5 anonymous pinned\n5 1 anonymous references\n")
  #expect(
    judge.facts(ofKept: kept) == [
      "dma-kept-pinned": "2", "dma-kept-references": "1",
    ]
  )
}
