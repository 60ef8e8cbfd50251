// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Reservation
import Testing

@Suite struct ReservationEstimateTests {
  /// Measured: the smallest reservation with which a dump was written, for
  /// initrds of Debian 12 and its 6.12, in MB and MiB.
  @Test(arguments: [
    (loaded: 6.5, unpacked: 16.9, floor: 92),
    (loaded: 15.0, unpacked: 62.0, floor: 144),
    (loaded: 10.8, unpacked: 29.0, floor: 104),
    (loaded: 20.5, unpacked: 40.0, floor: 128),
    (loaded: 6.3, unpacked: 16.0, floor: 88),
  ])
  func itIsNeverBelowWhatWasMeasuredAndAtMost12MAbove(
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
    #expect(estimate.mebibytes <= floor + 12)
  }

  /// The third one dumps by NFS, the others to a disk.
  @Test(arguments: [
    (image: 6.0, floor: 76), (image: 12.7, floor: 92), (image: 6.0, floor: 80),
    (image: 13.0, floor: 88), (image: 20.2, floor: 104),
  ])
  func soItIsForTwoStages(image: Double, floor: UInt64) {
    let estimate = ReservationEstimate.twoStages(
      kernelSize: nil,
      image: UInt64(image * 1e6)
    )
    #expect(estimate.mebibytes >= floor)
    #expect(estimate.mebibytes <= floor + 12)
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
