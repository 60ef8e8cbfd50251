// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// What a struct page says, undecided (include/linux/mm_types.h).
public struct PageDescriptor: Equatable, Sendable {
  /// The page flags, and the node and zone above them.
  public var flags: UInt64
  /// The cache or anonymous mapping that the page belongs to.
  public var mapping: UInt64
  /// _mapcount, or the page type in its place.
  public var mapCount: UInt32
  /// How often the page is in use.
  public var referenceCount: UInt32
  /// The order of a free block, in its first page.
  public var privateData: UInt64
  /// The word whose bit 0 marks the tail of a compound page.
  public var compoundHead: UInt64

  /// Makes a descriptor out of a struct page's fields.
  @inlinable
  public init(
    flags: UInt64,
    mapping: UInt64,
    mapCount: UInt32,
    referenceCount: UInt32,
    privateData: UInt64,
    compoundHead: UInt64
  ) {
    self.flags = flags
    self.mapping = mapping
    self.mapCount = mapCount
    self.referenceCount = referenceCount
    self.privateData = privateData
    self.compoundHead = compoundHead
  }
}

/// Where a struct page keeps its fields, as VMCOREINFO has it.
public struct PageLayout: Equatable, Sendable {
  /// The bytes of a struct page.
  public let size: Int
  @usableFromInline let flags: Int
  @usableFromInline let mapping: Int
  @usableFromInline let mapCount: Int
  @usableFromInline let referenceCount: Int
  @usableFromInline let privateData: Int
  @usableFromInline let compoundHead: Int

  /// Takes the offsets out of `layout` and refuses those that do not fit
  /// into a struct page.
  public init(_ layout: KernelLayout) throws(CoreError) {
    let size = try layout.require(.pageSize, in: 32...1024)
    let word = 0...UInt64(size - 8)
    let half = 0...UInt64(size - 4)
    self.size = size
    flags = try layout.require(.pageFlags, in: word)
    mapping = try layout.require(.pageMapping, in: word)
    mapCount = try layout.require(.pageMapCount, in: half)
    referenceCount = try layout.require(.pageReferenceCount, in: half)
    privateData = try layout.require(.pagePrivate, in: word)
    compoundHead = try layout.require(.pageCompoundHead, in: word)
  }

  /// The struct page that begins `base` bytes into `bytes`.
  @inlinable
  public func decode(
    _ bytes: ByteReader,
    at base: Int
  ) throws(OutOfBounds) -> PageDescriptor {
    // Against a slice of one page all offsets and bounds stay the same from
    // page to page, and the optimizer checks them outside of the loop.
    let page = ByteReader(try bytes.slice(at: base, count: size))
    return PageDescriptor(
      flags: try page.u64(at: flags),
      mapping: try page.u64(at: mapping),
      mapCount: try page.u32(at: mapCount),
      referenceCount: try page.u32(at: referenceCount),
      privateData: try page.u64(at: privateData),
      compoundHead: try page.u64(at: compoundHead)
    )
  }
}
