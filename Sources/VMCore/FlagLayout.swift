// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A layout file is text in the form of VMCOREINFO, and the same parser reads
// it:
//
//   OSRELEASE=6.12.117+deb12-cloud-amd64
//   BUILD-ID=7f76f39faf07f34cfa9fadd801e131bfa8cb6dc3
//   NUMBER(PG_locked)=0
//   ...
//   OFFSET(folio._pincount)=92
//
// The offsets are from the first struct page of a large folio on, also where
// the kernel keeps the counter in the struct page of the second or third
// page of it under another name.

/// The page flags and counters that VMCOREINFO does not tell: without them
/// nobody knows which pages hardware or a process still uses.
public struct FlagLayout: Equatable, Sendable {
  /// A page flag, by the name that it has in enum pageflags
  /// (include/linux/page-flags.h).
  public enum Flag: UInt8, CaseIterable, Sendable {
    case locked
    case writeback
    case uptodate
    case dirty
    case waiters
    case reserved
    case unevictable
    case mlocked
    case lru
    case hasPrivate
    case swapCache
    case swapBacked
    case head
    case slab
    case hardwarePoison
    /// Mapped by page and as a whole at once, in the second page's flags;
    /// until v6.2.
    case doubleMap
  }

  /// A counter of a large folio.
  public enum Counter: UInt8, CaseIterable, Sendable {
    /// How often the folio is pinned for DMA.
    case pins
    /// How often it is mapped as a whole, less one.
    case entireMaps
    /// How often it or a page of it is mapped, less one; since v6.10.
    case allMaps
  }

  /// Which kernel's layout it is; nil where that kernel itself says so.
  public let kernel: KernelIdentity?
  private var bits: [UInt8?]
  private var counters: [UInt16?]

  init(kernel: KernelIdentity?, bits: [UInt64?], counters: [UInt64?]) {
    self.kernel = kernel
    self.bits = []
    for bit in bits {
      self.bits.append(bit.flatMap { $0 < 64 ? UInt8($0) : nil })
    }
    self.counters = []
    // A counter of 32 bits in one of the first four struct pages.
    for offset in counters {
      let fits = offset.flatMap { $0 < 4 * 1024 ? UInt16($0) : nil }
      self.counters.append(fits.flatMap { $0 & 3 == 0 ? $0 : nil })
    }
  }

  /// Reads a layout file; throws the first name that it lacks.
  public init(text: [UInt8]) throws(LayoutError) {
    let info = VMCoreInfo(text)
    var bits: [UInt64?] = []
    for flag in Flag.allCases {
      bits.append(info.value(.number, flag.name))
    }
    var counters: [UInt64?] = []
    for counter in Counter.allCases {
      counters.append(info.value(.offset, counter.name))
    }
    self.init(
      kernel: KernelIdentity(info),
      bits: bits,
      counters: counters
    )
    try validate()
  }

  /// The flag as a mask of the flags word; 0 where the kernel has no such
  /// flag.
  public subscript(flag: Flag) -> UInt64 {
    bits[Int(flag.rawValue)].map { 1 << UInt64($0) } ?? 0
  }

  /// The flag's bit number, nil where the kernel has no such flag.
  public func number(_ flag: Flag) -> UInt8? { bits[Int(flag.rawValue)] }

  /// The counter's offset from the head's struct page on, in bytes; nil
  /// where the kernel has no such counter.
  public subscript(counter: Counter) -> Int? {
    counters[Int(counter.rawValue)].map { Int($0) }
  }

  /// Throws the first flag without which no page in use can be judged.
  func validate() throws(LayoutError) {
    for flag in Flag.allCases where flag.isNeeded {
      guard number(flag) != nil else { throw .absent(flag.name) }
    }
  }

  /// Throws where the layout cannot be that of the kernel that says `layout`
  /// of itself: both know some of the flags.
  public func validate(against layout: KernelLayout) throws(LayoutError) {
    func compare(
      _ flag: Flag,
      _ key: KernelLayout.Key,
      _ value: UInt64?
    ) throws(LayoutError) {
      guard let value, let bit = number(flag) else { return }
      guard value == UInt64(bit) else { throw .disagrees(key) }
    }
    try compare(.lru, .lru, layout[.lru])
    try compare(.hasPrivate, .hasPrivate, layout[.hasPrivate])
    try compare(.swapCache, .swapCache, layout[.swapCache])
    try compare(.swapBacked, .swapBacked, layout[.swapBacked])
    try compare(.slab, .slab, layout[.slab])
    try compare(.hardwarePoison, .hardwarePoison, layout[.hardwarePoison])
    if let mask = layout[.headMask], number(.head) != nil {
      guard self[.head] == mask else { throw .disagrees(.headMask) }
    }
  }

  /// Throws unless the layout is that of `crashed`, by release and build ID.
  public func validate(kernel crashed: KernelIdentity?) throws(LayoutError) {
    guard let crashed, crashed.buildID != nil else { throw .unknownBuild }
    guard let kernel, kernel.isSame(as: crashed) else { throw .otherKernel }
  }
}

extension FlagLayout.Flag {
  /// The flag's name in enum pageflags.
  public var name: StaticString {
    switch self {
    case .locked: "PG_locked"
    case .writeback: "PG_writeback"
    case .uptodate: "PG_uptodate"
    case .dirty: "PG_dirty"
    case .waiters: "PG_waiters"
    case .reserved: "PG_reserved"
    case .unevictable: "PG_unevictable"
    case .mlocked: "PG_mlocked"
    case .lru: "PG_lru"
    case .hasPrivate: "PG_private"
    case .swapCache: "PG_swapcache"
    case .swapBacked: "PG_swapbacked"
    case .head: "PG_head"
    case .slab: "PG_slab"
    case .hardwarePoison: "PG_hwpoison"
    case .doubleMap: "PG_double_map"
    }
  }

  /// Whether every kernel has the flag.
  var isNeeded: Bool {
    switch self {
    case .slab, .hardwarePoison, .doubleMap: false
    default: true
    }
  }
}

extension FlagLayout.Counter {
  /// The counter's name in a layout file.
  public var name: StaticString {
    switch self {
    case .pins: "folio._pincount"
    case .entireMaps: "folio._entire_mapcount"
    case .allMaps: "folio._large_mapcount"
    }
  }
}
