// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// makedumpfile's -d: which pages it leaves out of the dump.
public struct DumpLevel: Equatable, Sendable {
  /// The sum of 1 (zero pages), 2 and 4 (page cache), 8 (user), 16 (free).
  public let value: UInt8

  /// Nothing is left out.
  public static let dumpEverything = DumpLevel(uncheckedValue: 0)

  /// Takes a level from 0 to 31.
  public init?(_ value: Int) {
    guard (0...31).contains(value) else { return nil }
    self.value = UInt8(value)
  }

  private init(uncheckedValue: UInt8) { value = uncheckedValue }

  /// Whether pages of the class are left out of the dump, so that
  /// overwriting them loses nothing.
  ///
  /// 4 leaves out page cache with private data and without, 2 only that
  /// without. makedumpfile leaves hwpoison and offline pages out at every
  /// level, but those are not lent either.
  public func leavesOut(_ pageClass: PageClass) -> Bool {
    switch pageClass {
    case .free: value & 16 != 0
    case .cache, .largeCache, .dirtyCache: value & 6 != 0
    case .privateCache: value & 4 != 0
    case .anonymous, .largeAnonymous, .hugetlb: value & 8 != 0
    default: false
    }
  }
}
