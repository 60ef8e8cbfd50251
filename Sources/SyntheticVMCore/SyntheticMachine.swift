// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// A machine that never ran: the description from which a vmcore is built.
///
///     var machine = SyntheticMachine()
///     machine.kaslr = .example
///     machine.contents = [.init(0x4000, 1, .hwpoison)]
///     let vmcore = machine.build()
///
/// Every property has a default: 6.12, 128 MiB, one node, four levels, no
/// KASLR, a memory map of 2 MiB leaves, and all frames free that the kernel
/// does not need for what is described here.
public struct SyntheticMachine: Sendable {
  /// Which kernel's keys and struct pages are written.
  public var era = KernelEra.v6_12
  /// The machine's memory, in order of address.
  public var memory = [
    Bank(0x1000..<0x9_f000),
    Bank(0x10_0000..<0x800_0000),
  ]
  /// What `crashkernel=` took: memory without a PT_LOAD.
  public var crashKernel: Range<UInt64>?
  /// Where KASLR moved the kernel, nil with `nokaslr`.
  public var kaslr: KASLR?
  /// Five levels of page tables instead of four.
  public var fiveLevels = false
  /// The bit by which SME marks encrypted memory in page table entries.
  public var smeMask: UInt64 = 0
  /// By what leaves the memory map is mapped.
  public var vmemmapLeaf = Leaf.medium
  /// What SYMBOL(mem_section) is the address of.
  public var sections = SectionShape.rootArray
  /// What frames are used for, the later entry stronger.
  public var contents: [Contents] = []
  /// What the other frames are that the kernel does not need.
  public var remaining = PageState.free
  /// Whether VMCOREINFO names the tables of kallsyms; nil for what kernels
  /// of that time do, which distributions change.
  public var kallsyms: Bool?
  /// Keys left out of VMCOREINFO, as `NUMBER(PG_lru)`.
  public var droppedKeys: [String] = []
  /// Keys of VMCOREINFO with another value, or added before CRASHTIME.
  public var replacedKeys: [String: String] = [:]
  /// The length that VMCOREINFO is cut to, in bytes.
  public var vmcoreinfoLimit: Int?
  /// PT_LOADs by physical address instead of one for the kernel's image and
  /// one for each bank.
  public var loads: [Range<UInt64>]?

  /// The defaults.
  public init() {}

  /// One range of memory, by physical address.
  public struct Bank: Sendable {
    var range: Range<UInt64>
    var node: Int

    /// Memory of `node` at `range`, in whole frames.
    public init(_ range: Range<UInt64>, node: Int = 0) {
      precondition((range.lowerBound | range.upperBound) % 4096 == 0)
      self.range = range
      self.node = node
    }
  }

  /// What a run of frames is used for.
  public struct Contents: Sendable {
    var frames: FrameRange
    var state: PageState

    /// `count` frames from frame number `start` on in `state`.
    public init(_ start: UInt64, _ count: UInt64, _ state: PageState) {
      frames = FrameRange(start: FrameNumber(start), count: count)
      self.state = state
    }
  }

  /// How far KASLR moved each region; all multiples of the real granules.
  public struct KASLR: Sendable {
    /// KERNELOFFSET, added to the addresses of the kernel's image.
    public var textOffset: UInt64
    /// Where the image lies in physical memory.
    public var textPhysical: UInt64
    /// page_offset_base.
    public var pageOffset: UInt64
    /// vmemmap_base.
    public var vmemmap: UInt64

    /// As seen on a real machine, which gives a negative phys_base.
    public static let example = KASLR(
      textOffset: 0x1400_0000,
      textPhysical: 0x260_0000,
      pageOffset: 0xffff_8991_4000_0000,
      vmemmap: 0xffff_f559_c000_0000
    )
  }

  /// The size of a page that a page table entry maps.
  public enum Leaf: UInt64, Sendable, CaseIterable {
    /// 4 KiB
    case small = 0x1000
    /// 2 MiB
    case medium = 0x20_0000
    /// 1 GiB
    case large = 0x4000_0000
  }

  /// The two shapes in which mem_section was ever exported with
  /// SPARSEMEM_EXTREME.
  public enum SectionShape: Sendable, CaseIterable {
    /// The array of pointers to roots itself.
    case rootArray
    /// The pointer to that array (v4.15 to v4.17).
    case pointerToRootArray
  }

  /// Where the kernel's image lies in physical memory.
  var textPhysical: UInt64 { kaslr?.textPhysical ?? 0x100_0000 }
  var textVirtual: UInt64 { 0xffff_ffff_8100_0000 + (kaslr?.textOffset ?? 0) }
  var pageOffset: UInt64 {
    kaslr?.pageOffset
      ?? (fiveLevels ? 0xff11_0000_0000_0000 : 0xffff_8880_0000_0000)
  }
  var vmemmap: UInt64 {
    kaslr?.vmemmap
      ?? (fiveLevels ? 0xffd4_0000_0000_0000 : 0xffff_ea00_0000_0000)
  }
  var physBase: Int64 {
    Int64(bitPattern: textPhysical &- (textVirtual &- 0xffff_ffff_8000_0000))
  }
  /// Frames up to the end of memory.
  var frameCount: UInt64 {
    (memory.map(\.range.upperBound).max() ?? 0) >> Frame.shift
  }
}
