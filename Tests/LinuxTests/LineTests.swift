// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct LineTests {
  private func text(_ line: Line) -> String {
    var bytes: [UInt8] = []
    for index in line.text.indices { bytes.append(line.text[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func numbersAreSpelledOut() {
    #expect(text("\(0) \(-5) \(UInt64.max)") == "0 -5 18446744073709551615")
    #expect(text("\(hex: 0) \(hex: 0xdead_beef)") == "0x0 0xdeadbeef")
  }

  @Test func whatDoesNotFitIsCutOff() {
    var line = Line()
    for _ in 0..<500 { line.append("ab") }
    #expect(line.count == 400)
  }

  @Test func namesCannotBreakALine() {
    #expect(text("\(Path("a\nb\u{1b}c"))") == "a?b?c")
  }

  @Test func errnosSayWhatTheyMean() {
    #expect(text("\(Errno.notPermitted)") == "not permitted (errno 1)")
  }
}
