// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Integration
import Report
import Reservation

// docs/fleet.md has the names, and rules that go by them.

extension Status.Account {
  /// What `oldmem status` and `oldmem test` say, for Prometheus.
  func metrics(_ findings: [Finding]) -> Metrics {
    var metrics = Metrics()
    metrics.add(
      "oldmem_host_info",
      "The version of oldmem that is installed; always 1.",
      [.init(1, ("version", Oldmem.configuration.version))]
    )
    metrics.add(
      "oldmem_host_enabled",
      "Whether oldmem packs this host's kdump initrds.",
      isEnabled
    )
    metrics.add(
      "oldmem_host_lends",
      "Whether the capture kernel that is loaded would be lent memory.",
      willLend
    )
    metrics.add(
      "oldmem_host_dump_level",
      "The dump level at which memory is lent; 0 where none is.",
      UInt64(dumpLevel)
    )
    metrics.add(
      "oldmem_host_capture_loaded",
      "Whether a capture kernel is loaded.",
      isLoaded
    )
    metrics.add(
      "oldmem_host_capture_current",
      "Whether it was loaded with the initrd that is in its place now.",
      isLoadedCurrent
    )
    metrics.add(
      "oldmem_host_crashkernel_bytes",
      "Memory that is reserved for the capture kernel.",
      reservedBytes.map { UInt64(max(0, $0)) }
    )
    metrics.add(
      "oldmem_host_held_bytes",
      "Memory of the running system in which stage two is held.",
      heldBytes ?? 0
    )
    add(imagesTo: &metrics)
    metrics.add(
      "oldmem_host_check",
      "A check of oldmem test: 0 is ok, 1 a warning, 2 a problem.",
      findings.map { finding in
        let value: UInt64 =
          switch finding.state {
          case .ok: 0
          case .warning: 1
          case .problem: 2
          }
        return .init(value, ("check", finding.check))
      }
    )
    return metrics
  }

  private func add(imagesTo metrics: inout Metrics) {
    func samples(_ value: (Kernel) -> UInt64?) -> [Metrics.Sample] {
      kernels.compactMap { kernel in
        value(kernel).map {
          .init(
            $0,
            ("release", kernel.release),
            ("running", kernel.isRunning ? "true" : "false")
          )
        }
      }
    }
    metrics.add(
      "oldmem_host_image_packed",
      "Whether a kernel's kdump initrd is packed in two stages.",
      samples { $0.imageBytes == nil ? 0 : 1 }
    )
    metrics.add(
      "oldmem_host_image_bytes",
      "The size of that image.",
      samples { $0.imageBytes.map(UInt64.init) }
    )
    metrics.add(
      "oldmem_host_image_plain_kept",
      "Whether the initrd that kdump-tools made is beside the image.",
      samples { $0.imageBytes == nil ? nil : $0.hasPlain ? 1 : 0 }
    )
    metrics.add(
      "oldmem_host_image_stage_two_lost",
      "Whether the image lacks its stage two and nobody holds it.",
      samples { $0.imageBytes == nil ? nil : $0.isLost ? 1 : 0 }
    )
  }
}

extension EstimateResult {
  /// The estimate for Prometheus.
  var metrics: Metrics {
    var metrics = Metrics()
    let modes = [("stock", stock), ("oldmem", oldmem), ("held", held)]
    metrics.add(
      "oldmem_estimate_info",
      "The kernel that was estimated; always 1.",
      [.init(1, ("release", kernel))]
    )
    metrics.add(
      "oldmem_estimate_kernel_measured",
      "Whether that kernel's size is its own, and not a usual one.",
      isKernelMeasured
    )
    metrics.add(
      "oldmem_estimate_crashkernel_bytes",
      "How large crashkernel= should be: without oldmem, with it, and held.",
      modes.map { .init($1.mebibytes << 20, ("mode", $0)) }
    )
    metrics.add(
      "oldmem_estimate_term_bytes",
      "What that is the sum of, rounded up to 4 MiB.",
      modes.flatMap { mode, estimate in
        estimate.terms.map {
          .init($0.byteCount, ("mode", mode), ("term", $0.name))
        } + [
          .init(ReservationEstimate.margin, ("mode", mode), ("term", "margin"))
        ]
      }
    )
    metrics.add(
      "oldmem_estimate_reserved_bytes",
      "What is reserved now.",
      reserved
    )
    metrics.add(
      "oldmem_estimate_reusable_bytes",
      "What could be lent if the system crashed now, by class.",
      (reusableFrames ?? [:]).sorted { $0.key < $1.key }.map {
        .init($0.value * 4096, ("class", $0.key))
      }
    )
    return metrics
  }
}
