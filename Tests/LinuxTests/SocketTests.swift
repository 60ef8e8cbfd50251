// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@Suite struct SocketTests {
  @Test func aClosedSocketHasNoInputAndOneThatWasWrittenToHas() throws {
    let pair = try SocketPair()
    let before = pair.first.hasInput
    #expect(!before)
    let word: Line = "x"
    try pair.second.write(word.raw)
    // Looking does not take it.
    for _ in 0..<2 {
      let after = pair.first.hasInput
      #expect(after)
    }

    let other = try SocketPair()
    let end = other.takeFirst()
    let (isReadable, hasInput) = (end.isReadable(within: 0), end.hasInput)
    #expect(isReadable)
    #expect(!hasInput)
  }

  @Test func noMoreIsOnItsWayThanTheLimitAllows() throws {
    let free = try accepted(limit: nil)
    let limited = try accepted(limit: 32 << 10)
    #expect(limited > 0)
    #expect(limited <= 64 << 10)
    #expect(limited < free)
  }

  /// How many bytes a socket takes that nobody reads from.
  private func accepted(limit: Int32?) throws -> Int {
    let pair = try SocketPair()
    if let limit { try pair.limitSending(to: limit) }
    let stream = try Stream(of: pair.first)
    let page = try Mapping.anonymous(byteCount: 4096)
    var count = 0
    while count < 16 << 20 {
      do throws(Errno) { count += try stream.send(page, 0..<4096) } catch {
        #expect(error == .tryAgain)
        break
      }
    }
    return count
  }
}
