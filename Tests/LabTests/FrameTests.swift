// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func record(_ frame: UInt64, _ hash: UInt64) -> [UInt8] {
  [frame, hash].flatMap { word in
    (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }
}

private let end = [UInt8](repeating: 0xFF, count: 16)

@Test func aChangedFrameIsFound() throws {
  let before = try FrameHashes(record(7, 1) + record(8, 2) + end)
  let after = try FrameHashes(record(8, 3) + record(7, 1) + end)
  #expect(after.differences(from: before) == [8])
}

@Test func aFrameOfOneListOnlyIsNoDifference() throws {
  let before = try FrameHashes(record(7, 1) + end)
  let after = try FrameHashes(record(9, 1) + end)
  #expect(after.differences(from: before) == [])
}

@Test func whatFollowsTheEndIsIgnored() throws {
  let list = try FrameHashes(record(7, 1) + end + record(8, 1))
  #expect(list.hashes == [7: 1])
}

@Test func aListWithoutEndIsRefused() {
  let bytes = record(7, 1) + record(8, 2) + [1, 2, 3]
  #expect(throws: FrameHashes.Unfinished(frames: 2)) {
    try FrameHashes(bytes)
  }
}

@Test func runsAreFoundByFrame() {
  let list = FrameList("100 5 free\n10 1\nnonsense\n20 0\n\0garbage 1 2")
  #expect(list.runs.count == 2)
  #expect(list.run(of: 9) == nil)
  #expect(list.run(of: 10)?.kind == nil)
  #expect(list.run(of: 10)?.count == 1)
  #expect(list.run(of: 11) == nil)
  #expect(list.run(of: 104)?.kind == "free")
  #expect(list.run(of: 105) == nil)
}

@Test func archivesAreReadAsWritten() {
  var archive = NewcArchive()
  archive.add(file: "oldmem/modules/a.ko", content: [1, 2, 3])
  archive.add(file: "oldmem/stage2/00", content: [])
  #expect(
    NewcEntries(archive.bytes).entries == [
      .init(path: "oldmem", content: []),
      .init(path: "oldmem/modules", content: []),
      .init(path: "oldmem/modules/a.ko", content: [1, 2, 3]),
      .init(path: "oldmem/stage2", content: []),
      .init(path: "oldmem/stage2/00", content: []),
    ]
  )
}

@Test func anArchiveCutOffAnywhereIsReadUpToThere() {
  var archive = NewcArchive()
  archive.add(file: "one", content: [1])
  archive.add(file: "two", content: Array(repeating: 2, count: 50))
  let bytes = archive.bytes
  for length in 0..<bytes.count {
    #expect(NewcEntries(Array(bytes[..<length])).entries.count <= 2)
  }
}
