// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

/// The damage that the fuzzer does is damage, and is done again by its seed.
@Suite struct MutationTests {
  @Test func aSeedGivesTheSameDamageAgain() throws {
    let sound = SyntheticMachine().build()
    for seed in 0..<20 as Range<UInt64> {
      var first = sound
      var second = sound
      var random = SeededGenerator(seed: seed)
      first.mutate(using: &random)
      random = SeededGenerator(seed: seed)
      second.mutate(using: &random)
      #expect(first.byteCount == second.byteCount)
      #expect(try head(first) == head(second))
    }
  }

  @Test func theTextOfVMCOREINFOIsWhereDamageLooksForIt() throws {
    let sound = SyntheticMachine().build()
    var changed = Set<Int>()
    for seed in 0..<400 as Range<UInt64> {
      var broken = sound
      var random = SeededGenerator(seed: seed)
      broken.mutate(using: &random)
      guard broken.byteCount >= 8192 else { continue }
      let bytes = try zip(head(sound), head(broken))
      for (place, pair) in bytes.enumerated() where pair.0 != pair.1 {
        changed.insert(place)
      }
    }
    // Behind the headers, only the text changes: 4096 + 356 + 24.
    let text = 4476..<(4476 + sound.vmcoreinfo.count)
    #expect(changed.allSatisfy { $0 < 400 || text.contains($0) })
    #expect(changed.filter(text.contains).count > 200)
  }

  private func head(_ vmcore: SyntheticVMCore) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 8192)
    guard vmcore.byteCount >= 8192 else { return [] }
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try vmcore.read(at: 0, into: &raw)
    return bytes
  }
}
