// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private let index = ModuleIndex(
  dependencies: """
    kernel/drivers/virtio/virtio_ring.ko:
    kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko
    kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko \
    kernel/drivers/virtio/virtio_ring.ko
    kernel/net/dash-ed.ko:
    """,
  builtin: "kernel/fs/ext4/ext4.ko\n"
)

@Test func requirementsLoadFirst() throws {
  #expect(
    try index.loadOrder(of: ["virtio_blk"]) == [
      "kernel/drivers/virtio/virtio_ring.ko",
      "kernel/drivers/virtio/virtio.ko",
      "kernel/drivers/block/virtio_blk.ko.xz",
    ]
  )
}

@Test func eachModuleLoadsOnce() throws {
  let order = try index.loadOrder(of: ["virtio", "virtio_blk", "virtio"])
  #expect(order.count == 3)
  #expect(Set(order).count == 3)
}

@Test func whatIsBuiltInNeedsNoFile() throws {
  #expect(try index.loadOrder(of: ["ext4"]) == [])
}

@Test func dashAndUnderscoreAreTheSame() throws {
  #expect(try index.loadOrder(of: ["dash_ed"]) == ["kernel/net/dash-ed.ko"])
  #expect(try index.loadOrder(of: ["dash-ed"]) == ["kernel/net/dash-ed.ko"])
}

@Test func anUnknownModuleIsNamed() {
  #expect(throws: ModuleIndex.Missing(name: "ublk_drv")) {
    try index.loadOrder(of: ["ublk_drv"])
  }
}

@Test func whatAModuleWouldLikeToFindLoadsBeforeIt() throws {
  let index = ModuleIndex(
    dependencies: """
      fs/ext4.ko: fs/jbd2.ko
      fs/jbd2.ko:
      crypto/crc32c-intel.ko:
      crypto/crc32c_generic.ko: crypto/core.ko
      crypto/core.ko:
      """,
    builtin: "",
    soft: """
      # Soft dependencies extracted from modules themselves.
      softdep ext4 pre: crypto-crc32c nowhere post: jbd2
      softdep jbd2 pre: crypto-crc32c
      softdep core pre: ext4
      """,
    aliases: """
      # Aliases extracted from modules themselves.
      alias cpu:type:x86,ven*fam*mod*:feature:*0094* crc32c_intel
      alias crypto-crc32c crc32c_intel
      alias crypto-crc32c crc32c_generic
      """
  )
  #expect(
    try index.loadOrder(of: ["ext4"]) == [
      "crypto/crc32c-intel.ko", "crypto/core.ko", "crypto/crc32c_generic.ko",
      "fs/jbd2.ko", "fs/ext4.ko",
    ]
  )
}
