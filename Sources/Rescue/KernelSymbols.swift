// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

/// What is found by name, since VMCOREINFO has kallsyms (v6.1); nothing in
/// kernels before.
struct KernelSymbols {
  /// Variables by which a debugger finds processors, tasks and modules, and the
  /// banner, which crash compares with its vmlinux's.
  private static let roots: [StaticString] = [
    "init_task", "init_pid_ns", "modules", "nr_cpu_ids", "crashing_cpu",
    "__cpu_online_mask", "__cpu_possible_mask", "page_offset_base",
    "vmalloc_base", "vmemmap_base", "crash_notes", "linux_banner",
  ]

  /// panic_cpu: which processor panicked.
  private(set) var panicked: UInt32?
  /// Where such variables are.
  private(set) var variables: [VirtualAddress] = []
  /// _sdata, or 0.
  private(set) var data = VirtualAddress(0)
  /// What is written once, at boot, and lies elsewhere.
  private(set) var constants: Range<UInt64>?
  private var areas: [Range<UInt64>] = []

  /// The most that the kernel's own per-CPU variables have.
  static let largestArea: UInt64 = 1 << 20
  /// What lies behind them and is allocated first, crash_notes among it
  /// (PERCPU_MODULE_RESERVE and PERCPU_DYNAMIC_RESERVE, mm/percpu.c).
  static let reserve: UInt64 = 36 << 10

  init<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout,
    processors: Int
  ) {
    let names: [StaticString] = [
      "panic_cpu", "_sdata", "__per_cpu_offset", "__per_cpu_start",
      "__per_cpu_end", "_text", "__start_ro_after_init",
      "__end_ro_after_init",
    ]
    guard var table = try? SymbolTable(core, info, layout),
      let found = try? table.addresses(of: names + Self.roots, in: core),
      var space = try? AddressSpace(layout)
    else { return }
    data = found[1] ?? data
    let roots = [found[0], found[2]] + found[names.count...]
    variables = roots.compactMap { $0 }
    if let start = found[6]?.value, let end = found[7]?.value, start < end {
      constants = start..<end
    }
    if let place = found[0],
      let number = try? space.number(place, size: 4, in: core)
    {
      panicked = UInt32(truncatingIfNeeded: number)
    }
    guard let offsets = found[2], let start = found[3], let end = found[4],
      end > start, end.value - start.value <= Self.largestArea
    else { return }
    // Where per-CPU symbols are absolute they count from 0, which the table
    // takes for a distance from its base.
    let begin = start == found[5] ? 0 : start.value
    for index in 0..<UInt64(processors) {
      let place = VirtualAddress(offsets.value &+ index * 8)
      guard let offset = try? space.number(place, in: core) else { return }
      let first = offset &+ begin
      // Processors that cannot be have the place of what was copied.
      guard first >= StackReader.kernelHalf,
        first < AddressSpace.startKernelMap
      else { return }
      let size = end.value - start.value + Self.reserve
      areas.append(first..<first + size)
    }
  }

  /// Where the processor's variables are.
  func area(ofProcessor index: Int) -> Range<UInt64>? {
    areas.indices.contains(index) ? areas[index] : nil
  }
}
