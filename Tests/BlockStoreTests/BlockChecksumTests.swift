// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import CXXHash
import Memory
import Testing

@testable import BlockStore

@Suite struct BlockChecksumTests {
  @Test func isWhatTheLibraryItselfComputes() {
    // Debian's libxxhash.so 0.8.1 for the same bytes.
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7 + ($0 >> 8)) }
    #expect(oldmem_xxh3_frame(bytes, 0) == 0x5c722d9ceb6f9064)
    #expect(
      oldmem_xxh3_frame(bytes, 0x0123_4567_89ab_cdef) == 0xa63869cccb833860
    )
  }

  @Test func copyingAndHashingAtOnceGivesTheSame() {
    var state: UInt64 = 4
    func next() -> UInt64 {
      state = SplitMix64.mixed(state &+ 1)
      return state
    }
    for shift in [0, 1, 16, 28] {
      let frame = (0..<4096).map { _ in UInt8(truncatingIfNeeded: next()) }
      let seed = next()
      var target = [UInt8](repeating: 0, count: 4096 + shift)
      let hash = target.withUnsafeMutableBytes {
        oldmem_load_and_hash_frame($0.baseAddress! + shift, frame, seed)
      }
      #expect(hash == oldmem_xxh3_frame(frame, seed))
      #expect(Array(target[shift...]) == frame)
    }
  }

  @Test func neighbouringBlocksAndRunsHaveUnrelatedSeeds() {
    var seeds: Set<UInt64> = []
    for run in 0..<32 as Range<UInt64> {
      for block in 0..<1024 as Range<UInt32> {
        for generation in 0..<4 as Range<UInt32> {
          seeds.insert(
            BlockChecksum.seed(
              run: run << 40,
              block: BlockNumber(block),
              generation: generation
            )
          )
        }
      }
    }
    #expect(seeds.count == 4 * 32 * 1024)
  }
}
