// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Turns a description into the contents of physical memory.
///
/// The kernel's image lies where the description says; behind it, one after
/// the other and claimed as they come: mem_section, the memory map, nodes,
/// page tables. What nobody claimed is what the description says it is.
struct MachineBuilder {
  let machine: SyntheticMachine
  let layout: StructLayout
  var memory = SparseMemory()
  var tables: PageTables
  var cursor: UInt64
  /// Where the memory map of each present section lies.
  var memoryMaps: [UInt64: UInt64] = [:]
  /// The array of pointers to mem_section roots.
  var sectionRoots: UInt64 = 0
  /// What was allocated, the kernel's own.
  var claims: [Range<UInt64>] = []
  /// Frames with what readers steer by: tables, sections, nodes.
  var tableFrames: [UInt64] = []
  var nodes: [SyntheticNode] = []
  var freeBlocks: [SyntheticBlock] = []

  /// The image: text, then the few variables that anybody looks at.
  enum Image {
    static let count: UInt64 = 0x40_0000
    static let utsName: UInt64 = 0x20_0000
    static let nodeOnlineMap: UInt64 = 0x20_1000
    static let nodeData: UInt64 = 0x20_2000
    static let memSection: UInt64 = 0x20_5000
    static let pageDirectory: UInt64 = 0x20_6000
    static let printk: UInt64 = 0x20_8000
    static let kallsyms: UInt64 = 0x20_9000
    /// The room of each of kallsyms' tables.
    static let kallsymsRoom: UInt64 = 0x1000
    static let logDescriptors: UInt64 = 0x21_0000
    static let logInfos: UInt64 = 0x22_0000
    static let logText: UInt64 = 0x23_0000
    static let types: UInt64 = 0x30_0000
  }

  init(_ machine: SyntheticMachine) {
    self.machine = machine
    layout = machine.era.layout
    tables = PageTables(
      root: machine.textPhysical + Image.pageDirectory,
      fiveLevels: machine.fiveLevels,
      smeMask: machine.smeMask
    )
    cursor = machine.textPhysical + Image.count
  }

  /// Takes `count` zeroed bytes of physical memory.
  mutating func allocate(_ count: UInt64, align: UInt64 = 4096) -> UInt64 {
    let start = (cursor + align - 1) / align * align
    cursor = start + (count + 4095) / 4096 * 4096
    claims.append(start..<cursor)
    precondition(
      machine.memory.contains {
        $0.range.lowerBound <= start && cursor <= $0.range.upperBound
      },
      "the kernel needs more memory in one bank than was described"
    )
    return start
  }

  mutating func map(
    _ virtual: UInt64,
    to physical: UInt64,
    count: UInt64,
    leaf: SyntheticMachine.Leaf
  ) {
    // The tables come out of the same memory, so both are borrowed apart.
    var cursor = cursor
    tables.map(
      virtual,
      to: physical,
      count: count,
      leaf: leaf,
      in: &memory
    ) { count in
      defer { cursor += count }
      return cursor
    }
    if cursor > self.cursor { claims.append(self.cursor..<cursor) }
    self.cursor = cursor
  }

  /// The address of `physical` in the direct mapping.
  func direct(_ physical: UInt64) -> UInt64 { machine.pageOffset + physical }

  mutating func build() {
    map(
      machine.textVirtual,
      to: machine.textPhysical,
      count: Image.count,
      leaf: .medium
    )
    for bank in machine.memory {
      map(
        direct(bank.range.lowerBound),
        to: bank.range.lowerBound,
        count: bank.range.upperBound - bank.range.lowerBound,
        leaf: .large
      )
    }
    writeNames()
    writeSections()
    writeNodes()
    tableFrames = memory.frames.keys.sorted()
    writeContents()
    linkFreeBlocks()
  }

  private mutating func writeNames() {
    // struct new_utsname: six fields of 65 bytes; makedumpfile reads the
    // release out of it, behind a reference count where VMCOREINFO has no
    // OFFSET(uts_namespace.name).
    let start = machine.era >= .v5_14 ? Image.utsName : Image.utsName + 4
    let names = ["Linux", "synthetic", machine.era.release, "#1", "x86_64"]
    for (index, name) in names.enumerated() {
      memory.store(
        [UInt8](name.utf8),
        at: machine.textPhysical + start + UInt64(index) * 65
      )
    }
  }
}
