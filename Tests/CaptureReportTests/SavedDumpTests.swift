// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

@testable import CaptureReport

/// Whether a dump has everything in it is told by the dump.
@Suite struct SavedDumpTests {
  private func saved(
    _ bytes: [UInt8],
    name: String = "dump.1"
  ) throws -> SavedDump {
    let folder = try CaptureFolder()
    try folder.write(name, bytes)
    return try #require(
      SavedDump(
        path: folder.path + "/" + name,
        isUnfinished: name.contains("incomplete")
      )
    )
  }

  @Test(arguments: [false, true])
  func aWholeDumpIsComplete(isFlattened: Bool) throws {
    let bytes = CaptureFolder.dump()
    let dump = try saved(isFlattened ? CaptureFolder.flattened(bytes) : bytes)
    #expect(dump.isComplete == true && dump.problem == nil)
    #expect(dump.format == (isFlattened ? .flattened : .kdump))
    #expect(dump.level == 31 && dump.host == "server")
    #expect(dump.release == "6.12.9-test" && dump.crashed == 1_796_000_000)
    #expect(dump.frames == SavedDump.Frames(present: 32, dumped: 8))
  }

  @Test func aHeaderThatSaysSoIsBelieved() throws {
    let dump = try saved(CaptureFolder.dump(status: 9))
    #expect(dump.isComplete == false)
    #expect(dump.problem == "its header says that it is incomplete")
  }

  /// However much is missing, and in whichever format, it is noticed and never
  /// traps.
  @Test func aDumpThatIsCutShortAnywhereIsNotComplete() throws {
    let plain = CaptureFolder.dump()
    let flat = CaptureFolder.flattened(plain)
    // Behind the last page there is nothing to miss.
    let needed = 4096 * 5 + 64 * 7
    for length in stride(from: 0, through: needed, by: 509) {
      #expect(
        try saved(Array(plain[..<length])).isComplete != true,
        "\(length)"
      )
    }
    for length in stride(from: 0, to: flat.count, by: 509) {
      #expect(try saved(Array(flat[..<length])).isComplete != true, "\(length)")
    }
    #expect(
      try saved(CaptureFolder.flattened(plain, isWhole: false)).isComplete
        == false
    )
    #expect(try saved(CaptureFolder.dump(pages: 7)).isComplete == false)
  }

  @Test func aNameThatSaysSoIsBelieved() throws {
    let dump = try saved(CaptureFolder.dump(), name: "dump-incomplete")
    #expect(dump.isComplete == false && dump.problem != nil)
  }

  @Test func numbersThatMakeNoSenseAreNotBelieved() throws {
    for place in [424, 428, 432, 436, 4096 + 32, 4096 + 40, 4096 + 96, 16384] {
      for byte in [0, 0x7f, 0xff] as [UInt8] {
        var bytes = CaptureFolder.dump()
        for index in 0..<8 { bytes[place + index] = byte }
        _ = try saved(bytes)
        _ = try saved(CaptureFolder.flattened(bytes))
      }
    }
    var flat = CaptureFolder.flattened(CaptureFolder.dump())
    for index in 4096..<4112 { flat[index] = 0x7f }
    #expect(try saved(flat).isComplete != true)
  }

  @Test func anElfCoreIsAsLongAsItsHeadersSay() throws {
    var bytes = [UInt8](repeating: 0, count: 8192)
    bytes.replaceSubrange(0..<4, with: [0x7f, 0x45, 0x4c, 0x46])
    bytes[32] = 64
    bytes[54] = 56
    bytes[56] = 1
    bytes[64 + 8 + 1] = 0x10  // the segment begins at 4096
    bytes[64 + 32 + 1] = 0x10  // and has as many bytes
    #expect(try saved(bytes, name: "vmcore").isComplete == true)
    #expect(
      try saved(Array(bytes.dropLast()), name: "vmcore").isComplete == false
    )
  }

  @Test func anotherFileCannotBeJudged() throws {
    let dump = try saved([0x1f, 0x8b, 1, 2, 3])
    #expect(dump.format == .unknown && dump.isComplete == nil)
  }
}
