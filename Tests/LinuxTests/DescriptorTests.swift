// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Testing

@Suite struct DescriptorTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func bytes(_ bytes: UInt8...) -> [UInt8] { bytes }

  private func read(
    _ file: borrowing Descriptor,
    at offset: UInt64,
    _ count: Int
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    let got = try file.read(at: offset, into: &raw)
    return Array(bytes[..<got])
  }

  @Test func whatIsWrittenCanBeReadAgain() throws {
    do {
      let file = try Descriptor(folder["a"], .create(mode: 0o640))
      try file.write(bytes(1, 2, 3).span.bytes)
      try file.write(bytes(4, 5).span.bytes)
      try file.write(bytes(9).span.bytes, at: 1)
      try file.synchronize()
      #expect(try file.byteCount() == 5)
    }
    #expect(try folder.read("a") == [1, 9, 3, 4, 5])
    let file = try Descriptor(folder["a"], .read)
    #expect(try read(file, at: 3, 9) == [4, 5])
    #expect(try read(file, at: 5, 1) == [])
    #expect(try next(2, of: file) == [1, 9])
    #expect(try next(9, of: file) == [3, 4, 5])
    #expect(try next(9, of: file) == [])
    let mode = try folder.attributes("a")[.posixPermissions] as? Int
    #expect(mode.map { $0 & ~0o022 } == 0o640 & ~0o022)
  }

  @Test func aNewFileIsNotMadeTwice() throws {
    _ = try Descriptor(folder["new"], .createNew(mode: 0o600))
    #expect(throws: Errno.exists) {
      _ = try Descriptor(folder["new"], .createNew(mode: 0o600))
    }
  }

  @Test func aFileThatIsCreatedAgainIsEmpty() throws {
    try folder.write("a", [1, 2, 3])
    _ = try Descriptor(folder["a"], .create(mode: 0o600))
    #expect(try folder.read("a") == [])
  }

  @Test func accessIsAsAskedFor() throws {
    try folder.write("a", [1])
    let badDescriptor = Errno(9)
    #expect(throws: badDescriptor) {
      try Descriptor(folder["a"], .read).write(bytes(1).span.bytes)
    }
    #expect(throws: badDescriptor) {
      _ = try next(1, of: Descriptor(folder["a"], .write))
    }
    let both = try Descriptor(folder["a"], .readWriteSync)
    try both.write(bytes(7).span.bytes, at: 0)
    #expect(try read(both, at: 0, 1) == [7])
  }

  @Test func entriesOfAnOpenFolderAreFound() throws {
    try folder.write("entry", [5])
    let place = try Descriptor(folder[""], .read)
    let file = try Descriptor(reading: "entry", in: place)
    try Files.remove("entry", in: place)
    // The name is gone, the content is not.
    #expect(try next(4, of: file) == [5])
    #expect(throws: Errno.noEntry) {
      _ = try Descriptor(reading: "entry", in: place)
    }
  }

  @Test func whatIsNotThereSaysSo() {
    #expect(throws: Errno.noEntry) {
      _ = try Descriptor(folder["absent"], .read)
    }
    // ENOTTY: a file is no block device.
    #expect(throws: Errno(25)) {
      try folder.write("a", [1])
      _ = try Descriptor(folder["a"], .read).deviceByteCount()
    }
  }

  @Test func descriptorsAreClosedWithTheirOwners() throws {
    let number = try Descriptor("/dev/null", .read).number
    // Others may have got the number meanwhile, but not for our file.
    let link = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "/proc/self/fd/\(number)"
    )
    #expect(link != "/dev/null")
  }

  @Test func aPipeCarriesBytesAndItsEnd() throws {
    let pipe = try Linux.Pipe()
    // The macros would copy what they look into.
    let early = pipe.output.isReadable(within: 0)
    try pipe.input.write(bytes(1, 2).span.bytes)
    let late = pipe.output.isReadable(within: 0)
    #expect(!early && late)
    let first = pipe.output.awaitByte()
    #expect(first)
    #expect(try next(8, of: pipe.output) == [2])
    let output = pipe.takeOutput()
    let end = output.isReadable(within: 0)
    let more = output.awaitByte()
    #expect(end && !more)
  }
}
