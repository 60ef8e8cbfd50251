// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// What documents say of commands, modules and each other is there.
@Suite struct DocumentTests {
  private static func documents() throws -> [String] {
    let files = FileManager.default
    let docs = try files.subpathsOfDirectory(
      atPath: Repository.root + "/docs"
    ).map { "docs/" + $0 }
    let own = docs.filter { $0.hasSuffix(".md") }
    return ["README.md", "CONTRIBUTING.md"] + own.sorted()
  }

  /// Code of a document: its blocks, lines that a backslash continues being
  /// one, and what stands between backticks.
  private static func code(of document: String) throws -> [String] {
    let text = try Repository.text(document)
    var inFence = false
    var lines = [String]()
    var prose = ""
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        inFence.toggle()
      } else if inFence || line.hasPrefix("    ") {
        if let last = lines.last, last.hasSuffix("\\") {
          lines[lines.count - 1] = last.dropLast() + line
        } else {
          lines.append(line)
        }
      } else {
        prose += line + "\n"
      }
    }
    let spans = prose.matches(of: /`([^`]+)`/).map { normal(String($0.1)) }
    return lines + spans
  }

  /// The calls of `program` in a piece of code: what follows it up to where
  /// another command begins.
  private static func calls(of program: String, in code: String) -> [[String]] {
    let ends: Set<Character> = ["|", ";", "&", ")", "#"]
    return code.components(separatedBy: program + " ").enumerated()
      .dropFirst().compactMap { index, rest in
        // Not the end of another word, as in a path of that name.
        let parts = code.components(separatedBy: program + " ")
        let before = parts[index - 1].last
        guard before.map({ " /`(\t".contains($0) }) ?? true else { return nil }
        let words = rest.prefix { !ends.contains($0) }
        return words.split(separator: " ").map(String.init)
      }
  }

  private static func options(in words: [String]) -> [String] {
    words.compactMap { word in
      word.firstMatch(of: /^\[?--([a-z][a-z-]*)/).map { "-" + $0.1 }
    }
  }

  @Test(arguments: ["oldmem", "oldmem-lab"])
  func commandsAndOptionsOfDocumentsAreThere(_ program: String) throws {
    let help = try HelpDump.of(program)
    let names = Set(help.commands.map(\.commandName))
    var count = 0
    for document in try Self.documents() {
      for code in try Self.code(of: document) {
        for call in Self.calls(of: program, in: code) {
          guard let name = call.first,
            name.firstMatch(of: /^[a-z-]+$/) != nil,
            !name.hasPrefix("--")
          else { continue }
          // In a picture of another thing it is a word among others.
          guard names.contains(name) else {
            #expect(
              Self.options(in: call).isEmpty,
              "\(document): \(program) \(name) in \(code)"
            )
            continue
          }
          let command = help.commands.first { $0.commandName == name }
          let known = Set((command?.arguments ?? []).flatMap(\.options))
          for option in Self.options(in: call) {
            count += 1
            #expect(
              known.contains(option),
              "\(document): \(program) \(name) has no -\(option)"
            )
          }
        }
      }
    }
    #expect(count > 10)
  }

  @Test func optionsOfTheDaemonInDocumentsAreThere() throws {
    let page = try ManualPage("packaging/man/oldmemd.8")
    var count = 0
    for document in try Self.documents() {
      for code in try Self.code(of: document) {
        for call in Self.calls(of: "oldmemd", in: code) {
          for option in Self.options(in: call) {
            count += 1
            let isThere =
              page.options.contains(option)
              || ["-help", "-version"].contains(option)
            #expect(isThere, "\(document): oldmemd has no -\(option)")
          }
        }
      }
    }
    #expect(count > 5)
  }

  /// docs/architecture.md says of each module what lives there.
  @Test func theArchitectureHasEveryModuleAndNoOther() throws {
    let manifest = try Repository.text("Package.swift")
    let targets =
      manifest.matches(of: /stage\(\s*"(\w+)"/).map { String($0.1) }
      + manifest.matches(of: /\.target\(\s*name: "(\w+)"(?!,\s*path)/).map {
        String($0.1)
      }
    let text = try Repository.text("docs/architecture.md")
    let head = "| module | what lives there |\n"
    let start = try #require(text.range(of: head))
    let rows = text[start.upperBound...].split(
      separator: "\n",
      omittingEmptySubsequences: false
    ).prefix { $0.hasPrefix("|") }.dropFirst()
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.1) }
    }
    #expect(targets.count > 30)
    #expect(named.sorted() == targets.sorted())
  }

  @Test func linksLeadToWhatIsThere() throws {
    var anchors = 0
    for document in try Self.documents() {
      let text = try Repository.text(document)
      let file = URL(filePath: Repository.root + "/" + document)
      let links = text.matches(of: /\]\(([^)\s#]*)(#[^)\s]*)?\)/)
      for link in links where !link.1.contains(":") {
        let target =
          link.1.isEmpty
          ? file
          : file.deletingLastPathComponent().appending(path: String(link.1))
        let isThere = FileManager.default.fileExists(atPath: target.path)
        #expect(isThere, "\(document): \(link.1)")
        guard isThere, let anchor = link.2 else { continue }
        anchors += 1
        let headings = try String(contentsOf: target, encoding: .utf8)
          .split(separator: "\n").filter { $0.hasPrefix("#") }.map(Self.anchor)
        #expect(headings.contains(String(anchor)), "\(document): \(anchor)")
      }
    }
    #expect(anchors > 5)
  }

  /// How a heading is linked to.
  private static func anchor(_ heading: Substring) -> String {
    let words = heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
    let kept = words.lowercased().filter {
      $0.isLetter || $0.isNumber || " -_".contains($0)
    }
    return "#" + kept.replacingOccurrences(of: " ", with: "-")
  }
}
