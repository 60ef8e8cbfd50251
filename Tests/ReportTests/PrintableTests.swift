// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Report
import Testing

/// Nothing that comes through `printable` is a command for a terminal.
@Suite struct PrintableTests {
  @Test(arguments: [
    ("", ""), ("a b\tc \u{e9}\u{4e2d}", "a b\tc \u{e9}\u{4e2d}"),
    ("\u{1b}[2J", "?[2J"), ("a\r\nb\nc", "a??b?c"), ("\0\u{7f}\u{9b}", "???"),
    ("\u{202e}gpj.exe\u{2066}\u{feff}", "?gpj.exe??"),
    ("\u{2028}\u{2029}\u{85}", "???"), ("e\u{301}", "e\u{301}"),
  ])
  func nothingElseIsChanged(text: String, shown: String) {
    #expect(
      Array(printable(text).unicodeScalars) == Array(shown.unicodeScalars)
    )
  }
}
