// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How large `crashkernel=` has to be, term by term.
///
/// The moment that decides is the unpacking of the initramfs: the kernel has
/// what it takes at boot, the image lies in memory as it was loaded, and its
/// files beside it. Nothing can be swapped out yet. Fitted to reservations that
/// were measured to be just enough (docs/estimate.md); what comes later and
/// cannot be swapped out is the margin's.
public struct ReservationEstimate: Equatable, Sendable {
  /// One thing that takes memory.
  public struct Term: Codable, Equatable, Sendable {
    /// What it is, in words.
    public let name: String
    /// How many bytes.
    public let byteCount: UInt64
  }

  /// All that takes memory, but the margin.
  public let terms: [Term]
  /// What is added so that one measurement is not taken for a law: modules
  /// that cannot be swapped, such as nfs.ko's, have needed 4 MiB of it.
  public static let margin: UInt64 = 10 << 20

  /// Debian's 6.12, where /proc/iomem does not tell the size.
  static let usualKernelSize: UInt64 = 44 << 20
  /// What the kernel allocates before userspace, drivers included.
  static let kernelStart: UInt64 = 12 << 20 + 1 << 19
  /// The window of zstd -9 and larger ones of other formats.
  static let decompressor: UInt64 = 4 << 20

  /// For an initrd as the distribution made it.
  ///
  /// - Parameters:
  ///   - kernelSize: the capture kernel from code to bss, in bytes; nil for a
  ///     usual one.
  ///   - loaded: the initrd's size, in bytes.
  ///   - unpacked: its size once unpacked, in bytes.
  public static func stock(
    kernelSize: UInt64?,
    loaded: UInt64,
    unpacked: UInt64
  ) -> ReservationEstimate {
    ReservationEstimate(
      kernelSize: kernelSize,
      others: [
        Term(name: "decompressor", byteCount: decompressor),
        Term(name: "initramfs as loaded", byteCount: loaded),
        Term(name: "initramfs unpacked", byteCount: unpacked),
      ]
    )
  }

  /// For a two-stage image, whose stage one is not compressed.
  ///
  /// - Parameters:
  ///   - kernelSize: the capture kernel from code to bss, in bytes; nil for a
  ///     usual one.
  ///   - image: the image's size, in bytes.
  public static func twoStages(
    kernelSize: UInt64?,
    image: UInt64
  ) -> ReservationEstimate {
    ReservationEstimate(
      kernelSize: kernelSize,
      others: [
        Term(name: "initramfs as loaded", byteCount: image),
        Term(name: "initramfs unpacked", byteCount: image),
      ]
    )
  }

  private init(kernelSize: UInt64?, others: [Term]) {
    let fixed =
      [
        Term(
          name: "kernel, code to bss",
          byteCount: kernelSize ?? Self.usualKernelSize
        ),
        Term(name: "kernel's allocations", byteCount: Self.kernelStart),
      ] + others
    let sum = fixed.reduce(Self.margin) { $0 + $1.byteCount }
    // A struct page of 64 bytes for each 4096, those of the pages that hold
    // struct pages too.
    let pages = (sum + 62) / 63
    terms = fixed + [Term(name: "struct pages", byteCount: pages)]
  }

  /// The smallest safe `crashkernel=`, in MiB, a multiple of four.
  public var mebibytes: UInt64 {
    let sum = terms.reduce(Self.margin) { $0 + $1.byteCount }
    let step: UInt64 = 4 << 20
    return (sum + step - 1) / step * (step >> 20)
  }
}

/// Every term, the margin, and what they come to.
extension ReservationEstimate: Encodable {
  private enum CodingKeys: CodingKey {
    case terms, margin, crashkernelMiB
  }

  /// Writes a document with these three keys.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(terms, forKey: .terms)
    try values.encode(Self.margin, forKey: .margin)
    try values.encode(mebibytes, forKey: .crashkernelMiB)
  }
}
