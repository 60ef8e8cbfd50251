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

  /// Wherever the last page lies: the last frame's may be first in the file, or
  /// be the page of zeroes that many frames share.
  static let orders = [
    Array(0..<8), Array((0..<8).reversed()), [1, 2, 3, 4, 5, 6, 7, 0],
    [0, 1, 2, 3, 0, 4, 5, 0],
  ]

  @Test(arguments: orders)
  func aDumpThatIsCutShortAnywhereIsNotComplete(order: [Int]) throws {
    let folder = try CaptureFolder()
    let plain = CaptureFolder.dump(order: order)
    try folder.write("dump.1", plain)
    let path = folder.path + "/dump.1"
    #expect(try #require(SavedDump(path: path)).isComplete == true)
    var taken: [Int] = []
    for length in (0..<plain.count).reversed() {
      // Each within the descriptions, each where a page or a block begins or
      // ends, and some of the others.
      guard
        (16384..<16384 + 24 * 8).contains(length)
          || [0, 1, 511].contains(length % 512) || length % 61 == 0
      else { continue }
      truncate(path, length)
      let dump = try #require(SavedDump(path: path))
      if dump.isComplete == true { taken.append(length) }
    }
    #expect(taken.isEmpty, "\(taken.count) lengths, from \(taken.last ?? 0)")
  }

  @Test(arguments: orders)
  func aFlattenedDumpThatIsCutShortIsNotComplete(order: [Int]) throws {
    let plain = CaptureFolder.dump(order: order)
    let flat = CaptureFolder.flattened(plain)
    #expect(try saved(flat).isComplete == true)
    for length in stride(from: 0, to: flat.count, by: 509) {
      #expect(try saved(Array(flat[..<length])).isComplete != true, "\(length)")
    }
    #expect(
      try saved(CaptureFolder.flattened(plain, isWhole: false)).isComplete
        == false
    )
    // The last piece is there, and the dump in it ends too early.
    for missing in [1, 100, 512] {
      let short = CaptureFolder.flattened(Array(plain.dropLast(missing)))
      #expect(try saved(short).isComplete == false, "\(missing)")
    }
  }

  /// As a writer leaves them that is stopped: zeroes, or a place that no file
  /// has (`KdumpHeader.absent`), whichever page it is.
  @Test(arguments: [0, 3, 7])
  func aPageThatIsNotThereIsNoticed(rank: Int) throws {
    let place = 16384 + 24 * rank
    var bytes = CaptureFolder.dump()
    bytes.replaceSubrange(
      place..<place + 24,
      with: [UInt8](repeating: 0, count: 24)
    )
    #expect(try saved(bytes).problem == "it lacks a page that it describes")
    bytes[place + 7] = 0x40  // 2^62
    bytes[place + 8] = 0xff
    bytes[place + 9] = 0x0f
    #expect(try saved(bytes).problem == "it lacks a page that it describes")
    // A place and a size that wrap around.
    for index in 0..<8 { bytes[place + index] = 0xff }
    #expect(try saved(bytes).isComplete == false)
  }

  /// The notes of some 180 processors and more take more than 16 blocks.
  @Test func aSubHeaderMayBeLong() throws {
    let more = 4096 * 40
    var bytes = CaptureFolder.dump()
    bytes[432] = 41
    for page in 0..<8 {
      let place = 16384 + 24 * page
      let offset = 4096 * 5 + 512 * page + more
      for index in 0..<8 {
        bytes[place + index] = UInt8(truncatingIfNeeded: offset >> (8 * index))
      }
    }
    bytes.insert(contentsOf: [UInt8](repeating: 0, count: more), at: 8192)
    let dump = try saved(bytes)
    #expect(dump.isComplete == true && dump.frames?.dumped == 8)
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
        // max_mapnr says nothing that the bitmaps do not.
        let isFatal = byte > 0 && place != 4096 + 96
        for file in [bytes, CaptureFolder.flattened(bytes)] {
          let dump = try saved(file)
          #expect(dump.bytes == UInt64(file.count))
          if isFatal { #expect(dump.isComplete == false, "\(place) \(byte)") }
        }
      }
    }
    var flat = CaptureFolder.flattened(CaptureFolder.dump())
    for index in 4096..<4112 { flat[index] = 0x7f }
    #expect(try saved(flat).isComplete != true)
  }

  /// makedumpfile takes frames away from the bitmap of those that exist, and
  /// never adds one.
  @Test(arguments: [false, true])
  func aDumpHasNoFramesThatDoNotExist(isFlattened: Bool) throws {
    var bytes = CaptureFolder.dump()
    bytes[8192] = 0xfe
    let folder = try CaptureFolder()
    try folder.write(
      "dump.1",
      isFlattened ? CaptureFolder.flattened(bytes) : bytes
    )
    let files = try #require(CaptureFiles(folder.path))
    let account = CaptureAccount(files)
    #expect(account.dump?.isComplete == false)
    #expect(account.dump?.frames == nil && account.cells.isEmpty)
    #expect(CapturePage(account).html.hasSuffix("</html>\n"))
  }

  /// A header that speaks of more than the file has takes no memory for it, and
  /// no picture has more columns than a page.
  @Test func memoryIsTakenForWhatIsThere() throws {
    func peak() throws -> Int {
      let text = try String(
        contentsOfFile: "/proc/self/status",
        encoding: .utf8
      )
      let line = text.split(separator: "\n").first { $0.hasPrefix("VmPeak") }
      return try #require(
        line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
      )
    }
    var bytes = Array(CaptureFolder.dump()[..<8192])
    for (index, byte) in [0, 0, 0x10, 0].enumerated() {
      bytes[436 + index] = UInt8(byte)
    }
    let before = try peak()
    #expect(try saved(bytes).isComplete == false)
    // The same, of a flattened file that says it ends far away.
    var flat = CaptureFolder.flattened(bytes + [0])
    flat.removeLast(16)
    flat += [0, 0, 0, 0x80, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [7]
    flat += [UInt8](repeating: 0xff, count: 16)
    #expect(try saved(flat).isComplete == false)
    let grown = try peak() - before
    #expect(grown < 1 << 20, "\(grown) KiB")
  }

  @Test func piecesAreNotTakenWithoutBound() throws {
    var flat = CaptureFolder.flattened(CaptureFolder.dump(), isWhole: false)
    let piece = [UInt8](repeating: 0, count: 15) + [1, 0x4b]
    for _ in 0..<50_000 { flat += piece }
    flat += [UInt8](repeating: 0xff, count: 16)
    #expect(try saved(flat).isComplete == false)
  }

  @Test func aPictureHasNoMoreColumnsThanItsBitmapNeeds() throws {
    // 2^20 frames exist, and max_mapnr says that there is none.
    let blocks = 32
    var bytes = Array(CaptureFolder.dump()[..<8192])
    bytes[436] = UInt8(2 * blocks)
    for index in 0..<8 { bytes[4096 + 96 + index] = 0 }
    bytes += [UInt8](repeating: 0xff, count: 4096 * blocks)
    bytes += [UInt8](repeating: 0, count: 4096 * blocks)
    let folder = try CaptureFolder()
    try folder.write("dump.1", bytes)
    let files = try #require(CaptureFiles(folder.path))
    let columns = CaptureAccount(files).cells.count
    #expect((1...256).contains(columns), "\(columns)")
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

  private func elf(phoff: UInt64, count: UInt16, _ segment: [UInt64]) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: 8192)
    func put(_ value: UInt64, at offset: Int, size: Int) {
      for index in 0..<size {
        bytes[offset + index] = UInt8(
          truncatingIfNeeded: value >> UInt64(8 * index)
        )
      }
    }
    put(0x464c_457f, at: 0, size: 4)
    put(phoff, at: 32, size: 8)
    put(56, at: 54, size: 2)
    put(UInt64(count), at: 56, size: 2)
    put(segment[0], at: 64 + 8, size: 8)
    put(segment[1], at: 64 + 32, size: 8)
    return bytes
  }

  @Test func headersOfAnElfCoreThatAreNowhereAreSaid() throws {
    for place in [8192, 1 << 62, 1 << 63, .max] as [UInt64] {
      let dump = try saved(elf(phoff: place, count: 1, [0, 0]), name: "vmcore")
      #expect(dump.problem == "it ends within its headers", "\(place)")
    }
  }

  /// PN_XNUM: how many segments there are is in a section header.
  @Test func anElfCoreOfMoreSegmentsThanFitIsNotJudged() throws {
    let bytes = elf(phoff: 64, count: 0xffff, [4096, 1 << 40])
    let dump = try saved(bytes, name: "vmcore")
    #expect(dump.isComplete == nil && dump.problem == nil)
  }

  @Test func aSegmentThatWrapsAroundIsAProblem() throws {
    let bytes = elf(phoff: 64, count: 1, [.max - 4095, 8192])
    let dump = try saved(bytes, name: "vmcore")
    #expect(dump.isComplete == false)
    #expect(dump.problem == "its headers make no sense")
  }

  @Test func anotherFileCannotBeJudged() throws {
    let dump = try saved([0x1f, 0x8b, 1, 2, 3])
    #expect(dump.format == .unknown && dump.isComplete == nil)
  }
}
