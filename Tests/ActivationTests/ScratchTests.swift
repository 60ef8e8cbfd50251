// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

@Suite struct ScratchTests {
  private func settings(_ file: String) -> (settings: Settings, problems: Int) {
    var settings = Settings()
    var problems = 0
    settings.apply(file: Array(file.utf8).span) { _ in problems += 1 }
    return (settings, problems)
  }

  @Test func thereIsNoneUnlessItIsAskedFor() {
    let (plain, _) = settings("scratch = /spool\nscratch-size = 1G\n")
    #expect(plain.scratch == nil)
    #expect(plain.deviceSize == 256 << 20)
    let (swap, problems) = settings("use = swap\n")
    #expect(problems == 0)
    #expect(swap.scratch == nil)
  }

  @Test(arguments: [
    "use = swap, scratch", "use=swap,scratch", "use = scratch , swap",
  ])
  func itComesOnTopOfSwap(_ line: String) {
    let (read, problems) = settings(line + "\nsize = 512M\n")
    #expect(problems == 0)
    #expect(read.scratch?.place.equals("/scratch") == true)
    #expect(read.scratch?.size == 256 << 20)
    #expect(read.deviceSize == 768 << 20)
  }

  @Test func whereAndHowMuchIsDecidedByTheAdministrator() {
    let (read, problems) = settings(
      "use = swap, scratch\nscratch = /var/tmp\nscratch-size = 100000001\n"
    )
    #expect(problems == 0)
    #expect(read.scratch?.place.equals("/var/tmp") == true)
    #expect(read.scratch?.size == 99_999_744)
  }

  @Test(arguments: [
    "use = scratch", "use =", "use = swap,", "use = swap scratch",
    "use = swap, tmpfs", "scratch-size = 15M", "scratch-size = 2048T",
    "scratch-size =", "scratch =", "scratch = /", "scratch = spool",
    "scratch = /spool/", "scratch = /a//b", "scratch = /a/../b",
    "scratch = /..", "scratch = /a/.", "scratch = /run", "scratch = /run/x",
    "scratch = /dev", "scratch = /dev/shm", "scratch = /proc",
    "scratch = /sys/x",
  ])
  func whatCannotBeIsReportedAndLeftAside(_ line: String) {
    let (read, problems) = settings(line)
    #expect(problems == 1)
    #expect(read.scratch == nil)
    #expect(read.scratchSpace.place.equals("/scratch"))
    #expect(read.scratchSpace.size == 256 << 20)
  }

  @Test(arguments: ["/runner", "/device", "/a", "/a/run", "/...", "/.hidden"])
  func placesThatOnlyLookLikeThoseAreTaken(_ place: String) {
    #expect(ScratchSpace.place(Array(place.utf8).span) != nil)
  }

  @Test func aTmpfsLeavesHalfOfSwapUnlessItHasItsOwn() {
    let space = ScratchSpace(place: "/scratch", size: 100 << 20)
    #expect(space.tmpfsLimit(swapBytes: 1 << 30, ownBytes: nil) == 100 << 20)
    #expect(space.tmpfsLimit(swapBytes: 64 << 20, ownBytes: nil) == 32 << 20)
    #expect(
      space.tmpfsLimit(swapBytes: 64 << 20, ownBytes: 80 << 20) == 80 << 20
    )
    #expect(space.tmpfsLimit(swapBytes: 4096 * 3, ownBytes: nil) == 4096)
  }

  @Test func aFileSystemIsFoundByItsWholeNameAlone() {
    let text = Array("nodev\tsysfs\n\text3\n\text4\nnodev\tramfs\n".utf8)
    #expect(Scratch.names("ext4", in: text))
    #expect(Scratch.names("sysfs", in: text))
    #expect(!Scratch.names("ext", in: text))
    #expect(!Scratch.names("ext2", in: text))
    #expect(!Scratch.names("nodev", in: text))
    #expect(!Scratch.names("ext4", in: []))
    #expect(Scratch.names("ext4", in: Array("\text4".utf8)))
  }

  @Test func whatMakesExt4IsFoundAndBusyboxIsNotTakenForIt() throws {
    let shop = try Shop()
    let root = shop[""]
    #expect(Scratch.maker(in: root) == nil)
    try Files.makeDirectory(shop["usr"])
    try Files.makeDirectory(shop["usr/sbin"])
    try Files.makeSymbolicLink(shop["sbin"], to: "usr/sbin")
    try Files.makeSymbolicLink(shop["usr/sbin/mke2fs"], to: "/bin/busybox")
    #expect(Scratch.maker(in: root) == nil)
    try Files.remove(shop["usr/sbin/mke2fs"])
    // Debian's initramfs has hard links.
    try Files.makeDirectory(shop["usr/bin"])
    try shop.write("usr/bin/busybox", [])
    try Files.makeHardLink(shop["usr/sbin/mke2fs"], to: shop["usr/bin/busybox"])
    #expect(Scratch.maker(in: root) == nil)
    try Files.remove(shop["usr/sbin/mke2fs"])
    try shop.write("usr/sbin/mke2fs", [])
    #expect(Scratch.maker(in: root)?.equals("/sbin/mke2fs") == true)
    try Files.makeSymbolicLink(shop["usr/sbin/mkfs.ext4"], to: "mke2fs")
    #expect(Scratch.maker(in: root)?.equals("/sbin/mkfs.ext4") == true)
    // A link that leads nowhere from here, for it is meant for another root.
    try Files.remove(shop["sbin"])
    try Files.makeSymbolicLink(shop["sbin"], to: "/usr/absent")
    #expect(Scratch.maker(in: root)?.equals("/usr/sbin/mkfs.ext4") == true)
  }

  @Test func whatIsNoBlockDeviceIsNotCut() throws {
    let shop = try Shop()
    try shop.write("file", [1, 2, 3])
    var settings = Settings()
    settings.apply(file: Array("use = swap,scratch".utf8).span) { _ in }
    #expect(throws: Errno(25)) {
      try Swap.begin(on: shop["file"], settings, seed: 1)
    }
    #expect(try shop.read("file") == [1, 2, 3])
    #expect(Swap.area(of: shop["file"]).name == shop["file"].name)
  }
}
