// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Foundation
import ImagePacker
import Memory
import Testing

@testable import Integration

/// An image goes without stage two only for as long as somebody holds it.
@Suite struct HoldTests {
  private let kernel = FakeSystem.kernel
  private let record = "run/oldmem/held"

  /// A system whose images are packed and whose reservation is this large.
  private func packed(reserved: Int = 1 << 20) throws -> FakeSystem {
    let system = try FakeSystem()
    try system.write("\(reserved)\n", "sys/kernel/kexec_crash_size")
    for kernel in system.installation.kernels {
      _ = try system.installation.refresh(kernel, quickly: false)
    }
    return system
  }

  /// Claims a record of what an image has, as oldmemd does, until the
  /// descriptor is closed.
  private func hold(_ system: FakeSystem, _ image: String) throws -> Int32 {
    let bytes = try Data(contentsOf: URL(filePath: image))
    let parts = try #require(PackedImage(Array(bytes))).stageTwo.map(Array.init)
    let page = HeldPage(id: .random(in: 1...(.max)), key: 2)
    let pages = parts.reduce(0) {
      $0 + HeldRecord.pages(for: UInt64($1.count))
    }
    let record = try HeldRecord(
      page: page,
      partSize: UInt32(parts[0].count),
      byteCount: UInt64(parts.reduce(0) { $0 + $1.count }),
      digests: parts.map { Digest(of: $0.span) },
      runs: [FrameRange(start: FrameNumber(99), count: pages)]
    )
    try system.bash("mkdir -p run/oldmem")
    let path = system.folder + "/" + self.record
    try Data(record.bytes).write(to: URL(filePath: path), options: .atomic)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    try #require(flock(file, LOCK_EX | LOCK_NB) == 0)
    return file
  }

  private func prepare(_ system: FakeSystem) throws -> String {
    let source = try #require(try system.installation.prepareHolding())
    return system.folder + source
  }

  private func image(_ system: FakeSystem) throws -> PackedImage {
    try #require(system.installation.image(of: kernel).packed)
  }

