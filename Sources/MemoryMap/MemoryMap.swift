// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// The crashed kernel's struct pages, read through a window of 64 KiB.
///
/// The core file is an argument everywhere: the map keeps what it has read,
/// the caller keeps the file. All that it keeps is below 100 KiB, whatever
/// the size of the machine.
public struct MemoryMap: ~Copyable {
  static let windowSize = 65_536

  /// Where a struct page keeps its fields.
  public let pages: PageLayout
  /// How many struct pages fit into the window.
  public let capacity: Int
  /// The struct page that frame 0 would have; the memory map is one array
  /// in SPARSEMEM_VMEMMAP, which x86-64 has.
  let origin: VirtualAddress
  var space: AddressSpace
  var sections: SectionTable
  private var window: ByteBuffer
  /// The frames whose struct pages are in the window.
  public private(set) var loaded: FrameRange

  /// Finds the sections of `core`, whose kernel says `layout` of itself.
  public init<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ layout: KernelLayout
  ) throws(MapError) {
    let pages = try Self.pages(layout)
    var space = try Self.space(layout)
    var sections = try Self.sections(layout)
    let origin = try sections.findOrigin(pages.size, &space, core)
    self.pages = pages
    self.space = space
    self.sections = sections
    self.origin = origin
    capacity = Self.windowSize / pages.size
    window = ByteBuffer(count: Self.windowSize)
    loaded = FrameRange(start: FrameNumber(0), count: 0)
  }

  /// The largest power of two that is no more than `capacity`.
  var alignedCapacity: UInt64 {
    1 << UInt64(Int.bitWidth - 1 - capacity.leadingZeroBitCount)
  }

  /// Reads the struct pages of `frames`, which must lie in one section and
  /// be no more than `capacity`, unless they are in the window already.
  public mutating func load<Source: ByteSource & ~Copyable>(
    _ frames: FrameRange,
    from core: borrowing CoreFile<Source>
  ) throws(MapError) {
    if loaded.start <= frames.start, frames.end <= loaded.end { return }
    loaded = FrameRange(start: frames.start, count: 0)
    guard frames.count <= UInt64(capacity) else {
      throw .noSection(frames.start)
    }
    let address = try address(ofPage: frames.start, in: core)
    let size = Int(frames.count) * pages.size
    try Self.fill(&window, size, from: address, &space, core)
    loaded = frames
  }

  private static func fill<Source: ByteSource & ~Copyable>(
    _ window: inout ByteBuffer,
    _ size: Int,
    from address: VirtualAddress,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) {
    var span = window.mutableBytes
    var part = span._mutatingExtracting(0..<size)
    do throws(CoreError) {
      try space.read(address, in: core, into: &part)
    } catch {
      throw .core(error)
    }
  }

  /// The window's bytes: the struct pages of `loaded`, one after another.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get { window.bytes }
  }

  /// The struct page of `frame`, which must be in the window.
  public func page(
    _ frame: FrameNumber
  ) throws(OutOfBounds) -> PageDescriptor {
    try pages.decode(ByteReader(window.bytes), at: try place(of: frame))
  }

  /// The byte `offset` bytes past the beginning of the struct page of
  /// `frame`; it must be in the window.
  public func u8(
    _ offset: Int,
    pastPage frame: FrameNumber
  ) throws(OutOfBounds) -> UInt8 {
    try ByteReader(loadedBytes).u8(at: try place(of: frame) + offset)
  }

  /// The 32-bit number there.
  public func u32(
    _ offset: Int,
    pastPage frame: FrameNumber
  ) throws(OutOfBounds) -> UInt32 {
    try ByteReader(loadedBytes).u32(at: try place(of: frame) + offset)
  }

  /// The 64-bit number there.
  public func u64(
    _ offset: Int,
    pastPage frame: FrameNumber
  ) throws(OutOfBounds) -> UInt64 {
    try ByteReader(loadedBytes).u64(at: try place(of: frame) + offset)
  }

  /// The window's bytes as far as they are those of `loaded`.
  private var loadedBytes: RawSpan {
    @_lifetime(borrow self)
    get { window.bytes.extracting(first: Int(loaded.count) * pages.size) }
  }

  /// How many frames from `frame` on are in its section: struct pages can be
  /// read at once only as far as that.
  public func roomInSection(_ frame: FrameNumber) -> UInt64 {
    sections.frames(around: frame).end.value - frame.value
  }

  /// How many bytes into the window the struct page of `frame` is.
  public func place(of frame: FrameNumber) throws(OutOfBounds) -> Int {
    guard loaded.contains(frame) else {
      throw OutOfBounds(
        offset: Int(clamping: frame.value),
        size: 1,
        count: Int(loaded.count)
      )
    }
    return Int(frame.value - loaded.start.value) * pages.size
  }

  /// Where the struct page of `frame` is in the kernel's address space.
  public mutating func address<Source: ByteSource & ~Copyable>(
    ofPage frame: FrameNumber,
    in core: borrowing CoreFile<Source>
  ) throws(MapError) -> VirtualAddress {
    let origin: VirtualAddress?
    do throws(CoreError) {
      origin = try sections.origin(of: frame, &space, core)
    } catch {
      throw .core(error)
    }
    guard let origin else { throw .noSection(frame) }
    let address = origin.value &+ frame.value &* UInt64(pages.size)
    guard address >> 63 == 1 else { throw .badSection(frame) }
    return VirtualAddress(address)
  }

  /// The frame whose struct page is at `address`, by the first section's
  /// reckoning; nil where no struct page begins there.
  public func frame(ofPage address: VirtualAddress) -> FrameNumber? {
    guard address >= origin else { return nil }
    let distance = address.value - origin.value
    let (frame, rest) =
      distance.quotientAndRemainder(dividingBy: UInt64(pages.size))
    guard rest == 0, frame >> sections.shift < sections.count else {
      return nil
    }
    return FrameNumber(frame)
  }

  private static func pages(
    _ layout: KernelLayout
  ) throws(MapError) -> PageLayout {
    do throws(CoreError) {
      try layout.validate()
      return try PageLayout(layout)
    } catch {
      throw .core(error)
    }
  }

  private static func space(
    _ layout: KernelLayout
  ) throws(MapError) -> AddressSpace {
    do throws(CoreError) {
      return try AddressSpace(layout)
    } catch {
      throw .core(error)
    }
  }

  private static func sections(
    _ layout: KernelLayout
  ) throws(MapError) -> SectionTable {
    do throws(CoreError) {
      return try SectionTable(layout)
    } catch {
      throw .core(error)
    }
  }
}
