// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// What the crashed machine itself said of its frames, through
/// /proc/kpageflags and /proc/self/pagemap just before the panic.
@Suite(.serialized) struct WorkloadTests {
  /// Frames that somebody outside of the processor may still use, or that are
  /// kept in memory for a reason; the few of O_DIRECT whose request was done
  /// by the panic are free of it.
  static let neverLent = [
    "direct-thp", "writeback", "pinned", "pinned-thp", "vmsplice", "mlock",
    "locked", "hugetlb", "offline", "hwpoison", "secret",
  ]
  /// Frames that are idle, and must not all be kept for fear.
  static let lent = ["anon", "fork", "lazyfree", "thp", "swapcache"]

  @Test(arguments: neverLent)
  func whatMayBeInUseIsNotLent(kind: String) throws {
    for vmcore in try CapturedVMCore.withFacts() {
      let told = try vmcore.told(kind)
      let scan = try vmcore.scan(level: 31)
      #expect(
        scan.reusable.allSatisfy { !$0.overlaps(anyOf: told) },
        "\(vmcore.name): \(kind)"
      )
    }
  }

  @Test func whatIsUnderDirectIOIsNotLent() throws {
    for vmcore in try CapturedVMCore.withFacts() {
      let scan = try vmcore.scan(level: 31)
      for kind in ["direct-small", "direct-write"] {
        let told = try vmcore.told(kind)
        let held = scan.kept.filter {
          $0.words.hasSuffix("pinned") || $0.words.hasSuffix("references")
        }
        let count = held.reduce(0) { $0 + $1.count(inAnyOf: told) }
        // How many requests were done by the panic is a matter of time; one
        // at least, 16 pages, was still under way.
        #expect(count >= 16, "\(vmcore.name): \(kind)")
      }
    }
  }

  @Test(arguments: lent)
  func whatIsIdleIsLent(kind: String) throws {
    for vmcore in try CapturedVMCore.withFacts() {
      let told = try vmcore.told(kind)
      let scan = try vmcore.scan(level: 31, makedumpfile: "1.8.0")
      let count = scan.reusable.reduce(0) { $0 + $1.count(inAnyOf: told) }
      let all = told.reduce(0) { $0 + $1.count }
      #expect(count * 100 >= all * 99, "\(vmcore.name): \(kind)")
    }
  }
}
