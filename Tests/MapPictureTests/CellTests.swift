// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import Testing

@testable import MapPicture

/// Whatever a picture leaves out, it counts every frame once.
@Suite struct CellTests {
  @Test func theSegmentsAreWhatTheScanCounted() throws {
    let built = try BuiltMap.shared.get()
    let map = built.map
    #expect(map.grain == 1)
    var end: UInt64 = 0
    for segment in map.segments {
      #expect(segment.frames.start.value >= end && segment.isExact)
      end = segment.frames.end.value
    }
    for pageClass in PageClass.allCases {
      for veto in Veto.allCases.map(Optional.some) + [nil] {
        let frames = map.segments.filter {
          $0.sort.pageClass == pageClass && $0.sort.veto == veto
        }.reduce(0) { $0 + $1.frames.count }
        #expect(frames == built.report.tally[pageClass, veto])
      }
    }
    #expect(map.frames == built.report.tally.total)
    #expect(map.reusable == built.report.frames)
  }

  @Test func lentFramesAreThoseOfTheSelection() throws {
    let built = try BuiltMap.shared.get()
    #expect(!built.selection.isShort && built.selection.isAcrossNodes)
    for (index, run) in built.selection.runs.enumerated() {
      let shelf =
        built.selection.firstSlots[index] / built.selection.framesPerShelf + 1
      let marked = built.map.segments.filter {
        $0.frames.overlaps(run)
      }
      #expect(marked.allSatisfy { $0.sort.shelf == shelf })
      #expect(marked.reduce(0) { $0 + $1.frames.count } == run.count)
    }
    let lent = built.map.segments.filter { $0.sort.shelf > 0 }
    #expect(lent.reduce(0) { $0 + $1.frames.count } == 2 * 4096)
  }

  @Test(arguments: [1, 16, 64, 4096, 1 << 20] as [UInt64])
  func eachFrameIsInOneCell(size: UInt64) throws {
    let map = try BuiltMap.shared.get().map
    for cells in [
      map.cells(of: size), map.rows(of: size, width: 64).flatMap(\.cells),
    ] {
      #expect(cells.allSatisfy { $0.frames <= size })
      #expect(cells.reduce(0) { $0 + $1.frames } == map.frames)
      var sorts: [FrameSort: UInt64] = [:]
      for part in cells.flatMap(\.parts) {
        sorts[part.sort, default: 0] += part.frames
      }
      for segment in map.segments {
        sorts[segment.sort, default: 0] -= segment.frames.count
      }
      #expect(sorts.values.allSatisfy { $0 == 0 })
    }
  }

  /// The cell of a frame, looked up, has the frame's sort.
  @Test func aFrameIsWhereTheFoldSays() throws {
    let map = try BuiltMap.shared.get().map
    let cells = map.cells(of: 1)
    #expect(map.fold.stretches.count == 2)
    for segment in map.segments {
      for frame in [segment.frames.start.value, segment.frames.end.value - 1] {
        let place = map.fold.position(of: frame)
        #expect(map.fold.frame(at: place) == frame)
        #expect(cells[Int(place)].parts.first?.sort == segment.sort)
      }
    }
    // Most of the hole is left out.
    #expect(map.fold.positions < map.frames * 5 / 4)
  }

  /// A terabyte of nothing takes neither time nor memory.
  @Test func memoryFarAwayIsAtHandToo() {
    let tebibyte: UInt64 = 1 << 28
    var collector = MapCollector(nil)
    for start in [0, tebibyte, 1000 * tebibyte, 1 << 51] as [UInt64] {
      let frames = FrameRange(start: FrameNumber(start), count: 5000)
      collector.keep(frames, Judgement(.slab, .dumpLevel))
    }
    let map = PhysicalMap(
      PhysicalMap.Scene(file: "", release: "", rules: [], plan: ""),
      collector,
      Tally(),
      nodes: []
    )
    #expect(map.fold.positions < 4 * 5000 * 2)
    let lines = map.text(.plain)
    #expect(lines.count { $0.contains("no memory for") } == 3)
    #expect(map.svg.contains("0x8000000000000000-") && map.page.count > 1000)
  }

  @Test func aCellShowsWhatMostOfItIs() throws {
    var cellsChecked = 0
    let map = try BuiltMap.shared.get().map
    for cell in map.cells(of: 256) where !cell.parts.isEmpty {
      let paint = try #require(cell.paint)
      func frames(_ paint: Paint) -> UInt64 {
        cell.parts.filter { $0.sort.paint == paint }
          .reduce(0) { $0 + $1.frames }
      }
      #expect(Paint.all.allSatisfy { frames($0) <= frames(paint) })
      cellsChecked += 1
    }
    #expect(cellsChecked > 300)
  }
}
