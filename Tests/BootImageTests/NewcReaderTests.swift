// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Testing

/// One regular file whose header is changed before it is read.
private func file(
  _ name: String = "file",
  data: [UInt8] = [1, 2, 3],
  change: (inout [UInt8]) -> Void = { _ in }
) -> [UInt8] {
  var writer = NewcWriter()
  writer.file(Array(name.utf8), data: data)
  var bytes = writer.bytes
  change(&bytes)
  return bytes
}

@Suite struct NewcReaderTests {
  @Test func readsBackWhateverWasWrittenInPiecesOfAnySize() throws {
    var random = Seeded(state: 1)
    for _ in 0..<100 {
      var bytes = [UInt8]()
      var expected = [String]()
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let archive = randomArchive(&random)
        bytes += archive.bytes
        expected += archive.lines
        let words = Int.random(in: 0...64, using: &random)
        bytes += [UInt8](repeating: 0, count: words * 4)
      }
      let largest = [1, 7, 300, 100_000].randomElement(using: &random) ?? 1
      let lines = try list(
        bytes,
        pieces: { Int.random(in: 1...largest, using: &random) }
      )
      #expect(lines == expected)
    }
  }

  @Test func anArchiveCutAnywhereIsTruncatedOrShorterByWholeEntries() {
    var random = Seeded(state: 2)
    let (bytes, expected) = randomArchive(&random)
    for count in 0..<bytes.count {
      do throws(ArchiveError) {
        let lines = try list(Array(bytes[..<count]))
        #expect(expected.starts(with: lines))
      } catch {
        guard case .truncated = error else {
          Issue.record("\(error) at \(count)")
          return
        }
      }
    }
  }

  @Test func randomAndDamagedBytesNeverTrap() {
    var random = Seeded(state: 3)
    for round in 0..<600 {
      var (bytes, _) = randomArchive(&random)
      if round % 4 == 0 {
        bytes = (0..<500).map { _ in .random(in: 0...255, using: &random) }
        bytes.replaceSubrange(0..<6, with: Array("070701".utf8))
      }
      for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        // Digits make damage that a header survives.
        bytes[place] =
          Array("0123456789abcdef\0/.".utf8)
          .randomElement(using: &random) ?? 0
      }
      _ = try? list(bytes, pieces: { Int.random(in: 1...99, using: &random) })
    }
  }

  @Test(arguments: [
    "/etc/passwd", "..", "../x", "a/../b", "a/..", "./../x", "a/b/../../..",
  ])
  func refusesANameThatLeavesTheRoot(name: String) {
    #expect(throws: ArchiveError.unsafeName(at: 0)) {
      try list(file(name))
    }
  }

  @Test(arguments: [".", "./a", "a/./b", "...", "a..", "..a/b", "a/...b"])
  func takesANameThatOnlyLooksLikeOne(name: String) throws {
    #expect(try list(file(name)).count == 1)
  }

  @Test func namesMayBeAsLongAsPathMaxAllows() throws {
    let longest = String(repeating: "x", count: NewcReader.nameLimit - 1)
    #expect(try list(file(longest)).count == 1)
    #expect(throws: ArchiveError.nameLength(at: 0, 4097)) {
      try list(file(longest + "x"))
    }
  }

  @Test func aNamePaddedWithZerosIsThatName() throws {
    let lines = try list(file("padded\0\0\0"))
    #expect(lines.first?.hasPrefix("file padded 644") == true)
    #expect(throws: ArchiveError.badName(at: 0)) { try list(file("a\0b")) }
    #expect(throws: ArchiveError.badName(at: 0)) { try list(file("")) }
  }

  @Test func aLinkWithoutTargetMakesNothing() throws {
    var writer = NewcWriter()
    writer.symlink(Array("empty".utf8), to: [])
    writer.directory(Array("behind".utf8))
    #expect(try list(writer.bytes) == ["directory behind 755 0:0 @0"])
  }

  @Test func theSumOf070702IsChecked() throws {
    let good = file {
      $0[5] = 0x32; $0[109] = 0x36
    }
    #expect(try list(good, pieces: { 1 }).count == 1)
    let bad = file {
      $0[5] = 0x32; $0[109] = 0x37
    }
    #expect(throws: ArchiveError.wrongSum(at: 0)) { try list(bad) }
  }

  @Test func errorsSayWhere() {
    let good = file()
    let at = UInt64(good.count)
    func both(_ second: [UInt8]) throws { _ = try list(good + second) }
    #expect(throws: ArchiveError.notNewc(at: at)) {
      try both(file { $0[5] = 0x37 })
    }
    #expect(throws: ArchiveError.badNumber(at: at + 54)) {
      try both(file { $0[60] = 0x67 })
    }
    #expect(throws: ArchiveError.misaligned(at: at + 1)) {
      try both([0] + file())
    }
    #expect(throws: ArchiveError.junk(at: at)) { try both([0x1f, 0x8b]) }
    #expect(throws: ArchiveError.truncated(at: at)) { try both([0x30]) }
    #expect(throws: ArchiveError.unexpectedData(at: at, size: 3)) {
      try both(file { $0[18] = 0x34 })
    }
    #expect(throws: ArchiveError.unknownKind(at: at, mode: 0o70644)) {
      try both(file(data: []) { $0[18] = 0x37 })
    }
  }

  @Test func anEntryBeyondTheKnownEndIsRefusedBeforeItIsMade() {
    let bytes = file(data: [UInt8](repeating: 7, count: 5000))
    #expect(throws: ArchiveError.tooLarge(at: 0, size: 5000)) {
      try list(bytes, limit: 5000)
    }
  }

  @Test func theSinksRefusalComesBackWithItsEntry() throws {
    let bytes = file() + file("second")
    var reader = NewcReader()
    var listing = Listing(refused: 1)
    let second = UInt64(file().count)
    #expect(
      throws: ArchiveError.sink(at: second, .failed(errno: 28))
    ) {
      _ = try reader.feed(bytes.span, to: &listing)
    }
  }

  @Test func theTableOfHardLinksIsBounded() {
    var bytes = [UInt8]()
    for index in 0..<70_000 {
      var writer = NewcWriter()
      writer.links([Array("a\(index)".utf8), [0x62]], data: [])
      let number = Array(String(index + 0x1000_0000, radix: 16).utf8)
      var one = Array(writer.bytes[..<(writer.bytes.count / 2)])
      one.replaceSubrange(6..<14, with: number)
      bytes += one
    }
    #expect(throws: ArchiveError.self) { try list(bytes) }
  }
}
