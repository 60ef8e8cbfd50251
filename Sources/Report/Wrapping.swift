// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A line cut between words into lines that are no wider than `width`; those
/// after the first are indented by `indent`.
///
/// A word that is wider stays whole.
public func wrapped(
  _ line: String,
  to width: Int,
  indent: String = "  "
) -> [String] {
  var lines: [String] = []
  var current = ""
  for word in line.split(separator: " ", omittingEmptySubsequences: false) {
    let start = current.isEmpty && lines.isEmpty
    let longer = start ? String(word) : current + " " + word
    if longer.count <= width || start {
      current = longer
    } else {
      lines.append(current)
      current = indent + word
    }
  }
  return lines + [current]
}
