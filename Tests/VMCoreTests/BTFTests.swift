// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

@testable import VMCore

@Suite struct BTFTests {
  private func offset(
    of member: StaticString,
    in name: StaticString,
    _ section: TypeSection
  ) throws -> UInt64? {
    let file = Bytes(bytes: section.bytes)
    var btf = try BTF(file: file)
    let found = try btf.find([name, member], in: file)
    guard let name = found[0] else { return nil }
    return try btf.offsets(of: [found[1]], inStruct: name, file).offsets[0]
  }

  @Test func aMemberIsFoundThroughAnonymousOnes() throws {
    let section = TypeSection.kernel()
    #expect(try offset(of: "_pincount", in: "folio", section) == 92)
    #expect(try offset(of: "page", in: "folio", section) == 0)
    #expect(try offset(of: "flags", in: "folio", section) == nil)
    #expect(try offset(of: "_pincount", in: "page", section) == nil)
    #expect(try offset(of: "_pincoun", in: "folio", section) == nil)
  }

  @Test func aBitFieldIsNoMemberWithAnOffset() throws {
    var section = TypeSection()
    section.plain(1, "int", extra: 1)
    section.composite(
      "bits",
      size: 8,
      [
        .init(name: "whole", bits: 32), .init(name: "half", bits: 0),
        .init(name: "part", bits: 3, bitField: 5),
      ]
    )
    #expect(try offset(of: "whole", in: "bits", section) == 4)
    #expect(try offset(of: "half", in: "bits", section) == 0)
    #expect(try offset(of: "part", in: "bits", section) == nil)
  }

  @Test(arguments: [false, true])
  func anEnumsValuesAreFoundByName(isWide: Bool) throws {
    var section = TypeSection()
    section.enumeration("other", [("A", 7)])
    section.enumeration("wanted", isWide: isWide, [("A", 1), ("B", 2)])
    let file = Bytes(bytes: section.bytes)
    var btf = try BTF(file: file)
    let found = try btf.find(["A", "B", "C", "wanted"], in: file)
    let name = try #require(found[3])
    let values = try btf.values(of: found, inEnum: name, file)
    #expect(values?[0] == 1)
    #expect(values?[1] == 2)
    #expect(values?[2] == nil)
    #expect(found[2] == nil)
  }

  @Test func everyKindOfTypeIsSteppedOver() throws {
    var section = TypeSection()
    for kind in [2, 7, 8, 9, 10, 11, 12, 16, 18] as [UInt32] {
      section.plain(kind)
    }
    for kind in [1, 14, 17] as [UInt32] { section.plain(kind, extra: 1) }
    section.plain(3, extra: 3)
    // Of two parameters, and of two variables in a section.
    section.plain(13, length: 2, extra: 4)
    section.plain(15, length: 2, extra: 6)
    section.composite("last", size: 8, [.init(name: "it", bits: 8)])
    #expect(try offset(of: "it", in: "last", section) == 1)
  }

  @Test func aKindThatNobodyKnowsIsRefused() throws {
    var section = TypeSection()
    section.plain(20)
    section.composite("last", size: 8, [.init(name: "it", bits: 8)])
    #expect(throws: LayoutError.wrong(.kind, offset: 4, value: 20)) {
      _ = try offset(of: "it", in: "last", section)
    }
  }

  @Test func aStructThatHasItselfForAMemberEndsTheSearch() throws {
    var section = TypeSection()
    section.composite(
      "loop",
      size: 8,
      [.init(name: "", type: 1, bits: 0), .init(name: "", type: 1, bits: 8)]
    )
    section.composite("", size: 8, [.init(name: "it", bits: 0)])
    #expect(try offset(of: "it", in: "loop", section) == nil)
  }

  @Test func aLongerHeaderIsSteppedOver() throws {
    var section = TypeSection.kernel()
    section.headerLength = 32
    #expect(try offset(of: "_pincount", in: "folio", section) == 92)
  }

  @Test func anythingElseIsRefused() {
    for bytes in [[], [0x9f], Array("not BTF at all".utf8)] as [[UInt8]] {
      #expect(throws: LayoutError.self) {
        _ = try BTF(file: Bytes(bytes: bytes))
      }
    }
  }

  /// A section that ends anywhere, or has any byte changed, gives an error
  /// or another answer, and always an end.
  @Test func damageNeverTrapsOrLoops() {
    let whole = TypeSection.kernel().bytes
    for count in 0..<whole.count {
      let file = Bytes(bytes: Array(whole.prefix(count)))
      #expect(throws: LayoutError.self) {
        var btf = try BTF(file: file)
        _ = try FlagLayout(&btf, of: nil, in: file)
      }
    }
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0...random.below(3) {
        bytes[random.below(bytes.count)] =
          UInt8(truncatingIfNeeded: random.next())
      }
      let file = Bytes(bytes: bytes)
      do {
        var btf = try BTF(file: file)
        _ = try FlagLayout(&btf, of: nil, in: file)
      } catch {}
    }
  }
}
