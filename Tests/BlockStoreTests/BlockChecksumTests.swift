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
