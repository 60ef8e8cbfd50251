// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Testing

@testable import Devices

@Suite struct VMCoreFileTests {
  private func read(
    _ file: borrowing VMCoreFile,
    _ offset: UInt64,
    _ count: Int
  ) throws(SourceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xee, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try file.read(at: offset, into: &raw)
    return bytes
  }

  @Test func everyOffsetIsRead() throws {
    let content = memory(frames: 3)
    let scratch = try Scratch(content)
    let file = try VMCoreFile(scratch.path)
    #expect(file.byteCount == UInt64(content.count))
    for (offset, count) in [(0, 1), (1, 4096), (4095, 2), (0, 12288), (9, 0)] {
      #expect(
        try read(file, UInt64(offset), count)
          == Array(content[offset..<offset + count])
      )
    }
    #expect(try read(file, 12287, 1) == [content[12287]])
  }

  @Test func whatCannotShrinkIsMappedWhereMuchIsRead() throws {
    let content = memory(frames: 16)
    let scratch = try Scratch(content)
    let file = try VMCoreFile(scratch.path, canShrink: false)
    for (offset, count) in [
      (0, 65_536), (1, 16_384), (4095, 16_385), (40_000, 25_536), (8192, 3),
    ] {
      #expect(
        try read(file, UInt64(offset), count)
          == Array(content[offset..<offset + count])
      )
    }
    #expect(throws: SourceError.self) { _ = try read(file, 50_000, 16_384) }
  }

  @Test func whatLiesBehindTheEndIsSaidWithItsPlace() throws {
    let scratch = try Scratch(memory(frames: 1))
    let file = try VMCoreFile(scratch.path)
    for (offset, count) in [(UInt64(4096), 1), (4000, 97), (1 << 40, 8)] {
      #expect(throws: SourceError.endOfSource(offset: offset, count: count)) {
        _ = try read(file, offset, count)
      }
    }
  }

  /// A mapped file would end this process by SIGBUS.
  @Test func aFileThatShrinksMeanwhileIsAnError() throws {
    let scratch = try Scratch(memory(frames: 2))
    let file = try VMCoreFile(scratch.path)
    try scratch.truncate(to: 5000)
    #expect(file.byteCount == 8192)
    #expect(throws: SourceError.endOfSource(offset: 4096, count: 4096)) {
      _ = try read(file, 4096, 4096)
    }
    #expect(try read(file, 4096, 904).count == 904)
  }

  @Test func offsetsThatTheKernelRefusesAreErrors() throws {
    let scratch = try Scratch(memory(frames: 1))
    let file = try VMCoreFile(scratch.path)
    #expect(
      throws: SourceError.failed(
        offset: .max,
        errno: Errno.invalid.code
      )
    ) { _ = try read(file, .max, 2) }
  }

  @Test func whatIsNotThereIsAnErrno() {
    #expect(throws: Errno.noEntry) {
      _ = try VMCoreFile("/absent/vmcore")
    }
  }
}
