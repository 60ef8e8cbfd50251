// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Foundation
import Testing

@testable import ImagePacker

@Suite struct ImagePackerTests {
  let shop: Workshop

  init() throws {
    shop = try Workshop()
    try shop.makeTree()
    try shop.makeModules()
    try shop.write("oldmemd", Array("\u{7f}ELF daemon".utf8))
  }

  func request(_ initrd: String) -> PackRequest {
    var request = PackRequest(
      initrd: shop.path(initrd),
      modules: shop.path("modules"),
      daemon: shop.path("oldmemd")
    )
    request.moduleNames = ["last_one", "inside"]
    return request
  }

  /// Packs and lets cpio(1) unpack stage one and xz(1) stage two.
  @discardableResult
  func pack(_ initrd: String) throws -> PackReport {
    let (image, report) = try ImagePacker.pack(request(initrd))
    try ImagePacker.write(image, to: shop.path("image"))
    try shop.bash(
      """
      rm -rf one; mkdir one; (cd one && cpio --quiet -id < ../image)
      cat one/oldmem/stage2/0* | xz -dc --format=lzma > two.cpio
      """
    )
    return report
  }

  static let packers = [
    "cat", "gzip -9", "zstd -q -19", "xz --check=crc32", "lz4 -q -l",
    "bzip2", "xz --format=lzma",
  ]

  @Test(arguments: packers)
  func stageTwoIsTheVeryArchive(packer: String) throws {
    try shop.bash("\(packer) < tree.cpio > initrd")
    let report = try pack("initrd")
    try shop.bash("cmp tree.cpio two.cpio")
    #expect(report.unpackedSize == (try shop.read("tree.cpio").count))
    #expect(!report.lacksTrailer)
  }

  @Test func cpioAndBsdtarSeeTheSameTreeAgain() throws {
    try shop.bash("gzip < tree.cpio > initrd")
    try pack("initrd")
    try shop.bash(
      """
      cpio --quiet -tv < tree.cpio > want; cpio --quiet -tv < two.cpio > got
      diff want got; bsdtar -tvf two.cpio > tar; test -s tar
      mkdir back; (cd back && cpio --quiet -idm < ../two.cpio)
      diff -r --no-dereference tree/lib back/lib
      test $(stat -c %h back/bin/one) = 3
      test "$(stat -c '%a %Y' back/bin/one)" = '4755 1234567890'
      test "$(stat -c '%t,%T' back/dev/disk)" = 103,11170
      test "$(stat -c '%u:%g' back/etc/nothing)" = 12:34
      """
    )
  }

  @Test func microcodeAndSeveralCompressedArchivesBecomeOneStream() throws {
    try shop.bash(
      """
      mkdir -p early/kernel/x86/microcode second
      echo code > early/kernel/x86/microcode/GenuineIntel.bin
      echo second > second/file
      (cd early && find . | cpio --quiet -o -H newc) > early.cpio
      (cd second && find . | cpio --quiet -o -H newc) > second.cpio
      { cat early.cpio; head -c 4096 /dev/zero; zstd -q < tree.cpio
        head -c 5 /dev/zero; xz < second.cpio; gzip < second.cpio
        head -c 3 /dev/zero; lz4 -q -l < second.cpio; } > initrd
      """
    )
    let report = try pack("initrd")
    let names = try shop.bash(
      "bsdtar -tf two.cpio --options cpio:compat-2x 2>/dev/null || true; "
        + "grep -a -o -c 'TRAILER!!!' two.cpio"
    )
    #expect(names.hasSuffix("5\n"))
    #expect(report.entryCount > 20)
  }

