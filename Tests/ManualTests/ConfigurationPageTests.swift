// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Foundation
import Memory
import Testing

/// oldmem.conf(5), docs/settings.md and README.md say of each setting what the
/// program does.
@Suite struct ConfigurationPageTests {
  /// What the page says of a setting.
  private struct Entry {
    let key: String
    let usual: String
    let example: String
    let range: (least: String, most: String)?

    init?(_ item: ManualPage.Item) {
      func line(_ name: String) -> String? {
        item.lines.first { $0.hasPrefix(name + ": ") }
          .map { String($0.dropFirst(name.count + 2)) }
      }
      guard item.head.first == "Cm", item.parents.isEmpty,
        let usual = line("Default"), let example = line("Example")
      else { return nil }
      key = item.head[1]
      self.usual = String(usual.dropLast())
      self.example = example
      let words = line("Range")?.dropLast().split(separator: " ")
      range = words.map { (String($0[0]), String($0[2])) }
    }

    /// Whether it is a value, and not a word for that there is none.
    var hasValue: Bool { usual != "none" && usual != "by pack" }
  }

  private func entries() throws -> [Entry] {
    let page = try ManualPage("packaging/man/oldmem.conf.5")
    return page.items.compactMap(Entry.init)
  }

  /// The settings after a line, in full, and how many problems there were.
  private func settings(_ line: String) -> (text: String, problems: Int) {
    var settings = Settings()
    var problems = 0
    settings.apply(file: Array(line.utf8).span) { _ in problems += 1 }
    var text = ""
    dump(settings, to: &text)
    // Whether somebody has set it is no part of what it is.
    let lines = text.split(separator: "\n").filter {
      !$0.contains("setsSettleTime")
    }
    return (lines.joined(separator: "\n"), problems)
  }

  private func bytes(_ text: String) throws -> UInt64 {
    let number = ByteSize.parse(Array(text.utf8).span)
    return try #require(number, "\(text)")
  }

  /// A row of a table of settings: the key, and what stands for the default.
  private struct Row: Equatable {
    let key: String
    let usual: String
    /// With links as they are in docs.
    let line: String

    init(_ line: Substring) {
      let cells = line.split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces)
          .replacingOccurrences(of: "`", with: "")
      }
      key = cells[0]
      usual = cells[1]
      self.line = line.replacingOccurrences(of: "](docs/", with: "](")
    }
  }

  /// All rows of a document's tables of settings.
  private func table(_ document: String) throws -> [Row] {
    let head = "| key | default | meaning |\n"
    return try Repository.text(document).components(separatedBy: head)
      .dropFirst().flatMap { part in
        part.split(separator: "\n", omittingEmptySubsequences: false)
          .prefix { $0.hasPrefix("|") }.dropFirst().map(Row.init)
      }
  }

  @Test func thePageAndTheTablesHaveEveryKeyAndNoOther() throws {
    let source = try Repository.text("Sources/Activation/Settings+Keys.swift")
    var known = source.matches(of: /key\.equals\("([a-z-]+)"\)/).map {
      String($0.1)
    }
    #expect(known.count > 20)
    known.removeAll { $0.hasPrefix("test-") }
    #expect(try entries().map(\.key).sorted() == known.sorted())
    let rows = try table("docs/settings.md")
    #expect(rows.map(\.key).sorted() == known.sorted())
  }

  @Test func defaultsAreThoseOfTheProgram() throws {
    let plain = settings("").text
    for entry in try entries() where entry.hasValue {
      let read = settings("\(entry.key) = \(entry.usual)")
      #expect(read.problems == 0, "\(entry.key)")
      #expect(read.text == plain, "\(entry.key)")
    }
    let none = Settings()
    #expect(none.frames == nil && none.onFailing == nil)
    #expect(none.rescue.isEmpty && none.rescueID == nil)
    #expect(none.makedumpfile == nil && none.rescueSize == .max)
    let hasNoKey = if case .none = none.rescueKey { true } else { false }
    #expect(hasNoKey)
  }

  @Test func examplesAreTakenAndChangeSomething() throws {
    let plain = settings("").text
    for entry in try entries() {
      #expect(entry.example.hasPrefix("\(entry.key) = "))
      // Some settings only matter beside another one.
      let read = settings(entry.example)
      #expect(read.problems == 0, "\(entry.example)")
      #expect(read.text != plain, "\(entry.example)")
    }
  }

  @Test func rangesAreThoseOfTheProgram() throws {
    var count = 0
    for entry in try entries() {
      guard let range = entry.range else { continue }
      count += 1
      let least = try bytes(range.least)
      let most = try bytes(range.most)
      #expect(settings("\(entry.key) = \(least)").problems == 0, "\(entry.key)")
      #expect(settings("\(entry.key) = \(most)").problems == 0, "\(entry.key)")
      let above = "\(entry.key) = \(most + 1)"
      #expect(settings(above).problems == 1, "\(above)")
      guard least > 0 else { continue }
      let below = "\(entry.key) = \(least - 1)"
      #expect(settings(below).problems == 1, "\(below)")
    }
    #expect(count > 10)
  }

  @Test func theTablesHaveTheSameDefaults() throws {
    let entries = Dictionary(
      uniqueKeysWithValues: try entries().map { ($0.key, $0.usual) }
    )
    for row in try table("docs/settings.md") {
      let usual = try #require(entries[row.key])
      let rest =
        row.usual.hasPrefix(usual)
        ? row.usual.dropFirst(usual.count) : "?"
      #expect(
        rest.isEmpty || rest.hasPrefix(";") || rest.hasPrefix(", "),
        "\(row.key): \(row.usual) and \(usual)"
      )
    }
  }

  @Test func theReadmeSaysOfTheTenThatMatterWhatTheTablesSay() throws {
    let all = try table("docs/settings.md")
    let few = try table("README.md")
    #expect(few.count == 10)
    for row in few { #expect(all.contains(row), "\(row.key)") }
  }

  @Test func thePackagesFileHasEntriesThatAreTaken() throws {
    let text = try Repository.text("packaging/oldmem.conf")
    // A comment has a blank behind its mark, an entry has none.
    let entries = text.split(separator: "\n").filter {
      $0.hasPrefix("#") && $0.dropFirst().first?.isLetter == true
    }.map { $0.dropFirst() }
    #expect(entries.count > 10)
    #expect(settings(entries.joined(separator: "\n")).problems == 0)
    // As it is delivered it sets nothing.
    #expect(settings(text).text == settings("").text)
    #expect(settings(text).problems == 0)
  }
}
