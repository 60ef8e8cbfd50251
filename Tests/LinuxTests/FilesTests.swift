// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Testing

@Suite struct FilesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func names(of place: Path) -> Set<String> {
    var found: Set<String> = []
    Files.forEachEntry(of: place) { name in
      let text = String(decoding: name.name, as: UTF8.self)
      #expect(found.insert(text).inserted, "\(text) came twice")
    }
    return found
  }

  /// So many that the kernel lists them in several pieces.
  @Test(arguments: [0, 1, 700]) func everyEntryIsVisitedOnce(
    count: Int
  ) throws {
    let long = String(repeating: "n", count: 250)
    let wanted = Set((0..<count).map { "\($0)-\(long)".prefix(200 + $0 % 50) })
    for name in wanted { try folder.write(String(name), []) }
    #expect(names(of: folder[""]) == Set(wanted.map(String.init)))
  }

  @Test func namesMayBeLongAndOfAnyBytes() throws {
    let name = String(repeating: "é", count: 127) + "\n"
    try folder.write(name, [])
    #expect(names(of: folder[""]) == [name])
  }

  @Test func aFolderThatIsNotThereHasNoEntries() throws {
    #expect(names(of: folder["absent"]) == [])
    try folder.write("file", [])
    #expect(names(of: folder["file"]) == [])
  }

  @Test func whatAVisitorThrowsEndsTheVisit() throws {
    for name in ["a", "b", "c"] { try folder.write(name, []) }
    var visited = 0
    #expect(throws: Errno.busy) {
      try Files.forEachEntry(of: folder[""]) { (_: Path) throws(Errno) in
        visited += 1
        throw .busy
      }
    }
    #expect(visited == 1)
  }

  @Test func kindsAreToldApart() throws {
    try folder.write("file", [])
    try Files.makeDirectory(folder["folder"], mode: 0o700)
    try Files.makeSymbolicLink(folder["link"], to: "folder")
    try Files.makeNode(folder["fifo"], mode: 0o010_600, major: 0, minor: 0)
    #expect(try Files.kind(of: folder["file"]) == .file)
    #expect(try Files.kind(of: folder["folder"]) == .directory)
    #expect(try Files.kind(of: folder["link"]) == .other)
    #expect(try Files.kind(of: folder["fifo"]) == .other)
    #expect(try Files.kind(of: folder["absent"]) == .nothing)
    #expect(try Files.kind(of: folder["file/below"]) == .nothing)
    #expect(Files.exists(folder["link"]))
    #expect(!Files.exists(folder["absent"]))
  }

  @Test func linksAndAttributesAreAsAskedFor() throws {
    try folder.write("file", [1])
    try Files.makeHardLink(folder["second"], to: folder["file"])
    try Files.setMode(folder["second"], 0o4711)
    try Files.setTimes(folder["second"], seconds: 1_234_567_890)
    let attributes = try folder.attributes("file")
    #expect(attributes[.referenceCount] as? Int == 2)
    #expect(attributes[.posixPermissions] as? Int == 0o4711)
    #expect(
      attributes[.modificationDate] as? Date
        == Date(timeIntervalSince1970: 1_234_567_890)
    )
    try Files.makeSymbolicLink(folder["link"], to: "not there")
    try Files.setOwner(folder["link"], user: 12, group: 34)
    try Files.setTimes(folder["link"], seconds: 5)
    let link = try folder.attributes("link")
    #expect(link[.ownerAccountID] as? Int == 12)
    #expect(link[.groupOwnerAccountID] as? Int == 34)
  }

  @Test func aRenamedFileTakesTheNameOfAnother() throws {
    let folder = try Folder()
    try folder.write("old", [1])
    try folder.write("new", [2])
    let file = try Descriptor(folder["old"], .read)
    var isOld = file.isNamed(folder["old"])
    var isNew = file.isNamed(folder["new"])
    #expect(isOld && !isNew)
    try Files.rename(folder["old"], to: folder["new"])
    isOld = file.isNamed(folder["old"])
    isNew = file.isNamed(folder["new"])
    #expect(isNew && !isOld)
    #expect(!Files.exists(folder["old"]))
    #expect(try Files.read(folder["new"], limit: 9) == [1])
    #expect(throws: Errno.noEntry) {
      try Files.rename(folder["old"], to: folder["new"])
    }
  }

  @Test func aFileIsClaimedOnce() throws {
    let folder = try Folder()
    try folder.write("file", [])
    func claim() throws -> Descriptor {
      let file = try Descriptor(folder["file"], .read)
      try file.claim()
      return file
    }
    do {
      let file = try claim()
      #expect(throws: Errno.tryAgain) { _ = try claim() }
      _ = file.number
    }
    _ = try claim()
  }

  @Test func removingTakesTheRightKind() throws {
    try Files.makeDirectory(folder["folder"])
    try folder.write("folder/file", [])
    // ENOTEMPTY, EISDIR
    #expect(throws: Errno(39)) {
      try Files.removeDirectory(folder["folder"])
    }
    #expect(throws: Errno(21)) { try Files.remove(folder["folder"]) }
    try Files.remove(folder["folder/file"])
    try Files.removeDirectory(folder["folder"])
    #expect(!Files.exists(folder["folder"]))
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 10_000])
  func filesAreReadUpToTheLimit(count: Int) throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try folder.write("file", content)
    #expect(
      try Files.read(folder["file"], limit: 4096)
        == Array(content.prefix(4096))
    )
  }

  @Test func fileSystemsAreToldApart() throws {
    #expect(try Files.onSameDevice(folder[""], folder["."]))
    #expect(try !Files.onSameDevice("/proc", folder[""]))
    #expect(throws: Errno.noEntry) {
      _ = try Files.onSameDevice(folder["absent"], "/")
    }
  }
}
