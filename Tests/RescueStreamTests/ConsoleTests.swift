// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import RescueReceiver
import Testing

@testable import RescueStream

/// Files that go over a console: what is there is right, and what is not is
/// named.
@Suite struct ConsoleTests {
  private let usual = ConsoleText.usual

  @Test func whatIsWrittenIsFound() throws {
    let (report, file) = try ConsoleText.found(in: usual.text)
    #expect(file == usual.file)
    #expect(report?.isComplete == true && report?.isPartial == false)
    #expect(report?.byteCount == UInt64(usual.file.count))
    #expect(report?.kind == .dump && report?.name == Array("host".utf8))
  }

  @Test func linesSurviveTerminals() {
    for line in usual.lines {
      #expect(line.count <= 120)
      #expect(line.allSatisfy { (0x20...0x7e).contains($0) })
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func anyFileIsFoundInAnyPieces(seed: UInt64) throws {
    var random = Seeded(seed)
    let pieces = (0..<20).map { _ in
      (
        Int.random(in: 0..<20_000, using: &random),
        (0..<Int.random(in: 0..<9000, using: &random)).map { index in
          // A third is zero, in long runs.
          index / 3000 % 3 == 0 ? 0 : UInt8.random(in: 0...255, using: &random)
        }
      )
    }
    let text = ConsoleText(pieces)
    let step = Int.random(in: 1..<5000, using: &random)
    let (report, file) = try ConsoleText.found(in: text.text, step: step)
    #expect(report?.isComplete == true)
    #expect(file == text.file)
  }

  @Test func zeroesThatWereNeverOtherAreNotSent() throws {
    let zeroes = [UInt8](repeating: 0, count: 1 << 20)
    let text = ConsoleText([(0, [1]), (1, zeroes), (1 << 20, [2])])
    #expect(text.text.count < 10_000)
    #expect(try ConsoleText.found(in: text.text).file == text.file)
    // What was written before is written over.
    let other = ConsoleText([(0, [1, 2, 3]), (0, [0, 0, 0])])
    #expect(try ConsoleText.found(in: other.text).file == [0, 0, 0])
  }

  @Test func whatOthersSayInBetweenDoesNoHarm() throws {
    var text = Array("login: ~OM~ ~~OM~OM\r\n".utf8)
    for (index, line) in usual.lines.enumerated() {
      let half = line.count / 2
      switch index % 5 {
      case 0:
        text += Array("[2026-11-30 12:00:00] ".utf8) + line + [0x0d, 0x0a]
      case 1: text += line[..<half] + [0x0d, 0x0a] + line[half...] + [0x0a]
      case 2:
        text += line[..<half] + Array("[    9.1] usb 1-1: new device\r\n".utf8)
        text += line[half...] + [0x0d, 0x0d, 0x0a]
      case 3: text += line + Array("[    9.2] BUG: ~ 0x00\r\n".utf8)
      default: text += Array("\u{1b}[1m".utf8) + line + [0, 255, 0x0a]
      }
    }
    let (report, file) = try ConsoleText.found(in: text)
    #expect(report?.isComplete == true)
    #expect(file == usual.file)
  }

  @Test func ofALineThatIsLostThePlaceIsNamed() throws {
    for lost in usual.lines.indices {
      var lines = usual.lines
      let line = lines.remove(at: lost)
      let (found, file) = try ConsoleText.found(in: ConsoleText.text(lines))
      let report = try #require(found)
      var scanner = LineScanner()
      var content: ConsoleLine?
      for byte in line { content = scanner.take(byte) ?? content }
      if case .piece(let bytes) = content?.content, let offset = content?.offset
      {
        #expect(report.missing == [offset..<offset + UInt64(bytes.count)])
        #expect(report.unplaced == 0)
      } else {
        // A beginning, a run's head, one of three ends: nothing is lost.
        #expect(report.isComplete, "line \(lost)")
      }
      #expect(usual.agrees(file ?? [], report))
    }
  }

  @Test func whatIsCutIsSaidToBe() throws {
    for count in 1..<(usual.lines.count - 2) {
      let text = ConsoleText.text(usual.lines[..<count])
      let report = try #require(try ConsoleText.found(in: text).report)
      #expect(!report.hasEnd && !report.isComplete)
    }
  }

  @Test func anyCharacterThatIsAnotherIsNoticed() throws {
    let text = ConsoleText([(0, Array("some bytes of a file".utf8))])
    for index in text.text.indices {
      for change: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128] {
        var damaged = text.text
        damaged[index] ^= change
        let (found, file) = try ConsoleText.found(in: damaged)
        guard let report = found else { continue }
        #expect(text.agrees(file ?? [], report))
        #expect(!report.isComplete || file == text.file)
      }
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func damageNeverMakesAWrongFile(seed: UInt64) throws {
    var random = Seeded(seed)
    var text = usual.text
    for _ in 0..<Int.random(in: 1...40, using: &random) {
      let place = Int.random(in: 0..<text.count, using: &random)
      let end = min(text.count, place + Int.random(in: 1...300, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: text[place] = UInt8.random(in: 0...255, using: &random)
      case 1: text.removeSubrange(place..<end)
      case 2:
        let at = Int.random(in: 0..<text.count, using: &random)
        text.insert(contentsOf: Array(text[place..<end]), at: at)
      default: text.insert(0x7e, at: place)
      }
    }
    let (found, file) = try ConsoleText.found(in: text)
    let report = try #require(found)
    // Of what is not there it may be unknown where it belongs.
    if report.unplaced == 0, report.hasEnd {
      #expect(usual.agrees(file ?? [], report))
    }
    if report.isComplete { #expect(file == usual.file) }
  }

  @Test func aSecondCopyGivesWhatTheFirstLacks() throws {
    for lost in usual.lines.indices {
      var first = usual.lines
      first.remove(at: lost)
      for second in [usual.lines, [usual.lines[lost]]] {
        let text = ConsoleText.text(first + second)
        let (report, file) = try ConsoleText.found(in: text)
        #expect(report?.isComplete == true)
        #expect(file == usual.file)
      }
    }
    // In any order: what was written over stays so.
    let text = ConsoleText.text(usual.lines.reversed())
    #expect(try ConsoleText.found(in: text).file == usual.file)
  }

  @Test func theNewestFileIsFound() throws {
    let other = ConsoleText([(0, Array("newer".utf8))], transfer: 8)
    let (report, file) = try ConsoleText.found(in: usual.text + other.text)
    #expect(report?.isComplete == true)
    #expect(file == other.file)
  }

  @Test func aSenderMaySayThatItIsNotAll() throws {
    let part = ConsoleText([(0, [1])], isWhole: false)
    let report = try ConsoleText.found(in: part.text).report
    #expect(report?.isComplete == true && report?.isPartial == true)
  }

  @Test func whereThereIsNoFileThereIsNone() throws {
    let (report, file) = try ConsoleText.found(in: Array("hello\r\n".utf8))
    #expect(report == nil && file == nil)
  }
}

/// The same numbers each time.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
