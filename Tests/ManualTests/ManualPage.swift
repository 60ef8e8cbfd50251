// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation

/// The source of a manual page, mdoc(7), as what stands in it.
struct ManualPage {
  /// An entry of a list.
  struct Item {
    /// The words behind `.It`, macros among them.
    let head: [String]
    /// The heads of the entries that this one is in, the outermost first.
    let parents: [[String]]
    /// The lines below it, without macros.
    var lines: [String] = []

    /// The options that it is about, without their first hyphen.
    var options: [String] { ManualPage.words(after: "Fl", in: head) }
    /// What an option's value, or an argument, is called.
    var value: String? { ManualPage.words(after: "Ar", in: head).first }
    /// What is said of it, in one line.
    var text: String { lines.joined(separator: " ") }
  }

  let name: String
  /// Every word of every line of macros.
  let macroLines: [[String]]
  let items: [Item]
  /// What is below each heading, without macros.
  let sections: [String: [String]]

  init(_ path: String) throws {
    name = URL(filePath: path).lastPathComponent
    let source = try String(
      contentsOfFile: Repository.root + "/" + path,
      encoding: .utf8
    )
    var macroLines: [[String]] = []
    var items: [Item] = []
    var sections: [String: [String]] = [:]
    var section = ""
    // The entry that is open in each list that is open.
    var open: [Int?] = []
    for line in source.split(separator: "\n") where !line.hasPrefix(".\\\"") {
      let words = line.split(separator: " ").map(String.init)
      if line.hasPrefix(".") { macroLines.append(words) }
      switch words[0] {
      case ".Sh": section = words.dropFirst().joined(separator: " ")
      case ".Bl": open.append(nil)
      case ".El": open.removeLast()
      case ".It":
        let parents = open.dropLast().compactMap { $0 }
        items.append(
          Item(
            head: Array(words.dropFirst()),
            parents: parents.map { items[$0].head }
          )
        )
        open[open.count - 1] = items.count - 1
      default:
        let plain = Self.plain(line, words)
        sections[section, default: []].append(plain)
        if let index = open.last ?? nil { items[index].lines.append(plain) }
      }
    }
    self.macroLines = macroLines
    self.items = items
    self.sections = sections
  }

  /// Every option that is mentioned anywhere, without its first hyphen.
  var options: Set<String> {
    Set(macroLines.flatMap { Self.words(after: "Fl", in: $0) })
  }

  /// The pages that are referred to, such as `oldmem.1`.
  var references: Set<String> {
    Set(
      macroLines.flatMap { line in
        line.indices.dropLast(2).filter {
          line[$0] == "Xr" || line[$0] == ".Xr"
        }.map { "\(line[$0 + 1]).\(line[$0 + 2])" }
      }
    )
  }

  /// Text between macros has its spaces once.
  func section(_ name: String) -> String {
    normal(sections[name, default: []].joined(separator: " "))
  }

  private static let macros: Set<String> = [
    "Ar", "Cm", "Dl", "Ev", "Fl", "Li", "Nd", "Nm", "No", "Ns", "Op", "Pa",
    "Ql", "Xr",
  ]

  private static func words(after macro: String, in line: [String]) -> [String]
  {
    line.indices.dropLast().filter {
      line[$0] == macro || line[$0] == "." + macro
    }.map { line[$0 + 1] }
  }

  private static func plain(_ line: Substring, _ words: [String]) -> String {
    let text =
      line.hasPrefix(".")
      ? words.dropFirst().filter { !macros.contains($0) }
        .joined(separator: " ") : String(line)
    return text.replacingOccurrences(of: "\\e", with: "\\")
      .replacingOccurrences(of: "\\(dq", with: "\"")
      .replacingOccurrences(of: "\\&", with: "")
  }
}

/// The text with one space between words.
func normal(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// What the tests look at.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL.path

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  /// The pages that packages install.
  static func pages() throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: root + "/packaging/man"
    ).sorted()
  }
}
