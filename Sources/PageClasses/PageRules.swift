// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import VMCore

/// The flags and types by which a kernel's struct pages are judged: what
/// VMCOREINFO states, and, where it is known, the flag layout.
///
/// Nothing is taken from a version. A flag that is not known is a mask of 0.
public struct PageRules: Equatable, Sendable {
  /// _mapcount of a page that nobody maps and that has no type.
  static let untyped = UInt32.max

  /// _mapcount of a free block's first page.
  let buddy: UInt32
  let types: Types
  let flags: Flags
  /// Whether large folios were known to be mapped as a whole and page by page
  /// at once by PG_double_map, with the maps of the whole counted in each
  /// page of a file too (until v6.2).
  let countsTwice: Bool
  /// Whether the flag layout is known; if not, no page in use is lent.
  let knowsFlags: Bool

  /// Values of _mapcount that say what a page is; nil where the kernel has no
  /// such type, or does not name it.
  struct Types: Equatable, Sendable {
    let offline: UInt32?
    let unaccepted: UInt32?
    let hugetlb: UInt32?
    let slab: UInt32?
  }

  /// Masks of page.flags.
  struct Flags: Equatable, Sendable {
    let poison: UInt64
    let head: UInt64
    let lru: UInt64
    let hasPrivate: UInt64
    let swapCache: UInt64
    let swapBacked: UInt64
    let slab: UInt64
    /// Those of these that no free page has.
    let ofUse: UInt64

    let reserved: UInt64
    let dirty: UInt64
    let locked: UInt64
    let writeback: UInt64
    let waiters: UInt64
    let kept: UInt64
    /// Those of the above because of which a page in use is not lent.
    let inFlight: UInt64
    let doubleMap: UInt64
  }

  /// Takes the flags and types out of `kernel`, or names the one missing, and
  /// what VMCOREINFO lacks out of `layout`.
  public init(
    _ kernel: KernelLayout,
    _ layout: FlagLayout?
  ) throws(CoreError) {
    func type(_ key: KernelLayout.Key) -> UInt32? {
      kernel[key].map { UInt32(truncatingIfNeeded: $0) }
    }
    buddy = UInt32(truncatingIfNeeded: try kernel.require(.buddyType))
    guard buddy != Self.untyped else {
      throw .implausible(.buddyType, UInt64(buddy))
    }
    flags = try Flags(kernel, layout)
    types = Types(
      offline: type(.offlineType),
      unaccepted: type(.unacceptedType),
      hugetlb: type(.hugetlbType),
      slab: type(.slabType)
    )
    knowsFlags = layout != nil
    countsTwice = flags.doubleMap != 0
  }
}

extension PageRules.Flags {
  init(
    _ kernel: KernelLayout,
    _ layout: FlagLayout?
  ) throws(CoreError) {
    func bit(_ key: KernelLayout.Key) throws(CoreError) -> UInt64 {
      1 << UInt64(try kernel.require(key, in: 0...63))
    }
    func bitIfAny(_ key: KernelLayout.Key) throws(CoreError) -> UInt64 {
      kernel[key] == nil ? 0 : try bit(key)
    }
    poison = try bitIfAny(.hardwarePoison)
    head = try kernel.require(.headMask)
    lru = try bit(.lru)
    hasPrivate = try bit(.hasPrivate)
    swapCache = try bit(.swapCache)
    swapBacked = try bit(.swapBacked)
    slab = try bitIfAny(.slab)
    func mask(_ flag: FlagLayout.Flag) -> UInt64 { layout?[flag] ?? 0 }
    reserved = mask(.reserved)
    dirty = mask(.dirty)
    locked = mask(.locked)
    writeback = mask(.writeback)
    waiters = mask(.waiters)
    kept = mask(.unevictable) | mask(.mlocked)
    inFlight = locked | writeback | waiters | kept
    doubleMap = mask(.doubleMap)
    // Whoever frees a page clears its flags (PAGE_FLAGS_CHECK_AT_PREP).
    ofUse =
      poison | head | lru | hasPrivate | swapCache | swapBacked | slab
      | reserved | inFlight
  }
}
