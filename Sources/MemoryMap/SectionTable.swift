// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

// SPARSEMEM (include/linux/mmzone.h): physical memory in sections of
// 2^SECTION_SIZE_BITS bytes, each with a struct mem_section, whose word
// section_mem_map is the address that frame 0's struct page would have, with
// flags in its low bits:
//
//   bit 0  SECTION_MARKED_PRESENT   bit 1  SECTION_HAS_MEM_MAP
//   bit 2  SECTION_IS_ONLINE        bits 3-5  early, ZONE_DEVICE, pre-inited
//
// The structures come in two shapes. SPARSEMEM_EXTREME: mem_section points
// to an array of pointers, each to one page of them, or null. Otherwise: one
// flat array. In the first shape SYMBOL(mem_section) is the array's address,
// or, where the kernel lacks commit a0b1280368d1 ("kdump: write correct
// address of mem_section into vmcoreinfo"), that of the pointer to it.

/// The table of sections, and with it the way from a frame to its struct
/// page.
struct SectionTable: ~Copyable {
  private static let flagBits: UInt64 = 0x3f
  private static let wantedFlags: UInt64 = 0b111

  /// log2 of the frames of a section.
  let shift: UInt64
  /// How many sections there can be.
  let count: UInt64
  private let isExtreme: Bool
  private let perRoot: UInt64
  private let entrySize: Int
  private let mapOffset: Int
  private(set) var base: VirtualAddress
  /// The page of structures that was read last, and which one it is.
  private var root: ByteBuffer
  private var rootNumber: UInt64?

  init(_ layout: KernelLayout) throws(CoreError) {
    let sectionBits = try layout.require(.sectionSizeBits, in: 20...40)
    let bits = UInt64(sectionBits)
    let physicalBits = try layout.require(
      .maximumPhysicalBits,
      in: bits...56
    )
    let entrySize = try layout.require(.memSectionSize, in: 8...4096)
    let length = try layout.require(.memSectionLength)
    let symbol = try layout.require(.memSection)
    let count: UInt64 = 1 << UInt64(physicalBits - sectionBits)
    let perPage = UInt64(Frame.size / entrySize)
    let roots = (count + perPage - 1) / perPage
    let mapOffset = try layout.require(
      .sectionMemMap,
      in: 0...UInt64(entrySize - 8)
    )
    guard length == roots || length == count else {
      throw .implausible(.memSectionLength, length)
    }
    self.count = count
    self.mapOffset = mapOffset
    self.entrySize = entrySize
    shift = bits - Frame.shift
    isExtreme = length == roots
    perRoot = perPage
    base = VirtualAddress(symbol)
    root = ByteBuffer(count: Frame.size)
  }

  /// Makes the array that the word at `base` points to the table, for
  /// kernels that name the pointer instead of the array.
  mutating func follow(to array: VirtualAddress) {
    base = array
    rootNumber = nil
  }

  /// Whether the table may be behind a pointer.
  var mayBePointer: Bool { isExtreme }

  /// The frames of the section that `frame` is in.
  func frames(around frame: FrameNumber) -> FrameRange {
    let size: UInt64 = 1 << shift
    return FrameRange(
      start: FrameNumber(frame.value & ~(size - 1)),
      count: size
    )
  }

  /// The address that the struct page of frame 0 would have by the section
  /// of `frame`, or nil where that section has no memory map in use.
  mutating func origin<Source: ByteSource & ~Copyable>(
    of frame: FrameNumber,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(CoreError) -> VirtualAddress? {
    let section = frame.value >> shift
    guard section < count else { return nil }
    let number = section / perRoot
    if rootNumber != number {
      rootNumber = nil
      guard try load(number, &space, core) else { return nil }
      rootNumber = number
    }
    let place = Int(section % perRoot) * entrySize + mapOffset
    do throws(OutOfBounds) {
      let word = try ByteReader(root.bytes).u64(at: place)
      guard word & Self.wantedFlags == Self.wantedFlags else { return nil }
      return VirtualAddress(word & ~Self.flagBits)
    } catch {
      throw .implausible(.memSectionSize, UInt64(entrySize))
    }
  }

  /// Reads the page of structures number `number`; false where there is none.
  private mutating func load<Source: ByteSource & ~Copyable>(
    _ number: UInt64,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(CoreError) -> Bool {
    let bytes = perRoot &* UInt64(entrySize)
    var address = base.value &+ number &* bytes
    var size = Int(bytes)
    if isExtreme {
      let pointer = VirtualAddress(base.value &+ number &* 8)
      address = try space.u64(pointer, in: core)
      guard address != 0 else { return false }
    } else {
      let left = (count - number * perRoot) &* UInt64(entrySize)
      size = Int(min(bytes, left))
    }
    var span = root.mutableBytes
    var part = span._mutatingExtracting(0..<size)
    try space.read(VirtualAddress(address), in: core, into: &part)
    return true
  }
}