  @Test func whatIsHeldIsNotInTheImageAndComesBack() throws {
    let system = try packed()
    let whole = try image(system).whole
    let file = try hold(system, try prepare(system))
    #expect(try system.installation.refresh(kernel, quickly: true) == .settings)
    let lean = try image(system)
    #expect(!lean.hasStageTwo)
    #expect(
      lean.heldRecord
        == Array(
          try Data(contentsOf: URL(filePath: system.folder + "/" + record))
        )
    )
    #expect(lean.manifest == PackedImage(whole)?.manifest)
    #expect(lean.modules == ["ublk_drv"])
    #expect(
      try system.installation.refresh(kernel, quickly: false) == .unchanged
    )
    close(file)
    #expect(try system.installation.refresh(kernel, quickly: true) == .settings)
    #expect(try image(system).whole == whole)
  }

  @Test func cpioFindsTheRecordAndNoParts() throws {
    let system = try packed()
    let file = try hold(system, try prepare(system))
    defer { close(file) }
    _ = try system.installation.refresh(kernel, quickly: true)
    let listing = try system.bash(
      """
      mkdir x; cd x
      image=../var/lib/kdump/initrd.img-\(kernel)
      { cpio --quiet -idu; cpio --quiet -idu; } < $image
      cmp oldmem/held ../\(record); stat -c %a $image; ls oldmem/stage2
      """
    )
    #expect(listing == "600\nmanifest\n")
  }

  @Test func whatFitsIsNotTakenOut() throws {
    let system = try packed(reserved: 512 << 20)
    let file = try hold(system, try prepare(system))
    defer { close(file) }
    #expect(
      try system.installation.refresh(kernel, quickly: false) == .unchanged
    )
    #expect(try image(system).hasStageTwo)
  }

  @Test func anotherKernelsImageStaysWhole() throws {
    let system = try packed()
    let file = try hold(system, try prepare(system))
    defer { close(file) }
    let other = FakeSystem.other
    _ = try system.installation.refresh(other, quickly: false)
    #expect(system.installation.image(of: other).packed?.hasStageTwo == true)
  }

  @Test func aStageTwoThatIsNewIsHeldNext() throws {
    let system = try packed()
    let source = try prepare(system)
    let old = try hold(system, source)
    _ = try system.installation.refresh(kernel, quickly: true)
    let before = try Data(contentsOf: URL(filePath: source))
    try system.build(kernel)
    // It is plain, then whole: what is held is another one's.
    #expect(try system.installation.refresh(kernel, quickly: false) == .packed)
    #expect(try image(system).hasStageTwo)
    #expect(
      try system.installation.refresh(kernel, quickly: false) == .unchanged
    )
    #expect(try Data(contentsOf: URL(filePath: source)) != before)
    close(old)
    let new = try hold(system, source)
    defer { close(new) }
    #expect(try system.installation.refresh(kernel, quickly: true) == .settings)
    #expect(try !image(system).hasStageTwo)
  }

  @Test func anotherDaemonIsPackedAroundWhatIsHeld() throws {
    let system = try packed()
    let source = try prepare(system)
    let file = try hold(system, source)
    defer { close(file) }
    _ = try system.installation.refresh(kernel, quickly: true)
    try system.bash("cp /bin/false usr/sbin/oldmemd")
    #expect(try system.installation.refresh(kernel, quickly: false) == .packed)
    // Stage two is the same: there is no moment at which it is not held.
    let lean = try image(system)
    #expect(!lean.hasStageTwo && !system.installation.lacksStageTwo(lean))
    let kept = try Data(contentsOf: URL(filePath: source))
    #expect(PackedImage(Array(kept))?.origin == lean.origin)
  }

  @Test func whatMovesIsNotLost() throws {
    let system = try packed()
    let source = try prepare(system)
    let file = try hold(system, source)
    _ = try system.installation.refresh(kernel, quickly: true)
    let lean = try image(system)
    let path = system.folder + "/" + record
    let old = try HeldRecord(
      Array(try Data(contentsOf: URL(filePath: path))).span
    )
    let moved = try HeldRecord(
      page: old.page,
      partSize: old.partSize,
      byteCount: old.byteCount,
      digests: old.digests,
      runs: [FrameRange(start: FrameNumber(777), count: old.pageCount)]
    )
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.write(contentsOf: Data(moved.bytes))
    #expect(!system.installation.lacksStageTwo(lean))
    #expect(try system.installation.refresh(kernel, quickly: true) == .settings)
    #expect(try image(system).heldRecord == moved.bytes)
    close(file)
    #expect(system.installation.lacksStageTwo(lean))
  }

  @Test func whatIsDamagedIsNotHeld() throws {
    let system = try packed()
    let path = "var/lib/kdump/initrd.img-\(kernel)"
    var bytes = try image(system).whole
    let part = try #require(try image(system).stageTwo.first)
    let place = try #require(bytes.firstRange(of: Array(part)))
    bytes[place.lowerBound + 40] ^= 1
    try Data(bytes).write(to: URL(filePath: system.folder + "/" + path))
    #expect(throws: IntegrationError.self) {
      try system.installation.prepareHolding()
    }
  }

  @Test func aHolderIsWantedWhereItIsAskedForAndNeeded() throws {
    let system = try packed()
    #expect(!system.installation.wantsHolder)
    try system.bash(
      """
      mkdir -p etc/systemd/system/basic.target.wants
      ln -s x etc/systemd/system/basic.target.wants/oldmem-hold.service
      """
    )
    #expect(system.installation.wantsHolder)
    let file = try hold(system, try prepare(system))
    #expect(!system.installation.wantsHolder)
    close(file)
    try system.write("536870912\n", "sys/kernel/kexec_crash_size")
    #expect(!system.installation.wantsHolder)
  }

  @Test func logAloneIsNotForAKdumpStack() throws {
    let system = try packed()
    try system.write("mode = log\n", "etc/oldmem.conf")
    guard
      case .plain(let reason, changed: true) = try system.installation
        .refresh(kernel, quickly: true)
    else {
      Issue.record("the image stays")
      return
    }
    #expect(reason.hasSuffix("sets mode = log"))
  }

  @Test func aStageTwoThatIsLostLeavesWhatKdumpToolsMade() throws {
    let system = try packed()
    let plain = try system.bash("sha256sum < var/lib/kdump/*\(kernel).plain")
    let source = try prepare(system)
    close(try hold(system, source))
    let file = try hold(system, source)
    _ = try system.installation.refresh(kernel, quickly: true)
    close(file)
    try FileManager.default.removeItem(atPath: source)
    let outcome = try system.installation.refresh(kernel, quickly: true)
    #expect(outcome == .plain("stage two is lost", changed: true))
    #expect(
      try system.bash("sha256sum < var/lib/kdump/initrd.img-\(kernel)") == plain
    )
  }

  @Test func restoringForgetsWhatIsHeld() throws {
    let system = try FakeSystem()
    let before = try system.snapshot()
    try system.write("1048576\n", "sys/kernel/kexec_crash_size")
    _ = try system.installation.refresh(kernel, quickly: false)
    let source = try prepare(system)
    let file = try hold(system, source)
    defer { close(file) }
    _ = try system.installation.refresh(kernel, quickly: true)
    #expect(try system.installation.restore(kernel))
    #expect(try system.snapshot() == before)
    #expect(!FileManager.default.fileExists(atPath: source))
    #expect(try system.installation.prepareHolding() == nil)
  }
}
