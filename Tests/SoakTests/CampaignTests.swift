// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import SoakCases
import Testing

/// Some lines of the table in docs/safety.md, on a smaller store.
@Suite struct CampaignTests {
  @Test(
    arguments: [
      .run(300), .shelf, .stale(50, allCopies: false),
      .swapped(50, allCopies: false), .page(.checksums, .zero),
      .page(.slotWords, .overwrite), .page(.seals, .zero),
      .page(.maps, .overwrite), .header(.overwrite),
    ] as [FaultCampaign.Fault]
  )
  func whatHasACopyIsNotLostAndNothingIsSilent(fault: FaultCampaign.Fault) {
    let row = FaultCampaign(copies: 2, seed: 3, blocks: 512).run(fault)
    #expect(row.silent == 0)
    #expect(row.lost == 0)
    #expect(row.injected > 0)
    #expect(row.detected == row.injected)
  }

  @Test(
    arguments: [
      .stale(50, allCopies: true), .swapped(50, allCopies: true),
    ] as [FaultCampaign.Fault]
  )
  func whatHasNoneIsAnError(fault: FaultCampaign.Fault) {
    let row = FaultCampaign(copies: 2, seed: 3, blocks: 512).run(fault)
    #expect(row.silent == 0)
    #expect(row.needless == 0)
    #expect(row.lost == row.injected / 2)
  }
}
