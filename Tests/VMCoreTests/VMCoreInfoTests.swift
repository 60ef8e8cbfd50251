// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing
import VMCore

@Suite struct VMCoreInfoTests {
  let info = VMCoreInfo(
    Array(
      """
      OSRELEASE=6.12.117+deb12-cloud-amd64
      SYMBOL(swapper_pg_dir)=ffffffff9bc22000
      NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456
      NUMBER(VMALLOC_START)=0xffffd05f40000000
      NUMBER(too_large)=18446744073709551616
      NUMBER(least)=-9223372036854775808
      NUMBER(below)=-9223372036854775809
      NUMBER(empty)=
      NUMBER(sign)=-
      OFFSET(page.flags)=0
      OFFSET(page.flags.f)=7
      SIZE(page)=64
      SIZE(page)=65
      LENGTH(mem_section)=2048
      KERNELOFFSET=19000000
      SIZE(cut
      """.utf8
    )
  )

  @Test func readsEachKindInItsOwnNotation() {
    #expect(
      info.value(.symbol, "swapper_pg_dir") == 0xffff_ffff_9bc2_2000
    )
    #expect(info.value(.number, "VMALLOC_START") == 0xffff_d05f_4000_0000)
    #expect(info.value(.offset, "page.flags") == 0)
    #expect(info.value(.length, "mem_section") == 2048)
    #expect(info.hexadecimal("KERNELOFFSET") == 0x1900_0000)
    #expect(
      info.string("OSRELEASE")
        == Array("6.12.117+deb12-cloud-amd64".utf8)
    )
  }

  @Test func keepsTheSignOfANumber() {
    let buddy = info.value(.number, "PAGE_BUDDY_MAPCOUNT_VALUE")
    #expect(buddy.map { UInt32(truncatingIfNeeded: $0) } == 0xf000_0000)
    #expect(info.value(.number, "least") == 1 << 63)
  }

  @Test func takesTheFirstOfTwoLines() {
    #expect(info.value(.size, "page") == 64)
  }

  @Test(arguments: ["too_large", "below", "empty", "sign"] as [StaticString])
  func findsNoNumberWhereNoneIsSpelled(key: StaticString) {
    #expect(info.value(.number, key) == nil)
  }

  @Test func takesNoKeyForAnotherThatBeginsLikeIt() {
    #expect(info.value(.offset, "page.flag") == nil)
    #expect(info.value(.offset, "page.flags.") == nil)
    #expect(info.value(.number, "page.flags") == nil)
    #expect(info.value(.size, "cut") == nil)
  }

  @Test func namesEveryMissingKey() {
    let layout = KernelLayout(info)
    let missing = layout.missingKeys()
    #expect(layout[.pageSize] == 64)
    #expect(!missing.contains(.pageSize))
    #expect(missing.contains(.physicalBase))
    // Five are stated; SECTION_SIZE_BITS is always the same.
    #expect(missing.count == KernelLayout.Key.allCases.count - 6)
    #expect(throws: CoreError.missing(.physicalBase)) {
      try layout.validate()
    }
  }
}
