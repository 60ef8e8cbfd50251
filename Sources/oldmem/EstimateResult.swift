// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Report
import Reservation

/// What `oldmem estimate` found out; its JSON is docs/estimate.md's.
struct EstimateResult: Encodable {
  let kernel: String
  let initrd: String
  /// Whether the kernel's size is this machine's and not a usual one.
  let isKernelMeasured: Bool
  let stock: ReservationEstimate
  let oldmem: ReservationEstimate
  /// With stage two held in the running system's memory.
  let held: ReservationEstimate
  /// What is reserved now, in bytes.
  let reserved: UInt64
  /// Frames of 4096 bytes that could be lent, by class.
  let reusableFrames: [String: UInt64]?
  /// Why those are not known.
  let whyNothingIsKnown: String?

  init(
    kernel: String,
    initrd: String,
    isKernelMeasured: Bool,
    stock: ReservationEstimate,
    oldmem: ReservationEstimate,
    held: ReservationEstimate,
    reserved: UInt64,
    reusable: Result<[String: UInt64], any Error>
  ) {
    self.kernel = kernel
    self.initrd = initrd
    self.isKernelMeasured = isKernelMeasured
    self.stock = stock
    self.oldmem = oldmem
    self.held = held
    self.reserved = reserved
    switch reusable {
    case .success(let frames):
      (reusableFrames, whyNothingIsKnown) = (frames, nil)
    case .failure(let error):
      (reusableFrames, whyNothingIsKnown) = (nil, "\(error)")
    }
  }

  func table() -> String {
    var table = Table([
      ("MiB", .left), ("without oldmem", .right), ("with oldmem", .right),
      ("and oldmem-hold", .right),
    ])
    var names = stock.terms.map(\.name)
    names += oldmem.terms.map(\.name).filter { !names.contains($0) }
    for name in names {
      table.add([name] + [stock, oldmem, held].map { term(name, of: $0) })
    }
    let margin = Self.mebibytes(ReservationEstimate.margin)
    table.add(["margin", margin, margin, margin])
    table.add(
      ["crashkernel="] + [stock, oldmem, held].map { "\($0.mebibytes)M" }
    )
    var lines = ["Linux \(kernel), \(initrd)", ""] + table.lines + [""]
    lines.append(
      reserved == 0
        ? "nothing is reserved now"
        : "\(Self.mebibytes(reserved)) MiB are reserved now"
    )
    if !isKernelMeasured {
      lines.append("the kernel's size is a usual one; as root it is this one's")
    }
    lines.append(reusableLine)
    return lines.joined(separator: "\n")
  }

  private var reusableLine: String {
    guard let reusableFrames else {
      return "how much could be lent is not known: \(whyNothingIsKnown ?? "")"
    }
    let parts = reusableFrames.sorted { $0.value > $1.value }.map {
      "\(Self.mebibytes($0.value * 4096)) \($0.key)"
    }
    let sum = Self.mebibytes(reusableFrames.values.reduce(0, +) * 4096)
    return "\(sum) MiB could be lent if it crashed now"
      + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
  }

  private func term(
    _ name: String,
    of estimate: ReservationEstimate
  ) -> String {
    estimate.terms.first { $0.name == name }
      .map { Self.mebibytes($0.byteCount) } ?? "-"
  }

  private static func mebibytes(_ bytes: UInt64) -> String {
    String(format: "%.1f", Double(bytes) / 1_048_576)
  }
}
