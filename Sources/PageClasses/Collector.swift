// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import VMCore

/// The makedumpfile that will write the dump: what it can tell apart depends
/// on its version and on the crashed kernel's.
///
/// Commits are makedumpfile's.
public struct Collector: Equatable, Sendable {
  /// Its version; nil where nobody knows, and then the worst is assumed.
  public let version: Version?

  /// A makedumpfile of which nothing is known.
  public static let unknown = Collector(version: nil)

  /// A makedumpfile of that version.
  public init(version: Version?) { self.version = version }

  /// What `makedumpfile -v` says, such as 1.7.2.
  public struct Version: Equatable, Comparable, Sendable {
    let number: UInt32
    /// Whether it is a development version after that one (1.7.6++).
    let isLater: Bool

    /// The release `major.minor.patch`.
    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
      number = UInt32(major) << 16 | UInt32(minor) << 8 | UInt32(patch)
      isLater = false
    }

    /// Parses three numbers with points between them, and perhaps `++`.
    public init?(_ text: Span<UInt8>) {
      var number: UInt32 = 0
      var index = 0
      for part in 0..<3 {
        var value: UInt32 = 0
        let start = index
        while index < text.count, case 0x30...0x39 = text[index] {
          value = value * 10 + UInt32(text[index] - 0x30)
          guard value < 256 else { return nil }
          index += 1
        }
        guard index > start else { return nil }
        number = number << 8 | value
        if part < 2 {
          guard index < text.count, text[index] == 0x2e else { return nil }
          index += 1
        }
      }
      var rest = 0
      while index < text.count, text[index] == 0x2b {
        rest += 1
        index += 1
      }
      guard index == text.count, rest == 0 || rest == 2 else { return nil }
      self.number = number
      isLater = rest == 2
    }

    /// Orders by release; a development version comes after its release.
    public static func < (a: Self, b: Self) -> Bool {
      a.number == b.number ? !a.isLater && b.isLater : a.number < b.number
    }
  }

  /// Whether it is that release or a later one, beyond doubt.
  private func isAtLeast(_ release: Version) -> Bool {
    version.map { $0 >= release } ?? false
  }

  /// Whether it sees that free pages of the kernel are free.
  ///
  /// bad2a7c (1.7.6) takes a page type for a set of bits; since v6.12, where
  /// it is a number, every free page has the bits of a slab, and is dumped
  /// (issue 16), until 72c3414 (1.7.7).
  public func leavesOutFree(of kernel: KernelLayout) -> Bool {
    guard let slab = kernel[.slabType], let buddy = kernel[.buddyType] else {
      return true
    }
    let base: UInt32 = 0xf000_0000
    let bits = base | ~UInt32(truncatingIfNeeded: slab)
    guard UInt32(truncatingIfNeeded: buddy) & bits == base else { return true }
    guard let version else { return false }
    let mistaken = Version(1, 7, 5)...Version(1, 7, 7)
    return version <= mistaken.lowerBound || version >= mistaken.upperBound
  }

  /// Whether it knows how many pages a large folio has; without that it
  /// leaves out the first one and dumps the others.
  public func seesOrders(of kernel: KernelLayout) -> Bool {
    // Linux up to v6.2 says where a compound page has its order.
    if kernel[.pageCompoundOrder] != nil { return true }
    // v6.3 to v6.5 say it of struct folio: 446c4f6.
    if kernel[.folioOrder] != nil { return isAtLeast(Version(1, 7, 3)) }
    // From v6.9 on, known by the type of hugetlb pages: 985e575.
    if kernel[.hugetlbType] != nil { return isAtLeast(Version(1, 7, 6)) }
    // v6.6 to v6.8, known by PG_hugetlb: 9661c1d.
    if kernel[.hugetlbFlag] != nil { return isAtLeast(Version(1, 7, 4)) }
    return false
  }
}
