// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// What packages install for bash, asked by bash.
@Suite struct CompletionTests {
  /// What is offered for the last of `words`.
  private func offered(_ words: [String]) throws -> [String] {
    let folder = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent().path
    let script = """
      cd "\(Repository.root)"
      source <("\(folder)/oldmem" --generate-completion-script bash)
      COMP_WORDS=(\(words.joined(separator: " ")))
      COMP_CWORD=\(words.count - 1)
      _oldmem oldmem "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    return try ProgramRun(succeeding: ["bash", "-c", script]).output
      .split(separator: "\n").map(String.init)
  }

  @Test func commandsAreOffered() throws {
    #expect(
      try offered(["oldmem", "rescue-"])
        == ["rescue-format", "rescue-key", "rescue-read"]
    )
  }

  @Test func optionsAndTheirWordsAreOffered() throws {
    #expect(try offered(["oldmem", "dump", "--comp"]) == ["--compress"])
    let words = try offered(["oldmem", "dump", "--compress", "z"])
    #expect(words.sorted() == ["zlib", "zstd"])
  }

  @Test func filesAreOffered() throws {
    #expect(try offered(["oldmem", "scan", "READ"]) == ["README.md"])
    #expect(try offered(["oldmem", "scan", "--layout", "LIC"]) == ["LICENSE"])
    #expect(try offered(["oldmem", "map", "READ"]) == ["README.md"])
    #expect(try offered(["oldmem", "receive", "--key", "LIC"]) == ["LICENSE"])
  }

  @Test func hiddenOptionsAreNot() throws {
    let options = try offered(["oldmem", "disable", "--"])
    #expect(options.contains("--root"))
    #expect(!options.contains("--once"))
  }
}
