// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Integration
import TestPrograms
import Testing

/// A system's files in a scratch folder: kdump-tools, two kernels with an
/// initrd each that cpio(1) made, and oldmemd.
final class FakeSystem: Sendable {
  static let kernel = "6.12.9-cloud"
  static let other = "6.1.0-fake"
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
    try bash(
      """
      mkdir -p usr/sbin usr/bin etc/default etc/kernel/postinst.d boot
      mkdir -p var/lib/kdump var/crash sys/kernel proc/sys/kernel
      : > usr/sbin/kdump-config
      # An ELF file that nobody executes.
      cp /bin/true usr/bin/makedumpfile; cp /bin/true usr/sbin/oldmemd
      printf '%s\\n' 'USE_KDUMP=1' 'KDUMP_KERNEL=/var/lib/kdump/vmlinuz' \\
        'KDUMP_INITRD=/var/lib/kdump/initrd.img' \\
        '#MAKEDUMP_ARGS="-c -d 31"' > etc/default/kdump-tools
      echo \(Self.kernel) > proc/sys/kernel/osrelease
      """
    )
    for kernel in [Self.kernel, Self.other] {
      try bash(
        """
        m=lib/modules/\(kernel); mkdir -p $m/kernel
        printf '\\177ELF driver' > $m/kernel/ublk_drv.ko
        echo kernel/ublk_drv.ko: > $m/modules.dep; : > $m/modules.builtin
        echo CONFIG_DEVMEM=y > boot/config-\(kernel)
        """
      )
      try build(kernel)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Makes a kernel's initrd as kdump-tools does: the old one is removed, a
  /// new one renamed to its name.
  func build(_ kernel: String) throws {
    try bash(
      """
      rm -f var/lib/kdump/initrd.img-\(kernel); rm -rf tree; mkdir tree
      printf '#!/bin/sh\\n' > tree/init; chmod 755 tree/init
      head -c 3000 /dev/urandom > tree/noise
      out=var/lib/kdump/initrd.img-\(kernel)
      (cd tree && find . | cpio --quiet -o -H newc | gzip) > $out.new
      mv $out.new $out; chmod 640 $out
      """
    )
  }

  /// oldmem under that system's kdump-tools.
  var installation: Installation { installation(layout: "BUILD-ID=1\n") }

  func installation(
    layout: String?,
    makedumpfile: String? = "1.7.2"
  ) -> Installation {
    Installation(
      SystemRoot(folder),
      Installation.Host(
        makedumpfile: makedumpfile,
        running: (Self.kernel, layout.map { Array($0.utf8) })
      )
    )
  }

  /// A line of kdump-tools' settings, in place of the one for the level.
  func set(_ line: String) throws {
    try write(
      """
      USE_KDUMP=1
      KDUMP_KERNEL=/var/lib/kdump/vmlinuz
      KDUMP_INITRD=/var/lib/kdump/initrd.img
      \(line)

      """,
      "etc/default/kdump-tools"
    )
  }

  func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
  }

  /// What is in /var/lib/kdump and /etc: names, modes, times, contents.
  func snapshot() throws -> String {
    try bash(
      """
      find var/lib/kdump etc -type f -printf '%p %m %T@ %n ' \\
        -exec sha256sum {} \\; | sort
      """
    )
  }

  /// What a bash script says, run in the folder; it must succeed.
  @discardableResult
  func bash(_ script: String) throws -> String {
    try ProgramRun.bash(script, in: folder)
  }
}
