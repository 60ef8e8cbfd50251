// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import ImagePacker
import Testing

@testable import Integration

/// What is in kdump-tools' place is always whole, and always goes back.
@Suite struct RefreshTests {
  private let kernel = FakeSystem.kernel

  private func settings(_ system: FakeSystem) throws -> String {
    let packed = try #require(system.installation.image(of: kernel).packed)
    return String(decoding: packed.settings ?? [], as: UTF8.self)
  }

  @Test func packingAndRestoringLeaveNoTrace() throws {
    let system = try FakeSystem()
    let before = try system.snapshot()
    for kernel in system.installation.kernels {
      #expect(
        try system.installation.refresh(kernel, quickly: false) == .packed
      )
    }
    #expect(try settings(system).contains("dump-level = 31\n"))
    let packed = try #require(system.installation.image(of: kernel).packed)
    #expect(packed.paths.contains("/init"))
    #expect(packed.modules == ["ublk_drv"])
    #expect(packed.flagLayout == Array("BUILD-ID=1\n".utf8))
    for kernel in system.installation.kernels {
      #expect(try system.installation.restore(kernel))
    }
    #expect(try system.snapshot() == before)
  }

  @Test func whatIsRightIsLeftAlone() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    let before = try system.snapshot()
    #expect(
      try system.installation.refresh(kernel, quickly: false) == .unchanged
    )
    #expect(try system.snapshot() == before)
  }

  @Test func anotherLevelIsWrittenWithoutPacking() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.set("MAKEDUMP_ARGS='-c -d 17'")
    #expect(try system.installation.refresh(kernel, quickly: true) == .settings)
    #expect(try settings(system).contains("dump-level = 17\n"))
    // The kernel takes the later file; cpio, too, when it reads both.
    let listing = try system.bash(
      """
      mkdir x; cd x
      image=../var/lib/kdump/initrd.img-\(kernel)
      { cpio --quiet -idu; cpio --quiet -idu; } < $image
      tail -n 1 oldmem/oldmem.conf; readlink init; ls oldmem
      """
    )
    #expect(
      listing == "dump-level = 17\n/oldmem/init\ninit\nlayout\nmade-of\n"
        + "modules\noldmem.conf\nstage2\n"
    )
  }

  @Test func whereNothingIsLentTheInitrdIsPlain() throws {
    let system = try FakeSystem()
    let before = try system.snapshot()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.bash("cp -p etc/default/kdump-tools kept")
    try system.set("MAKEDUMP_ARGS='-d 1'")
    let outcome = try system.installation.refresh(kernel, quickly: true)
    guard case .plain(_, changed: true) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    try system.bash("mv kept etc/default/kdump-tools")
    #expect(try system.snapshot() == before)
  }

  @Test func aNewInitrdIsPackedAnew() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.build(kernel)
    let before = try system.snapshot().split(separator: "\n").filter {
      !$0.contains(".plain")
    }
    #expect(try system.installation.refresh(kernel, quickly: true) == .waiting)
    #expect(try system.installation.refresh(kernel, quickly: false) == .packed)
    #expect(try system.installation.restore(kernel))
    #expect(try system.snapshot().split(separator: "\n") == before)
  }

  @Test func aKernelThatGoesLeavesNothing() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.bash("rm var/lib/kdump/initrd.img-\(kernel)")
    #expect(try system.installation.refresh(kernel, quickly: false) == .gone)
    #expect(try system.bash("ls var/lib/kdump").contains(kernel) == false)
  }

  @Test func whatCannotBePackedStaysPlain() throws {
    let system = try FakeSystem()
    try system.bash("rm -r lib/modules/\(kernel)")
    let before = try system.bash("sha256sum var/lib/kdump/*")
    #expect(throws: IntegrationError.self) {
      try system.installation.refresh(kernel, quickly: false)
    }
    #expect(system.installation.image(of: kernel).packed == nil)
    _ = try system.installation.restore(kernel)
    #expect(try system.bash("sha256sum var/lib/kdump/*") == before)
  }

  @Test func swapIsAsLargeAsTheInitramfsTakesUnlessSomebodySaysOtherwise()
    throws
  {
    let system = try FakeSystem()
    try system.write("size = 64M\n", "etc/oldmem.conf")
    _ = try system.installation.refresh(kernel, quickly: false)
    let sizes = try settings(system).split(separator: "\n").filter {
      $0.hasPrefix("size")
    }
    // The last one counts, as with all settings.
    #expect(sizes == ["size = 96M", "size = 64M"])
    #expect(ImageRecipe.swapSize(unpacked: 17 << 20) == 128)
    #expect(ImageRecipe.swapSize(unpacked: 62 << 20) == 160)
    #expect(ImageRecipe.swapSize(unpacked: .max) > 1 << 40)
  }

  @Test func anAdministratorMayLowerTheLevelOnly() throws {
    let system = try FakeSystem()
    try system.write("dump-level = 31\nsize = 64M\n", "etc/oldmem.conf")
    try system.set("MAKEDUMP_ARGS='-d 17'")
    _ = try system.installation.refresh(kernel, quickly: false)
    #expect(try settings(system).hasSuffix("dump-level = 17\n"))
    #expect(try settings(system).contains("size = 64M\n"))
    try system.write("dump-level = 16\n", "etc/oldmem.conf")
    _ = try system.installation.refresh(kernel, quickly: false)
    #expect(try settings(system).hasSuffix("dump-level = 16\n"))
  }

  @Test func aKernelThatHasJustBootedBringsItsFlags() throws {
    let system = try FakeSystem()
    let other = FakeSystem.other
    _ = try system.installation.refresh(other, quickly: false)
    #expect(system.installation.image(of: other).packed?.flagLayout == nil)
    let booted = Installation(
      SystemRoot(system.folder),
      Installation.Host(
        makedumpfile: "1.7.2",
        running: (other, Array("BUILD-ID=2\n".utf8))
      )
    )
    #expect(try booted.refresh(other, quickly: true) == .settings)
    #expect(
      booted.image(of: other).packed?.flagLayout == Array("BUILD-ID=2\n".utf8)
    )
  }

  @Test func damagedImagesAreNotTakenForOurs() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    let path = "\(system.folder)/var/lib/kdump/initrd.img-\(kernel)"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var accepted = 0
    for count in stride(from: 0, to: bytes.count, by: 997) {
      guard let cut = PackedImage(Array(bytes[..<count])) else { continue }
      // Cut between both archives it has no level, and behind the settings all
      // of them.
      let text = String(decoding: cut.settings ?? [], as: UTF8.self)
      #expect(
        try !text.contains("dump-level") || text == settings(system)
      )
      accepted += 1
    }
    #expect(accepted < 3)
  }

  @Test func aDamagedImageGivesWayToThePlainInitrd() throws {
    let system = try FakeSystem()
    let before = try system.snapshot()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.bash("truncate -s 5000 var/lib/kdump/initrd.img-\(kernel)")
    let outcome = try system.installation.refresh(kernel, quickly: false)
    guard case .plain(_, changed: true) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try system.snapshot() == before)
  }

  @Test func whereThePlainInitrdIsGoneTheImageLendsNothing() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.bash("rm var/lib/kdump/*.plain")
    try system.set("MAKEDUMP_ARGS='-d 1'")
    #expect(throws: IntegrationError.self) {
      try system.installation.refresh(kernel, quickly: true)
    }
    #expect(try settings(system).hasSuffix("dump-level = 0\n"))
  }

  @Test func theLevelGoesDownThoughNothingCanBePacked() throws {
    let system = try FakeSystem()
    _ = try system.installation.refresh(kernel, quickly: false)
    try system.set("MAKEDUMP_ARGS='-d 17'")
    try system.bash("echo x: > lib/modules/\(kernel)/modules.dep")
    #expect(throws: IntegrationError.self) {
      try system.installation.refresh(kernel, quickly: false)
    }
    #expect(try settings(system).hasSuffix("dump-level = 17\n"))
  }

  @Test func whatCannotBePackedIsNotTouched() throws {
    let system = try FakeSystem()
    try system.bash("echo x: > lib/modules/\(kernel)/modules.dep")
    let names = try system.bash("ls -i --time=ctime -l var/lib/kdump")
    #expect(throws: IntegrationError.self) {
      try system.installation.refresh(kernel, quickly: false)
    }
    #expect(try system.bash("ls -i --time=ctime -l var/lib/kdump") == names)
  }
}
