// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Rescue
import SyntheticVMCore
import Testing

@Suite struct FrameBitmapTests {
  private static let count: UInt64 = 4 * 32768 + 77

  private static func range(_ random: inout SeededGenerator) -> FrameRange {
    let start = random.next() % count
    // Some that are whole blocks, and some that go on behind the end.
    let sizes: [UInt64] = [1, 7, 64, 5000, 32768, 70_000, count]
    let size = sizes[Int(random.next() % UInt64(sizes.count))]
    let aligned = random.next() % 3 == 0
    return FrameRange(
      start: FrameNumber(aligned ? start / 32768 * 32768 : start),
      count: size
    )
  }

  private static func matches(_ bitmap: FrameBitmap, _ model: [Bool]) -> Bool {
    let bytes = (0..<bitmap.blockCount).flatMap { bitmap.bytes(ofBlock: $0) }
    guard bytes.count == 5 * 4096 else { return false }
    for (index, isSet) in model.enumerated() {
      let bit = bytes[index / 8] >> UInt8(index % 8) & 1 == 1
      guard bit == isSet,
        bitmap.contains(FrameNumber(UInt64(index))) == isSet
      else { return false }
    }
    return bytes[(model.count / 8 + 1)...].allSatisfy { $0 == 0 }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func doesAsAnArrayOfBitsDoes(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bitmap = FrameBitmap(count: Self.count)
    var other = FrameBitmap(count: Self.count)
    var model = [Bool](repeating: false, count: Int(Self.count))
    var otherModel = model
    for _ in 0..<40 {
      let range = Self.range(&random)
      let end = Int(min(range.end.value, Self.count))
      let bits = Int(range.start.value)..<end
      switch random.next() % 6 {
      case 0, 1:
        bitmap.insert(range)
        for bit in bits { model[bit] = true }
      case 2:
        bitmap.remove(range)
        for bit in bits { model[bit] = false }
      case 3:
        other.insert(range)
        for bit in bits { otherModel[bit] = true }
      case 4:
        bitmap.formIntersection(other)
        for bit in model.indices { model[bit] = model[bit] && otherModel[bit] }
      default:
        bitmap.subtract(other)
        for bit in model.indices { model[bit] = model[bit] && !otherModel[bit] }
        other = FrameBitmap(count: Self.count)
        otherModel = otherModel.map { _ in false }
      }
    }
    #expect(Self.matches(bitmap, model))
    #expect(bitmap.population == UInt64(model.count { $0 }))
    var place = FrameNumber(0)
    var runs: [Range<Int>] = []
    while let run = bitmap.run(from: place) {
      runs.append(Int(run.start.value)..<Int(run.end.value))
      place = run.end
    }
    let isEach = runs.allSatisfy { run in
      model[run].allSatisfy { $0 }
        && (run.upperBound == model.count || !model[run.upperBound])
    }
    #expect(isEach)
    #expect(runs.reduce(0) { $0 + $1.count } == model.count { $0 })
  }

  @Test func ranksCountWhatComesBefore() {
    var random = SeededGenerator(seed: 9)
    var bitmap = FrameBitmap(count: Self.count)
    for _ in 0..<9 { bitmap.insert(Self.range(&random)) }
    for _ in 0..<9 { bitmap.remove(Self.range(&random)) }
    bitmap.insert(FrameRange(start: FrameNumber(900), count: 40))
    let ranks = FrameRanks(bitmap)
    var rank: UInt64 = 0
    var wrong = 0
    for frame in 0..<Self.count {
      if ranks.rank(of: FrameNumber(frame)) != rank { wrong += 1 }
      if bitmap.contains(FrameNumber(frame)) { rank += 1 }
    }
    #expect(wrong == 0)
    #expect(ranks.count == rank)
    #expect(rank > 0)
  }
}

@Suite struct LentListTests {
  @Test func readsWhatOldmemdWrites() throws {
    let text = "# lent\n10 5 free\n\n4096 1 cache\n77 3\n"
    let list = try LentList(Array(text.utf8).span)
    #expect(list.runs.map(\.start.value) == [10, 4096, 77])
    #expect(list.runs.map(\.count) == [5, 1, 3])
  }

  @Test(arguments: [
    "x", "10", "10 ", "10 x", "-1 5 free", "10 5free", "4503599627370496 1",
    "1 99999999999999999999999",
  ])
  func aLineThatIsNoneIsNamed(line: String) {
    let text = "1 1 free\n" + line + "\n2 2 free\n"
    let problem = #expect(throws: LentList.Problem.self) {
      try LentList(Array(text.utf8).span)
    }
    #expect(problem?.line == 2)
  }
}
