// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Report

@Test func aColumnIsAsWideAsItsWidestWord() {
  var table = Table([("run", .left), ("size", .right)])
  table.add(["with oldmem", "1"])
  table.add(["stock", "1000000"])
  #expect(
    table.lines == [
      "run             size", "with oldmem        1", "stock        1000000",
    ]
  )
}

@Test func wordsThatAreMissingStayEmpty() {
  var table = Table([("run", .left), ("end", .left)])
  table.add(["stock"])
  #expect(table.lines == ["run    end", "stock"])
}

@Test func aLineIsCutBetweenWords() {
  #expect(
    wrapped("[  1.5] one two three", to: 11) == [
      "[  1.5] one", "  two three",
    ]
  )
  #expect(wrapped("short", to: 11) == ["short"])
}
