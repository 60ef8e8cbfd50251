// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A tool of the capture system's that spools twice what memory holds, while
  /// others swap; ext4 where its initramfs can make one, tmpfs otherwise.
  ///
  /// lab/guest/scratch.sh tells what it found and what it read back.
  static let scratch: Scenario = {
    var stock = Trial(
      name: "stock",
      capture: .lab(
        script: "scratch.sh",
        programs: ["hog", "spool"],
        modules: ["virtio_pci", "virtio_console"]
      )
    )
    stock.crashkernel = MemorySize(mebibytes: 96)
    stock.anonymous = 32
    // rootfs is all that there is to spool to, and half of memory.
    stock.expectations = [
      .fact("spool-status", "1"), .atMost(fact: "spooled-kib", 50_000),
      .atMost(fact: "memory-kib", 70_000), .ends,
    ]

    var tmpfs = stock
    tmpfs.name = "tmpfs"
    var use = OldmemUse()
    use.settings = ["use=swap,scratch", "size=192M", "scratch-size=192M"]
    tmpfs.oldmem = use
    tmpfs.expectations = [
      .passes, .silence("Out of memory"), .ends, .fact("intact", "yes"),
      .fact("scratch-is", "tmpfs"), .fact("hog-status", "0"),
      .fact("swaps", "ublkb0p1 ublkb0p2"),
      .line("oldmem: scratch: 191 MiB of tmpfs on /scratch", "no mkfs.ext4"),
      .atLeast(fact: "spooled-kib", 102_400),
      .atMost(fact: "memory-kib", 70_000),
      .atLeast(fact: "written-sectors-p2", 10_000),
      .atLeast(fact: "pages-out", 20_000),
    ]

    var ext4 = tmpfs
    ext4.name = "ext4"
    // A module in kernels for hardware, which stage two's modprobe loads.
    ext4.capture = .lab(
      script: "scratch.sh",
      programs: ["hog", "spool"],
      modules: ["virtio_pci", "virtio_console", "ext4"]
    )
    ext4.files = [
      "sbin/modprobe": """
      #!/bin/sh
      [ "$*" = ext4 ] || exit 1
      for file in /modules/*; do insmod "$file"; done

      """
    ]
    ext4.installs = ["/usr/sbin/mke2fs"]
    ext4.tools = ["/usr/sbin/e2fsck"]
    ext4.expectations = [
      .passes, .silence("Out of memory"), .ends, .fact("intact", "yes"),
      .fact("scratch-is", "ext4"), .fact("hog-status", "0"),
      .fact("swaps", "ublkb0p1"), .fact("e2fsck-status", "0"),
      .fact("label", "/dev/ublkb0p2"), .fact("again", "yes"),
      .console("oldmem: scratch: 191 MiB of ext4 on /scratch"),
      .atLeast(fact: "spooled-kib", 102_400),
      .atMost(fact: "memory-kib", 70_000),
      .atLeast(fact: "written-sectors-p2", 200_000),
      .atLeast(fact: "pages-out", 10_000),
    ]

    // Whatever the distribution's program does, swap and the rest go on.
    var hung = tmpfs
    hung.name = "mkfs-hangs"
    hung.files = ["sbin/mkfs.ext4": "#!/bin/sh\nexec sleep 3600\n"]
    hung.expectations = tmpfs.expectations.filter {
      if case .line = $0 { false } else { true }
    }
    hung.expectations.append(
      .line("oldmem: scratch: 191 MiB of tmpfs", "did not end within 30 s")
    )
    var failed = hung
    failed.name = "mkfs-fails"
    failed.files = ["sbin/mkfs.ext4": "#!/bin/sh\nexit 7\n"]
    failed.expectations.removeLast()
    failed.expectations.append(
      .line("oldmem: scratch: 191 MiB of tmpfs", "ended with status 7")
    )

    // Nor does it matter what becomes of the child: rootfs is left, and swap.
    var killed = tmpfs
    killed.name = "killed"
    killed.oldmem?.settings[1] = "size=256M"
    killed.oldmem?.hook = "stephook"
    killed.oldmem?.hookSettings = "scratch signal KILL\n"
    killed.expectations = [
      .passes, .silence("Out of memory"), .ends, .fact("intact", "yes"),
      .fact("scratch-is", ""), .fact("hog-status", "0"),
      .fact("swaps", "ublkb0p1"),
      .console("oldmem: scratch: the child was killed by signal 9"),
    ]

    // More was asked for than a machine of 2 GiB can lend: swap gets it all.
    var short = ext4
    short.name = "short"
    short.oldmem?.settings = ["use=swap,scratch", "size=1G"]
    short.tools = []
    short.expectations = [
      .passes, .silence("Out of memory"), .ends, .fact("intact", "yes"),
      .fact("scratch-is", "tmpfs"), .fact("hog-status", "0"),
      .fact("swaps", "ublkb0"),
      .line("oldmem: scratch: all of /dev/ublkb0 is swap", "it has only"),
      .line("oldmem: scratch: 256 MiB of tmpfs", "is not cut in two"),
    ]

    // The distribution's own initramfs goes on to a real root, and dumps.
    var kdump = Trial(name: "kdump", capture: .kdump)
    kdump.disks = [.root, .data]
    kdump.crashkernel = MemorySize(mebibytes: 92)
    kdump.oldmem = OldmemUse()
    kdump.oldmem?.settings = ["use=swap,scratch"]
    kdump.expectations = [
      .passes, .dump(true), .silence("Out of memory"), .ends,
      // What it has as mke2fs is busybox.
      .line("oldmem: scratch: 255 MiB of tmpfs on /scratch", "no mkfs.ext4"),
    ]
    return Scenario(
      name: "scratch",
      summary: "a tool spools twice the memory, to ext4 or tmpfs",
      trials: [stock, tmpfs, ext4, hung, failed, killed, short, kdump]
    )
  }()
}
