// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// A full /proc/vmcore as a file, for `oldmem scan` and for tests.
  ///
  /// It needs nothing of oldmem, and has a reservation that no kernel finds
  /// too small.
  static let captureVMCore: Scenario = {
    var trial = Trial(
      name: "copy",
      capture: .lab(
        script: "capture-vmcore.sh",
        programs: [],
        modules: ["virtio_pci", "virtio_console", "virtio_blk"]
      )
    )
    trial.disks = [.vmcore, .data]
    trial.limit = 400
    trial.expectations = [.passes, .ends]
    // For figures: what is measured in milliseconds needs some work.
    var large = trial
    large.name = "large"
    large.memory = MemorySize(mebibytes: 4096)
    large.anonymous = 256
    return Scenario(
      name: "capture-vmcore",
      summary: "saves all of /proc/vmcore in .build/lab/vmcores",
      trials: [trial, large]
    )
  }()
}
