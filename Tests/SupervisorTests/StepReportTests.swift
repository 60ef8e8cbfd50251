// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Supervisor

/// A child's side of the two pipes, with the test in PID 1's place.
@Suite struct StepReportTests {
  /// Another descriptor of a pipe's end.
  private func again(
    _ number: Int32,
    _ access: Descriptor.Access
  ) throws -> Descriptor {
    try Descriptor(Path("/proc/self/fd/\(number)"), access)
  }

  private func received(_ pipe: borrowing Pipe) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 100)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    let got = try pipe.output.read(into: &raw)
    return Array(bytes[..<got])
  }

  @Test func whatIsReportedIsWhatArrives() throws {
    let reports = try Pipe()
    let permits = try Pipe()
    let report = StepReport(
      reports: try again(reports.input.number, .write),
      permits: try again(permits.output.number, .read)
    )
    let go: Line = "g"
    try permits.input.write(go.raw)
    let permitted = report.begin(.route)
    report.progress()
    report.ready(device: .ublk(0x0102_0304))
    #expect(permitted)
    #expect(
      try received(reports) == [
        1, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
        3, 0, 0, 0, 4, 3, 2, 1,
      ]
    )
  }

  @Test func withoutPID1ThereIsNoPermit() throws {
    let reports = try Pipe()
    let permits = try Pipe()
    let report = StepReport(
      reports: try again(reports.input.number, .write),
      permits: try again(permits.output.number, .read)
    )
    _ = permits.takeOutput()
    let permitted = report.begin(.find)
    #expect(!permitted)
  }

  @Test func everyStepAndLossHasWords() {
    func text(_ line: Line) -> String {
      var bytes: [UInt8] = []
      for index in line.text.indices { bytes.append(line.text[index]) }
      return String(decoding: bytes, as: UTF8.self)
    }
    let names = (1...11).compactMap { Step(rawValue: $0)?.name.description }
    #expect(
      names == [
        "module", "quiesce", "plug", "find", "route", "settle", "serve",
        "swapon", "unpack", "scratch", "handover",
      ]
    )
    #expect(text(Child.Reason.killed(4).sentence).contains("signal 4"))
    #expect(text(Child.Reason.silent(30).sentence).contains("30 s"))
    #expect(
      text(Child.Reason.unborn(Errno(12)).sentence).contains("out of memory")
    )
  }
}
