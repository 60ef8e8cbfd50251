// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Foundation
import Health
import Linux
import Testing

@testable import Status

/// What is left of a store in a file, judged by another reader of JSON.
@Suite struct RecorderTests {
  private let path =
    NSTemporaryDirectory() + "oldmem-record-\(UUID().uuidString)"

  private func lines() throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return try text.split(separator: "\n").map { line in
      try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Double]
      )
    }
  }

  /// The file's name, as the daemon has it.
  private var name: Path {
    let bytes = Array(path.utf8)
    return Path(bytes.span)
  }

  @Test func eachNumberIsInItsPlace() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let shared = try SharedHealth()
    var recorder = Recorder(name)
    recorder.look(shared.page, at: 1_234_567_890)
    shared.page.write(try Sample.record(lost: 7, damaged: 5))
    recorder.look(shared.page, at: 13_000_000_000)
    let lines = try lines()
    #expect(lines[0].count == 3 && lines[0][0] == 1.234)
    #expect(lines[0][1] > 0)
    #expect(lines[1][0] == 13)
    // Failing, for something is lost; docs/record-json.md has the order.
    #expect(Array(lines[1][3...]) == [2, 1009, 1008, 5, 7, 0, 1001, 1002])
  }

  /// 60 a second, 60 each two seconds, and so on: a day in 660 lines.
  @Test func theFileGrowsMoreSlowlyTheLongerItTakes() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let shared = try SharedHealth()
    shared.page.write(try Sample.record())
    var recorder = Recorder(name)
    for second in 0...86_400 as ClosedRange<UInt64> {
      recorder.look(shared.page, at: second * 1_000_000_000)
    }
    let times = try lines().map { $0[0] }
    #expect(Array(times[..<60]) == (0..<60).map(Double.init))
    #expect(times[61] - times[60] == 2 && times[121] - times[120] == 4)
    #expect(times.count <= 660)
    #expect(try String(contentsOfFile: path, encoding: .utf8).count < 60_000)
  }

  @Test func whatCannotBeWrittenCostsNothing() throws {
    let shared = try SharedHealth()
    var none = Recorder(nil)
    none.look(shared.page, at: 1)
    var nowhere = Recorder("/nowhere/at/all")
    nowhere.look(shared.page, at: 1)
    var full = Recorder("/dev/full")
    full.look(shared.page, at: 1)
  }
}
