// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Devices

@Suite struct GuestTests {
  private func refusal(_ flags: String) -> Guest.Refusal? {
    let bytes = Array("flags\t\t: fpu vme \(flags)\n".utf8)
    return Guest.refusal(flags: bytes.span)
  }

  @Test func confidentialGuestsAreRefused() {
    #expect(refusal("hypervisor sev") == .confidential)
    #expect(refusal("sev_snp hypervisor") == .confidential)
    #expect(refusal("hypervisor tdx_guest") == .confidential)
  }

  @Test func ordinaryGuestsAndHostsThatOfferSEVAreNot() {
    #expect(refusal("hypervisor") == nil)
    #expect(refusal("sev sev_es") == nil)
    #expect(refusal("hypervisor severe xsev") == nil)
  }
}
