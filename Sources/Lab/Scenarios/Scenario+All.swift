// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Every scenario, in the order of `oldmem-lab list`.
  public static let all: [Scenario] = [
    captureVMCore, workloadVMCores, swapHog, survive, smallCrashkernel,
    hold, rescue, kdumpTools, debianPackage, debianStorage, slimKernel,
    vmcoreWrite, keptPages, failsOpen, systemdInitramfs, memoryCost, serve,
    running, quiesce,
    quarantine, strayDMA, settle, writeback, scratch, health,
    corruption, ublkSpeed, ublkCycles, nbd, nbdSwap, debian61, lockdown,
    routes, module, hotplug, hotplugDrivers,
  ]

  /// The scenario of that name.
  public static func named(_ name: String) -> Scenario? {
    all.first { $0.name == name }
  }
}
