// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Text with nothing in it that a terminal would take for a command, or that
/// would make it look like other text: what controls, formats (as marks of
/// direction do) or ends lines becomes `?`.
///
/// A tab stays, as lines of logs have it. What a crashed machine left, and names
/// of files, come through here before anybody is shown them.
public func printable(_ text: some StringProtocol) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let isHarmless =
      switch scalar.properties.generalCategory {
      case .control: scalar == "\t"
      case .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    result.append(isHarmless ? scalar : "?")
  }
  return String(result)
}
