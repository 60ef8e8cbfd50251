// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the crashed kernel itself said of each page just before the panic: a
/// judge of what was lent that shares nothing with oldmem.
///
///     /proc/kpageflags: 8 bytes for each frame from 0 on, little-endian
///
/// The bits are those of include/uapi/linux/kernel-page-flags.h.
public struct PageFlags: Sendable {
  /// What a page is used for.
  public enum Use: String, Sendable, CaseIterable {
    /// Listed by the buddy allocator.
    case free
    /// Of hugetlb, used or not.
    case hugetlb
    /// A process's own memory.
    case anonymous
    /// File content, shared memory included.
    case cache
    /// Anything else, and what changed between being told and the panic.
    case other
  }

  /// A flag whose pages must not be lent.
  public enum Flag: Int, Sendable, CaseIterable {
    /// Somebody works on it.
    case locked = 0
    /// It is on its way to a disk.
    case writeback = 8
    /// It may not be reclaimed.
    case unevictable = 18
  }

  private static let lru: UInt64 = 1 << 5
  private static let buddy: UInt64 = 1 << 10
  private static let anonymous: UInt64 = 1 << 12
  private static let huge: UInt64 = 1 << 17

  private let words: [UInt64]

  /// Takes the file's bytes; zeroes may follow it.
  public init(_ bytes: [UInt8]) {
    words = stride(from: 0, to: bytes.count - 7, by: 8).map { at in
      (0..<8).reversed().reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }
  }

  /// Whether nothing was told at all.
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The frame's use.
  public func use(of frame: UInt64) -> Use {
    guard frame < words.count else { return .other }
    let word = words[Int(frame)]
    if word & Self.buddy != 0 { return .free }
    if word & Self.huge != 0 { return .hugetlb }
    if word & Self.anonymous != 0 { return .anonymous }
    return word & Self.lru != 0 ? .cache : .other
  }

  /// Whether the frame has a flag.
  public func has(_ flag: Flag, _ frame: UInt64) -> Bool {
    frame < words.count && words[Int(frame)] >> flag.rawValue & 1 != 0
  }
}
