// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import SyntheticVMCore

/// Machines of 64 GiB that nobody has to own.
enum BenchMachine {
  /// A server in the middle of its day: a third of its memory is free, most
  /// of that in large blocks, between page cache, processes and the kernel.
  static var mixed: SyntheticMachine {
    var machine = large
    for gigabyte in high {
      let start = gigabyte << 18
      machine.contents += [
        .init(start, 0x8000, .cache),
        .init(start + 0x8000, 0x10000, .anonymous),
        .init(start + 0x18000, 0x600, .slab),
        .init(start + 0x1b000, 0x200, .kernel),
        // Free memory between pages that somebody uses.
        .init(start + 0x1c803, 0x1fd, .anonymous),
      ]
    }
    return machine
  }

  /// The same machine after months: free memory only in blocks of 32 KiB,
  /// so that a search has to take sixteen thousand of them.
  static var fragmented: SyntheticMachine {
    var machine = large
    machine.remaining = .anonymous
    for gigabyte in high {
      for block in 0..<512 as Range<UInt64> {
        machine.contents.append(.init(gigabyte << 18 + block * 512, 8, .free))
      }
    }
    return machine
  }

  /// A machine of 1 TiB, whose struct pages alone are 16 GiB: half of it page
  /// cache and processes, half of it free.
  static var terabyte: SyntheticMachine {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    machine.memory = [
      .init(0x1000..<0x9_f000),
      // Without a hole below 4 GiB, for the memory map is in one piece.
      .init(0x10_0000..<0x100_0000_0000),
    ]
    machine.contents = (64..<1024 as Range<UInt64>).map { gigabyte in
      // A whole GiB each: four in turn.
      let states: [PageState] = [.cache, .free, .anonymous, .free]
      return .init(gigabyte << 18, 1 << 18, states[Int(gigabyte % 4)])
    }
    return machine
  }

  /// The same machine with a quarter of its memory in runs of 256 KiB, a
  /// million of them: more than a picture can hold one by one.
  static var mosaic: SyntheticMachine {
    var machine = terabyte
    for gigabyte in 64..<320 as Range<UInt64> {
      for run in 0..<4096 as Range<UInt64> {
        let state: PageState = [.cache, .anonymous, .slab][Int(run * 7 % 3)]
        machine.contents.append(.init(gigabyte << 18 + run * 64, 64, state))
      }
    }
    return machine
  }

  private static var large: SyntheticMachine {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    machine.memory = [
      .init(0x1000..<0x9_f000),
      .init(0x10_0000..<0xc000_0000),
      .init(0x1_0000_0000..<0x10_4000_0000),
    ]
    return machine
  }

  /// Gigabytes above the hole below 4 GiB.
  private static let high: Range<UInt64> = 4..<65
}
