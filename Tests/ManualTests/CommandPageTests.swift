// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// What manual pages say of commands is what the commands say of themselves.
@Suite struct CommandPageTests {
  @Test func everyCommandHasAPageAndEveryPageACommand() throws {
    let oldmem = try HelpDump.of("oldmem")
    let pages = try Repository.pages().filter { $0.hasPrefix("oldmem-") }
    #expect(
      pages == oldmem.commands.map { "oldmem-\($0.commandName).1" }.sorted()
    )
    let overview = try ManualPage("packaging/man/oldmem.1")
    for command in oldmem.commands {
      let head = ["Xr", "oldmem-\(command.commandName)", "1"]
      let item = overview.items.first { $0.head == head }
      #expect(item?.text == command.abstract, "\(command.commandName)")
    }
    #expect(overview.options == ["-version", "-help"])
  }

  @Test func pagesHaveEveryOptionAndNoOther() throws {
    for command in try HelpDump.of("oldmem").commands {
      let name = "oldmem-\(command.commandName)"
      let page = try ManualPage("packaging/man/\(name).1")
      expect(page.items.filter { $0.parents.isEmpty }, describe: command, name)
      let options = Set(command.shown.flatMap(\.options))
      #expect(page.options == options, "\(name)")
      let synopsis = page.section("SYNOPSIS")
      for argument in command.shown {
        let word = argument.options.last ?? argument.valueName ?? "?"
        #expect(synopsis.contains(word), "\(name): \(word)")
      }
      var abstract = command.abstract ?? ""
      abstract = abstract.prefix(1).lowercased() + abstract.dropFirst()
      #expect(page.section("NAME") == "\(name) \(abstract.dropLast())")
    }
  }

  @Test func theLabsPageHasEveryOptionAndNoOther() throws {
    let lab = try HelpDump.of("oldmem-lab")
    let page = try ManualPage("lab/oldmem-lab.1")
    for command in lab.commands {
      let head = ["Cm", command.commandName]
      let own = page.items.filter { $0.parents == [head] }
      expect(own, describe: command, command.commandName)
      let options = Set(command.shown.flatMap(\.options))
      #expect(Set(own.flatMap(\.options)) == options)
      let item = page.items.first { $0.head == head }
      #expect(item?.text.hasPrefix(command.abstract ?? "?") == true)
    }
    let all = lab.commands.flatMap { $0.shown.flatMap(\.options) }
    #expect(page.options == Set(all))
  }

  /// The text of `--help` is in the page word for word.
  private func expect(
    _ items: [ManualPage.Item],
    describe command: HelpDump,
    _ name: String
  ) {
    for argument in command.shown {
      let item = items.first { item in
        argument.options.isEmpty
          ? item.options.isEmpty && item.value == argument.valueName
          : Set(item.options) == Set(argument.options)
      }
      let what = "\(name): \(argument.options) \(argument.valueName ?? "")"
      guard let item else {
        Issue.record("\(what) is not there")
        continue
      }
      let value = argument.kind == "flag" ? nil : argument.valueName
      #expect(item.value == value, "\(what)")
      let text = normal(item.text)
      var said = normal(argument.abstract ?? "")
      if let more = argument.discussion { said += " " + normal(more) }
      #expect(text.hasPrefix(said), "\(what)")
      if let usual = argument.defaultValue, !usual.isEmpty {
        #expect(text.contains("Default: \(usual)."), "\(what)")
      }
    }
  }

  @Test func everyHelpHasAnExampleThatThePageHasToo() throws {
    for program in ["oldmem", "oldmem-lab"] {
      let root = try HelpDump.of(program)
      let lab = try ManualPage("lab/oldmem-lab.1")
      #expect(root.examples.contains { $0.hasPrefix("\(program) ") })
      for command in root.commands {
        let name = "\(program) \(command.commandName)"
        let page =
          program == "oldmem-lab"
          ? lab
          : try ManualPage("packaging/man/oldmem-\(command.commandName).1")
        #expect(!command.examples.isEmpty, "\(name)")
        for example in command.examples {
          #expect("\(example) ".hasPrefix("\(name) "))
          #expect(page.section("EXAMPLES").contains(example), "\(name)")
        }
      }
    }
  }

  @Test func theDaemonsPageHasEveryOptionAndNoOther() throws {
    let daemon = Repository.root + "/build/bin/oldmemd"
    try #require(
      FileManager.default.isExecutableFile(atPath: daemon),
      "\(daemon) is not there: run `make daemon` first"
    )
    let help = try ProgramRun(succeeding: [daemon, "--help"]).output
    let options = help.matches(of: /-(-[a-z][a-z-]*)/).map { String($0.1) }
    let page = try ManualPage("packaging/man/oldmemd.8")
    #expect(page.options == Set(options))
    let commands = help.matches(of: /\n {2}oldmemd ([a-z]+)/).map {
      String($0.1)
    }
    let described = page.items.filter { $0.parents.isEmpty }.map(\.head)
    for command in Set(commands) {
      #expect(described.contains(["Cm", command]), "\(command)")
    }
  }

  @Test func mandocFindsNothingToSay() throws {
    let pages = try Repository.pages().map { "packaging/man/\($0)" }
    for page in pages + ["lab/oldmem-lab.1"] {
      let path = Repository.root + "/" + page
      let command = ["mandoc", "-Tlint", "-W", "warning", path]
      #expect(try ProgramRun(succeeding: command).all == "")
    }
  }

  @Test func pagesReferToPagesThatAreThere() throws {
    let pages = try Repository.pages()
    for name in pages {
      let page = try ManualPage("packaging/man/\(name)")
      for other in page.references where other.hasPrefix("oldmem") {
        #expect(pages.contains(other), "\(name): \(other)")
      }
      #expect(!page.section("EXAMPLES").isEmpty, "\(name)")
      #expect(!page.section("SEE ALSO").isEmpty, "\(name)")
      if !name.hasSuffix("5"), !name.hasSuffix("7") {
        #expect(!page.section("EXIT STATUS").isEmpty, "\(name)")
      }
    }
  }
}
