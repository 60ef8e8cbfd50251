// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Reservation
import Testing

@Suite struct ReservationEstimateTests {
  /// What `oldmem-lab minimum` found (docs/benchmarks.md), in MB and MiB: an
  /// initrd of kdump-tools' with MODULES=dep, and one with MODULES=most.
  @Test(arguments: [
    (loaded: 6.3, unpacked: 16.0, floor: 88),
    (loaded: 15.0, unpacked: 62.0, floor: 144),
  ])
  func itIsNeverBelowWhatWasMeasuredAndAtMost8MAbove(
    loaded: Double,
    unpacked: Double,
    floor: UInt64
  ) {
    let estimate = ReservationEstimate.stock(
      kernelSize: nil,
      loaded: UInt64(loaded * 1e6),
      unpacked: UInt64(unpacked * 1e6)
    )
    #expect(estimate.mebibytes >= floor)
    #expect(estimate.mebibytes <= floor + 8)
  }

  /// The same of images: dep to a disk and by NFS, most, dracut's.
  @Test(arguments: [
    (image: 6.0, floor: 76), (image: 6.0, floor: 80), (image: 13.0, floor: 88),
    (image: 20.2, floor: 104),
  ])
  func soItIsForTwoStages(image: Double, floor: UInt64) {
    let estimate = ReservationEstimate.twoStages(
      kernelSize: nil,
      image: UInt64(image * 1e6)
    )
    #expect(estimate.mebibytes >= floor)
    #expect(estimate.mebibytes <= floor + 8)
  }

  @Test func itsTermsAndTheMarginAreAllThereIs() {
    let estimate = ReservationEstimate.stock(
      kernelSize: nil,
      loaded: 0,
      unpacked: 0
    )
    let sum = estimate.terms.reduce(ReservationEstimate.margin) {
      $0 + $1.byteCount
    }
    #expect(estimate.mebibytes << 20 >= sum)
    #expect(estimate.mebibytes << 20 < sum + 4 << 20)
    // Struct pages of the whole reservation, themselves included.
    let pages = estimate.terms.last?.byteCount ?? 0
    #expect(pages >= sum / 64)
  }
}
