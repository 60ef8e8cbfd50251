// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import ImagePacker
internal import Reservation

/// What is in the image, and whether the capture kernel will let it work.
extension SelfTest {
  func flagLayout(_ packed: PackedImage) -> Finding {
    let check = "page flags"
    guard let own = packed.flagLayout else {
      return .warning(
        check,
        "are not in the image",
        "oldmem layout says why; what BTF the crashed kernel has is tried"
      )
    }
    guard own == installation.runningLayout else {
      return .problem(
        check,
        "in the image are of another kernel than the one that runs",
        "oldmem refresh; until then only free memory is lent"
      )
    }
    return .ok(check, "of the running kernel are in the image")
  }

  func driver(_ packed: PackedImage, _ image: KdumpImage) -> Finding {
    let check = "driver"
    let drivers = packed.modules.filter { ["ublk_drv", "nbd"].contains($0) }
    if let driver = drivers.first {
      return .ok(check, "\(driver) is in the image")
    }
    let builtin = root.text(image.modules + "/modules.builtin") ?? ""
    if let line = builtin.split(separator: "\n").first(where: {
      $0.hasSuffix("/ublk_drv.ko") || $0.hasSuffix("/nbd.ko")
    }) {
      return .ok(check, "\(line) is built in")
    }
    if packed.modules.isEmpty, isStitched(packed) {
      return .ok(check, "device-mapper's drivers are in the image")
    }
    return .problem(
      check,
      "the image has neither ublk_drv nor nbd",
      "another kernel, or route = dm (docs/decisions/0082-routes.md)"
    )
  }

  private func isStitched(_ packed: PackedImage) -> Bool {
    packed.paths.contains { $0.hasPrefix("\(ImageLayout.stitchModules)/") }
  }

  func fit(_ packed: PackedImage) -> Finding {
    let check = "reservation"
    guard let reserved = capture.reservedBytes, reserved > 0 else {
      return .problem(
        check,
        "no memory is reserved",
        "crashkernel= on this kernel's command line, and a restart"
      )
    }
    let kernel = root.text("/proc/iomem").map(MemoryResources.init)?.kernelSize
    let needed = ReservationEstimate.twoStages(
      kernelSize: kernel,
      image: UInt64(packed.byteCount)
    ).mebibytes
    let sentence = "\(reserved >> 20) MiB, and \(needed) are estimated"
    return UInt64(reserved) >> 20 >= needed
      ? .ok(check, sentence)
      : .problem(check, sentence, "crashkernel=\(needed)M and a restart")
  }

  /// Whether the capture kernel, which is this one again, will let old memory
  /// be written.
  func route(_ packed: PackedImage, _ kernel: String) -> Finding {
    let check = "route"
    if root.exists("/proc/xen/capabilities") {
      return .problem(check, "closed: a Xen guest", "nothing helps")
    }
    let configuration = (root.text("/boot/config-\(kernel)") ?? "")
      .split(separator: "\n")
    let lockdown = root.text("/sys/kernel/security/lockdown")
    let isLocked = lockdown.map { !$0.contains("[none]") } ?? false
    if isLocked {
      return isStitched(packed)
        ? .warning(
          check,
          "the kernel is locked down; device-mapper is left",
          "it needs a window: docs/decisions/0082-routes.md"
        )
        : .problem(
          check,
          "closed: the kernel is locked down",
          "route = dm in \(ImageRecipe.configuration)"
        )
    }
    if packed.modules.contains("oldmem") {
      return .ok(check, "/dev/oldmem: the module is in the image")
    }
    guard !configuration.isEmpty else {
      return .warning(
        check,
        "/boot/config-\(kernel) cannot be read",
        "CONFIG_DEVMEM must be y there"
      )
    }
    return configuration.contains("CONFIG_DEVMEM=y")
      ? .ok(check, "/dev/mem")
      : .problem(check, "closed: no CONFIG_DEVMEM", "oldmem.ko, or route = dm")
  }
}