  @Test func stageOneHoldsModulesInLoadOrderUncompressed() throws {
    try shop.bash("gzip < tree.cpio > initrd")
    try pack("initrd")
    let listing = try shop.bash(
      "cd one/oldmem; ls modules; cat modules/*; ls; bsdtar -tf ../../image"
    )
    #expect(
      listing == """
        00-first.ko
        01-second.ko
        02-last_one.ko
        this is first
        this is second
        this is last-one
        init
        modules
        oldmem.conf
        stage2
        oldmem
        oldmem/init
        init
        oldmem/oldmem.conf
        oldmem/modules
        oldmem/modules/00-first.ko
        oldmem/modules/01-second.ko
        oldmem/modules/02-last_one.ko
        oldmem/stage2
        oldmem/stage2/manifest
        oldmem/stage2/0000
        oldmem/stage2/0001

        """
    )
  }

  @Test(arguments: [
    ("ublk_drv.ko:\nkernel/nbd.ko:", "", "ublk_drv"),
    ("kernel/nbd.ko:", "", "nbd"),
    ("kernel/nbd.ko:", "kernel/ublk_drv.ko", "ublk_drv"),
    ("", "kernel/nbd.ko", "nbd"), ("", "", "ublk_drv"),
  ])
  func theDriverIsTheBestThatTheKernelHas(
    _ files: String,
    _ builtin: String,
    _ driver: String
  ) throws {
    try shop.bash("mkdir -p kernel")
    try shop.write("kernel/modules.dep", Array("\(files)\n".utf8))
    try shop.write("kernel/modules.builtin", Array("\(builtin)\n".utf8))
    #expect(try ModuleFolder(shop.path("kernel")).deviceDriver == driver)
  }

  @Test(arguments: [
    ("updates/dkms/oldmem.ko:", ["ublk_drv", "oldmem"]),
    ("extra/oldmem.ko.xz:", ["ublk_drv", "oldmem"]),
    ("extra/oldmem-more.ko:", ["ublk_drv"]),
  ])
  func oldmemTravelsWhereItIsInstalled(
    _ files: String,
    _ names: [String]
  ) throws {
    try shop.bash("mkdir -p kernel; : > kernel/modules.builtin")
    try shop.write("kernel/modules.dep", Array("\(files)\n".utf8))
    #expect(try ModuleFolder(shop.path("kernel")).defaultNames() == names)
  }

  @Test func whereDeviceMapperServesNoDriverIsNeeded() throws {
    try shop.bash("mkdir -p kernel; : > kernel/modules.builtin")
    try shop.write("kernel/modules.dep", Array("kernel/dm-mod.ko:\n".utf8))
    let folder = try ModuleFolder(shop.path("kernel"))
    #expect(folder.defaultNames(stitching: true).isEmpty)
    #expect(folder.defaultNames() == ["ublk_drv"])
  }

  @Test func aModulesFileComesLastAndInPlaceOfTheInstalledOne() throws {
    try shop.bash(
      "gzip < tree.cpio > initrd; printf '\\177ELF mine' > second.ko"
    )
    var request = request("initrd")
    request.moduleFiles = [shop.path("second.ko")]
    let (image, report) = try ImagePacker.pack(request)
    #expect(
      report.items.map(\.path).filter { $0.contains("/modules/") } == [
        "/oldmem/modules/00-first.ko", "/oldmem/modules/01-last_one.ko",
        "/oldmem/modules/02-second.ko",
      ]
    )
    try shop.write("image", image)
    let content = try shop.bash(
      "cpio --quiet -i --to-stdout '*second.ko' < image"
    )
    #expect(content.hasSuffix("ELF mine"))
  }

  @Test func theKeyThatSettingsNameIsInTheImageForItsOwner() throws {
    try shop.bash(
      """
      gzip < tree.cpio > initrd
      printf '%064d\\n' 7 > key; chmod 600 key
      printf 'rescue = console\\nrescue-key = %s\\n' "$PWD/key" > settings
      """
    )
    var request = request("initrd")
    request.configuration = shop.path("settings")
    try shop.write("image", try ImagePacker.pack(request).image)
    let listing = try shop.bash(
      """
      cpio --quiet -tv < image | grep oldmem/rescue-key
      cpio --quiet -i --to-stdout oldmem/rescue-key < image | cmp - key
      """
    )
    #expect(listing.hasPrefix("-rw-------"))
    try shop.bash("chmod 640 key")
    #expect(throws: PackError.openKey(file: shop.path("key"))) {
      try ImagePacker.pack(request)
    }
    try shop.bash("rm key")
    #expect(throws: PackError.self) { try ImagePacker.pack(request) }
  }

  @Test func theSameFilesMakeTheSameBytes() throws {
    try shop.bash("gzip < tree.cpio > initrd")
    let first = try ImagePacker.pack(request("initrd")).image
    try shop.bash("touch -d @5 oldmemd initrd")
    #expect(try ImagePacker.pack(request("initrd")).image == first)
  }

  @Test func filesCanBeAddedWhereNothingIsYet() throws {
    try shop.bash("gzip < tree.cpio > initrd; echo tool > tool; chmod 755 tool")
    var request = request("initrd")
    request.hook = shop.path("tool")
    request.additions = [(shop.path("tool"), "/lab/bin/tool")]
    let (image, report) = try ImagePacker.pack(request)
    try shop.write("image", image)
    let listing = try shop.bash(
      "cpio --quiet -tv < image | grep -E 'tool|hook'"
    )
    #expect(listing.split(separator: "\n").count == 2)
    #expect(report.items.map(\.path).contains("/lab/bin/tool"))
    for path in ["lab", "/a/../b", "/oldmem/init", "/oldmem", "/lab/", "/"] {
      request.additions = [(shop.path("tool"), path)]
      #expect(throws: PackError.badImagePath(path)) {
        try ImagePacker.pack(request)
      }
    }
  }

  @Test func anInitrdCutAnywhereIsRefusedOrLacksItsTrailer() throws {
    for packer in Self.packers {
      try shop.bash("head -c 20000 tree/lib/text > tree/lib/noise")
      try shop.bash(
        "(cd tree && find . | cpio --quiet -o -H newc) | \(packer) > whole"
      )
      let whole = try shop.read("whole")
      for share in 1...6 {
        let count = whole.count * share / 7
        try shop.write("initrd", Array(whole[..<count]))
        do throws(PackError) {
          let report = try ImagePacker.pack(request("initrd")).report
          #expect(report.lacksTrailer)
        } catch {
          #expect(error.description.hasPrefix(shop.path("initrd")))
        }
      }
    }
  }

  @Test func errorsNameTheFileAndTheOffset() throws {
    try shop.write("initrd", [0, 0, 0, 0, 0x42, 0x5a, 0x99])
    let file = shop.path("initrd")
    #expect(throws: PackError.notInitrd(file: file, at: 4)) {
      try ImagePacker.pack(request("initrd"))
    }
    try shop.bash("{ printf '\\0\\0'; gzip < tree.cpio; } > initrd")
    var bytes = try shop.read("initrd")
    for index in 100_000..<100_064 { bytes[index] ^= 0x55 }
    try shop.write("initrd", bytes)
    do throws(PackError) {
      _ = try ImagePacker.pack(request("initrd"))
      Issue.record("a damaged initrd was packed")
    } catch {
      switch error {
      case .corrupt(file, 2, _), .archive(file, 2, _): break
      default: Issue.record("\(error)")
      }
    }
    try shop.bash("gzip < tree.cpio > initrd")
    var unknown = request("initrd")
    unknown.moduleNames = ["nosuch"]
    let folder = shop.path("modules")
    #expect(throws: PackError.unknownModule("nosuch", folder: folder)) {
      try ImagePacker.pack(unknown)
    }
    try shop.write("text.ko", Array("no module".utf8))
    var wrong = request("initrd")
    wrong.moduleFiles = [shop.path("text.ko")]
    #expect(throws: PackError.notModule(file: shop.path("text.ko"))) {
      try ImagePacker.pack(wrong)
    }
    let gone = shop.path("gone")
    let reason = "No such file or directory"
    #expect(throws: PackError.unreadable(file: gone, reason: reason)) {
      try ImagePacker.pack(request("gone"))
    }
  }

  @Test func aFailedWriteLeavesNothingBehind() throws {
    let folder = shop.path("target")
    try shop.bash("mkdir -p target/full")
    #expect(throws: PackError.self) {
      try ImagePacker.write([1], to: folder + "/full")
    }
    #expect(try shop.bash("ls target") == "full\n")
  }
}
