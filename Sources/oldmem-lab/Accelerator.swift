// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Whether KVM works is tried, once: where a hypervisor is itself virtual,
/// /dev/kvm may open and then fail on the kernel's first instructions.
enum Accelerator {
  /// `tcg` or `kvm`, by what was asked for and what was seen to work.
  static func choose(
    _ wanted: String,
    _ kernel: KernelPackage,
    _ work: Workspace
  ) throws -> String {
    guard wanted == "auto" else { return wanted }
    let memory = work.lab + "/accelerator"
    if let known = try? text(of: memory), known == "tcg" || known == "kvm" {
      return known
    }
    let choice = boots(kernel) ? "kvm" : "tcg"
    try write(Array(choice.utf8), to: memory)
    return choice
  }

  /// Without an initramfs the kernel panics at once, which is enough.
  private static func boots(_ kernel: KernelPackage) -> Bool {
    let device = FileManager.default
    guard device.isWritableFile(atPath: "/dev/kvm") else { return false }
    let output = try? Command.run(
      [
        "qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-nodefaults",
        "-display", "none", "-no-reboot", "-m", "512", "-serial", "stdio",
        "-kernel", kernel.image, "-append", "console=ttyS0 panic=-1",
      ],
      seconds: 20
    )
    return output?.contains("Kernel panic") == true
  }
}
