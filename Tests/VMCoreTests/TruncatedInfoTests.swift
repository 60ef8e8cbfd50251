// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import SyntheticVMCore
import Testing
import VMCore

@Suite struct TruncatedInfoTests {
  /// The kernel appends lines until its buffer is full and then goes on as
  /// if nothing had happened, so the last line may be half of one.
  @Test func whatIsLeftOfATruncatedVMCOREINFOIsTrue() throws {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    var vmcore = machine.build()
    let whole = KernelLayout(try CoreFile(vmcore).vmcoreInfo())
    var untrue: [String] = []
    for count in (0..<vmcore.vmcoreinfo.count).reversed() {
      // The text begins 4096 + 356 + 24 bytes into the file; what was not
      // written is NUL.
      vmcore.overwrite(at: 4476 + UInt64(count), with: [0])
      let cut = KernelLayout(try CoreFile(vmcore).vmcoreInfo())
      for key in KernelLayout.Key.allCases {
        guard let value = cut[key], value != whole[key] else { continue }
        untrue.append("\(key) is \(value) when cut at \(count)")
      }
    }
    #expect(untrue == [])
  }
}
