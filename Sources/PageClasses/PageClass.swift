// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a page was used for when the machine crashed.
///
/// Page cache and anonymous pages will be classes of their own; until their
/// vetoes are known they are `other`, which is never lent.
public enum PageClass: UInt8, CaseIterable, Sendable {
  /// In a free block of the buddy allocator.
  case free
  /// Anything else.
  case other

  /// The class's name in reports and in frame lists.
  public var name: StaticString {
    switch self {
    case .free: "free"
    case .other: "other"
    }
  }
}

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
  public func leavesOut(_ pageClass: PageClass) -> Bool {
    switch pageClass {
    case .free: value & 16 != 0
    case .other: false
    }
  }
}
