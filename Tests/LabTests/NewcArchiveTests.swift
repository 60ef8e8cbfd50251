// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

@testable import Lab

/// What cpio(1) makes of `archive`.
private func cpio(_ archive: NewcArchive, _ words: String...) throws -> String {
  let file = FileManager.default.temporaryDirectory
    .appendingPathComponent(UUID().uuidString)
  try Data(archive.bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  let command = ["cpio", "--quiet", "-F", file.path] + words
  return try ProgramRun(succeeding: command).all
}

@Test func cpioListsEveryEntryWithItsFolders() throws {
  var archive = NewcArchive()
  archive.add(file: "bin/tool", executable: true, content: [1, 2, 3])
  archive.add(file: "lib/modules/a.ko", content: [])
  archive.add(link: "bin/sh", to: "tool")
  archive.add(folder: "proc")
  #expect(
    try cpio(archive, "-t").split(separator: "\n") == [
      "bin", "bin/tool", "lib", "lib/modules", "lib/modules/a.ko", "bin/sh",
      "proc",
    ]
  )
}

@Test func cpioReadsModesSizesAndDevices() throws {
  var archive = NewcArchive()
  archive.add(characterDevice: "dev/console", major: 5, minor: 1)
  archive.add(file: "init", executable: true, content: Array("hello".utf8))
  let lines = try cpio(archive, "-tvn").split(separator: "\n").map(String.init)
  #expect(lines.count == 3)
  #expect(lines[1].hasPrefix("crw-------"))
  #expect(lines[1].contains("5,   1"))
  #expect(lines[2].hasPrefix("-rwxr-xr-x"))
  #expect(lines[2].contains(" 5 "))
}

@Test func cpioReturnsContentUnchanged() throws {
  var archive = NewcArchive()
  archive.add(file: "one", content: Array("x".utf8))
  archive.add(file: "two", content: Array("second file\n".utf8))
  #expect(
    try cpio(archive, "-i", "--to-stdout", "two") == "second file\n"
  )
}

@Test func anArchiveMayFollowAnother() {
  var archive = NewcArchive()
  archive.add(file: "odd-sized", content: [7])
  #expect(archive.bytes.count % 512 == 0)
}
