// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct PathTests {
  private func text(_ path: Path) -> String {
    String(decoding: path.name, as: UTF8.self)
  }

  private func path(_ bytes: [UInt8]) -> Path { Path(bytes.span) }

  @Test func aNameEndsAtItsFirstNul() {
    #expect(text(path([0x61, 0x62, 0, 0x63])) == "ab")
    #expect(text(path([0])) == "")
    #expect(text(path([])) == "")
    #expect(path([0x61, 0x62, 0]).count == 2)
  }

  @Test func entriesAreJoinedByOneSlash() {
    let root: Path = "/"
    let folder: Path = "/oldmem"
    #expect(text(root.appending("dev")) == "/dev")
    #expect(text(folder.appending("init")) == "/oldmem/init")
    #expect(text(folder.appending("a").appending("b")) == "/oldmem/a/b")
  }

  @Test func comparisonsAreOfWholeBytes() {
    let name: Path = "oldmem.copies"
    #expect(name.hasPrefix("oldmem."))
    #expect(name.hasPrefix(""))
    #expect(!name.hasPrefix("oldmem.copies="))
    #expect(name.hasSuffix(".copies"))
    #expect(name.hasSuffix("oldmem.copies"))
    #expect(name.hasSuffix(""))
    #expect(!name.hasSuffix("an oldmem.copies"))
    #expect(!name.hasSuffix(".copie"))
    #expect(name.equals("oldmem.copies"))
    #expect(!name.equals("oldmem.copie"))
    #expect(!name.equals("oldmem.copiez"))
    // The NUL behind the name is no part of it.
    #expect(!name.hasPrefix("oldmem.copies\0"))
  }

  @Test func aPrefixCanBeDropped() {
    let name: Path = "anonymous:1G"
    #expect(text(name.droppingFirst(10)) == "1G")
    #expect(text(name.droppingFirst(0)) == "anonymous:1G")
    #expect(text(name.droppingFirst(99)) == "")
  }

  @Test func linesBecomeNames() {
    #expect(text(Path("/dev/ublkb\(12)")) == "/dev/ublkb12")
  }
}
