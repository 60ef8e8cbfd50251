// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct RingTests {
  private let nothing = Ring.Payload(1, 2, 3, 4)

  /// Whatever the driver makes of it, each command is answered once.
  @Test func everyCommandIsAnsweredWithItsNumber() throws {
    var ring = try Ring(entries: 8)
    let file = try Descriptor("/dev/null", .readWrite)
    for number in UInt64(10)..<18 {
      try ring.command(
        file: file.number,
        operation: 7,
        userData: number,
        nothing
      )
    }
    var answered: Set<UInt64> = []
    for _ in 0..<100 where answered.count < 8 {
      try ring.wait(milliseconds: 1000)
      while let completion = ring.next() {
        answered.insert(completion.userData)
      }
    }
    #expect(answered == Set(10..<18))
    let more = ring.next() != nil
    #expect(!more)
  }

  @Test func whatADriverDoesNotTakeIsItsAnswer() throws {
    var ring = try Ring(entries: 1)
    let file = try Descriptor("/proc/self/status", .read)
    try ring.command(file: file.number, operation: 7, userData: 1, nothing)
    try ring.wait(milliseconds: 10_000)
    let completion = ring.next()
    #expect(completion?.userData == 1)
    #expect(completion?.result == -Errno.notSupported.code)
  }

  @Test func aFullRingSaysSo() throws {
    var ring = try Ring(entries: 1)
    try ring.command(file: 0, operation: 7, userData: 1, nothing)
    var found: Errno?
    do throws(Errno) {
      try ring.command(file: 0, operation: 7, userData: 2, nothing)
    } catch { found = error }
    #expect(found == .busy)
  }

  @Test func waitingHasAnEnd() throws {
    var ring = try Ring(entries: 1)
    try ring.wait(milliseconds: 1)
    let completion = ring.next()
    #expect(completion == nil)
  }

  /// None, and more than any kernel gives (IORING_MAX_ENTRIES); where
  /// io_uring is switched off, the reason is another and the end is the same.
  @Test(arguments: [0, 1 << 20]) func aRingThatIsRefusedIsAnError(
    entries: UInt32
  ) {
    #expect(throws: Errno.self) { _ = try Ring(entries: entries) }
  }
}
