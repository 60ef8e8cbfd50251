// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation

/// Foreign judges for a guest: programs of this machine's.
extension GuestArchive {
  /// Adds programs to `folder`, or where this machine has them, and the
  /// libraries that ldd(1) names where it finds them.
  mutating func add(tools: [String], in folder: String?) throws {
    var libraries: Set<String> = []
    for tool in tools {
      let path =
        folder.map { $0 + "/" + URL(filePath: tool).lastPathComponent } ?? tool
      guard FileManager.default.isExecutableFile(atPath: tool) else {
        throw LabError.missingFile(tool, hint: "make build, or make setup")
      }
      add(
        program: String(path.dropFirst()),
        content: try contents(of: tool)
      )
      // ldd refuses programs that need no library.
      let needed = try Command.run([
        "bash", "-c", "ldd \"$0\" 2> /dev/null || true", tool,
      ])
      for word in needed.split(whereSeparator: \.isWhitespace)
      where word.hasPrefix("/") {
        libraries.insert(String(word))
      }
    }
    for library in libraries.sorted() {
      add(
        program: String(library.dropFirst()),
        content: try contents(of: library)
      )
    }
  }
}
