// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

@Test(arguments: [
  ("92M", 92), ("2G", 2048), ("2048M", 2048), ("1g", 1024),
])
func sizesAreRead(text: String, mebibytes: Int) {
  #expect(MemorySize(text)?.mebibytes == mebibytes)
}

@Test(arguments: ["", "M", "0M", "-1G", "92", "92K", "9 2M", "99999999999G"])
func whatIsNotASizeIsRefused(text: String) {
  #expect(MemorySize(text) == nil)
}

@Test func linesAreTheSameWhateverThePieces() {
  let bytes = Array("one\r\ntwo\n\nthree".utf8)
  for cut in 0...bytes.count {
    var splitter = LineSplitter()
    let lines =
      splitter.take(Array(bytes[..<cut])) + splitter.take(Array(bytes[cut...]))
    #expect(lines == ["one", "two", ""])
    #expect(splitter.remainder == "three")
  }
}

@Test func anEndlessLineIsCut() {
  var splitter = LineSplitter()
  for _ in 0..<100 {
    _ = splitter.take(Array(repeating: 0x41, count: 4096))
  }
  #expect(splitter.remainder?.utf8.count == 65_536)
}

@Test func guestMessagesAreRead() {
  #expect(
    GuestMessage(line: "fact swap-used 12 KiB")
      == .fact(key: "swap-used", value: "12 KiB")
  )
  #expect(
    GuestMessage(line: "verdict fail no disk")
      == .verdict(passed: false, reason: "no disk")
  )
  #expect(GuestMessage(line: "snapshot before") == .snapshot(name: "before"))
  #expect(GuestMessage(line: "balloon 64") == .balloon(mebibytes: 64))
}

@Test(arguments: [
  "", "verdict", "verdict maybe", "snapshot", "snapshot ../../etc/passwd",
  "snapshot .hidden", "snapshot a b", "nonsense", "balloon", "balloon 0",
  "balloon -1", "balloon all", "balloon 9999999999",
])
func otherLinesChangeNothing(line: String) {
  #expect(GuestMessage(line: line) == .other(line))
}
