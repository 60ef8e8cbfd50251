// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Linux

@Suite struct RingTests {
  /// More entries than any kernel gives (IORING_MAX_ENTRIES); where io_uring
  /// is switched off, the reason is another and the end is the same.
  @Test func aRingThatIsRefusedIsAnError() {
    #expect(throws: Errno.self) {
      _ = try Ring(entries: 1 << 20)
    }
  }
}
