// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Report
import Reservation

/// What `oldmem estimate` found out.
struct EstimateResult {
  let kernel: String
  let initrd: String
  /// Whether the kernel's size is this machine's and not a usual one.
  let isKernelMeasured: Bool
  let stock: ReservationEstimate
  let oldmem: ReservationEstimate
  /// What is reserved now, in bytes.
  let reserved: UInt64
  let reusable: Reusable?
  let whyNothingIsKnown: String?

  func table() -> String {
    var table = Table([
      ("MiB", .left), ("without oldmem", .right), ("with oldmem", .right),
    ])
    var names = stock.terms.map(\.name)
    names += oldmem.terms.map(\.name).filter { !names.contains($0) }
    for name in names {
      table.add([name, term(name, of: stock), term(name, of: oldmem)])
    }
    let margin = Self.mebibytes(ReservationEstimate.margin)
    table.add(["margin", margin, margin])
    table.add(["crashkernel=", "\(stock.mebibytes)M", "\(oldmem.mebibytes)M"])
    var lines = ["Linux \(kernel), \(initrd)", ""] + table.lines + [""]
    lines.append(
      reserved == 0
        ? "nothing is reserved now"
        : "\(Self.mebibytes(reserved)) MiB are reserved now"
    )
    if !isKernelMeasured {
      lines.append("the kernel's size is a usual one; as root it is this one's")
    }
    if let reusable {
      let parts = reusable.frames.sorted { $0.value > $1.value }.map {
        "\(Self.mebibytes($0.value * 4096)) \($0.key)"
      }
      lines.append(
        "\(Self.mebibytes(reusable.byteCount)) MiB could be lent if it crashed "
          + "now" + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
      )
    } else if let whyNothingIsKnown {
      lines.append("how much could be lent is not known: \(whyNothingIsKnown)")
    }
    return lines.joined(separator: "\n")
  }

  func json() throws -> String {
    struct Side: Encodable {
      let terms: [String: UInt64]
      let margin: UInt64
      let crashkernelMiB: UInt64

      init(_ estimate: ReservationEstimate) {
        terms = Dictionary(
          uniqueKeysWithValues: estimate.terms.map { ($0.name, $0.byteCount) }
        )
        margin = ReservationEstimate.margin
        crashkernelMiB = estimate.mebibytes
      }
    }
    struct Whole: Encodable {
      let kernel: String
      let initrd: String
      let isKernelMeasured: Bool
      let stock: Side
      let oldmem: Side
      let reserved: UInt64
      let reusableFrames: [String: UInt64]?
      let whyNothingIsKnown: String?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    let data = try encoder.encode(
      Whole(
        kernel: kernel,
        initrd: initrd,
        isKernelMeasured: isKernelMeasured,
        stock: Side(stock),
        oldmem: Side(oldmem),
        reserved: reserved,
        reusableFrames: reusable?.frames,
        whyNothingIsKnown: whyNothingIsKnown
      )
    )
    return String(decoding: data, as: UTF8.self)
  }

  private func term(_ name: String, of estimate: ReservationEstimate) -> String
  {
    estimate.terms.first { $0.name == name }
      .map { Self.mebibytes($0.byteCount) } ?? "-"
  }

  private static func mebibytes(_ bytes: UInt64) -> String {
    String(format: "%.1f", Double(bytes) / 1_048_576)
  }
}
