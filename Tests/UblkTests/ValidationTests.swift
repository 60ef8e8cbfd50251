// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Linux
import Memory
import Testing

@testable import Ublk

@Suite struct ValidationTests {
  let shape = UblkDevice.Shape(blocks: 100, depth: 4, bufferBytes: 8192)

  private func validated(
    _ operation: UInt8,
    _ start: UInt64,
    _ sectors: UInt32
  ) -> Validated {
    let request = Request(operation: operation, sectors: sectors, start: start)
    return validate(request, in: shape)
  }

  @Test func wholeBlocksInsideTheDeviceAreAccepted() {
    #expect(
      validated(0, 8, 16)
        == .accepted(.read, BlockRange(start: BlockNumber(1), count: 2))
    )
    #expect(
      validated(3, 0, 800)
        == .accepted(.discard, BlockRange(start: BlockNumber(0), count: 100))
    )
  }

  @Test func partsOfBlocksAreInvalid() {
    #expect(validated(0, 4, 8) == .refused(.invalid))
    #expect(validated(1, 8, 4) == .refused(.invalid))
  }

  @Test func whatLiesBehindTheEndIsAnInputOutputError() {
    #expect(validated(1, 792, 16) == .refused(.inputOutput))
    #expect(validated(3, 800, 8) == .refused(.inputOutput))
    #expect(validated(3, 8, UInt32.max - 7) == .refused(.inputOutput))
  }

  @Test func startsBeyondAllDevicesAreInvalid() {
    #expect(validated(0, UInt64.max - 7, 8) == .refused(.invalid))
    #expect(validated(0, 1 << 60, 8) == .refused(.invalid))
  }

  @Test func moreThanABufferHoldsIsInvalid() {
    #expect(validated(0, 0, 24) == .refused(.invalid))
  }

  @Test func unknownOperationsAreNotSupported() {
    for operation in [UInt8(4), 6, 15, 255] {
      #expect(validated(operation, 0, 8) == .refused(.notSupported))
    }
  }
}
