// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

@testable import VMCore

@Suite struct FlagLayoutTests {
  static let text = """
    OSRELEASE=6.12.0-synthetic-amd64
    BUILD-ID=0123456789abcdef0123456789abcdef01234567
    NUMBER(PG_locked)=0
    NUMBER(PG_writeback)=1
    NUMBER(PG_uptodate)=3
    NUMBER(PG_dirty)=4
    NUMBER(PG_waiters)=7
    NUMBER(PG_reserved)=13
    NUMBER(PG_unevictable)=18
    NUMBER(PG_mlocked)=19
    NUMBER(PG_lru)=5
    NUMBER(PG_private)=14
    NUMBER(PG_swapcache)=10
    NUMBER(PG_swapbacked)=17
    NUMBER(PG_head)=6
    NUMBER(PG_hwpoison)=20
    OFFSET(folio._pincount)=92
    OFFSET(folio._entire_mapcount)=84
    OFFSET(folio._large_mapcount)=80

    """

  private func layout(_ text: String = text) throws(LayoutError) -> FlagLayout {
    try FlagLayout(text: Array(text.utf8))
  }

  @Test func theFileSaysWhatBTFSays() throws {
    let file = Bytes(bytes: TypeSection.kernel().bytes)
    var btf = try BTF(file: file)
    let layout = try layout()
    let found = try FlagLayout(&btf, of: layout.kernel, in: file)
    #expect(found == layout)
    #expect(layout[.writeback] == 2)
    #expect(layout[.pins] == 92)
    #expect(layout[.slab] == 0)
  }

  @Test(arguments: FlagLayout.Flag.allCases)
  func aNeededFlagIsMissed(flag: FlagLayout.Flag) throws {
    let lines = Self.text.split(separator: "\n")
      .filter { !$0.contains("(\(flag.name))") }
    let text = lines.joined(separator: "\n") + "\n"
    if flag.isNeeded {
      #expect(throws: LayoutError.absent(flag.name)) { try layout(text) }
    } else {
      #expect(try layout(text)[flag] == 0)
    }
  }

  @Test(arguments: ["64", "-1", "x", ""])
  func aBitThatNoWordHasIsNoFlag(value: String) {
    let text = Self.text.replacing("PG_dirty)=4", with: "PG_dirty)=\(value)")
    #expect(throws: LayoutError.absent("PG_dirty")) { try layout(text) }
  }

  @Test func onlyTheSameKernelsLayoutIsTaken() throws {
    let layout = try layout()
    let vmcore = SyntheticMachine().build()
    let info = try CoreFile(vmcore).vmcoreInfo()
    try layout.validate(kernel: KernelIdentity(info))
    try layout.validate(against: KernelLayout(info))
    for (old, new) in [
      ("6.12.0-synthetic", "6.12.1-synthetic"),
      ("BUILD-ID=01", "BUILD-ID=02"), ("BUILD-ID=01", "BUILD-ID=x1"),
      ("OSRELEASE", "RELEASE"),
    ] {
      let other = try self.layout(Self.text.replacing(old, with: new))
      #expect(throws: LayoutError.otherKernel) {
        try other.validate(kernel: KernelIdentity(info))
      }
    }
  }

  @Test func aBuildIDThatIsKnownToBeGarbageFitsNoLayout() throws {
    // What 6.1.113 prints: the note's size, type and name, then the ID.
    let garbage = "1400000003000000474e55003b43fad503487449"
    let text = Self.text.replacing(
      "0123456789abcdef0123456789abcdef01234567",
      with: garbage
    )
    let kernel = try #require(KernelIdentity(VMCoreInfo(Array(text.utf8))))
    #expect(kernel.buildID == nil)
    #expect(throws: LayoutError.unknownBuild) {
      try layout(text).validate(kernel: kernel)
    }
  }

  @Test func aLayoutThatVMCOREINFOContradictsIsRefused() throws {
    let vmcore = SyntheticMachine().build()
    let kernel = KernelLayout(try CoreFile(vmcore).vmcoreInfo())
    let file = Bytes(bytes: TypeSection.kernel(shifted: 1).bytes)
    var btf = try BTF(file: file)
    let found = try FlagLayout(&btf, of: nil, in: file)
    #expect(throws: LayoutError.disagrees(.lru)) {
      try found.validate(against: kernel)
    }
  }

  @Test func theBuildIDIsReadOutOfNotes() throws {
    var bytes = TypeSection.bytes(4) + TypeSection.bytes(4)
    bytes += TypeSection.bytes(1) + Array("Xen\0".utf8) + [1, 2, 3, 4]
    bytes += TypeSection.bytes(4) + TypeSection.bytes(8)
    bytes += TypeSection.bytes(3) + Array("GNU\0".utf8)
    bytes += [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]
    let found = try KernelIdentity.buildID(
      inNotesAt: 0,
      count: UInt64(bytes.count),
      of: Bytes(bytes: bytes)
    )
    #expect(found == Array("0123456789abcdef".utf8))
  }
}
