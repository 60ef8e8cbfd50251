// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// The daemon that is shipped, as people meet it on a terminal.
@Suite struct CommandLineTests {
  /// Where `make daemon` leaves it.
  private let program = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../build/bin/oldmemd").standardizedFileURL

  private struct Outcome: Equatable {
    var status: Int32
    var output: String
    var errors: String
  }

  private func run(_ arguments: String...) throws -> Outcome {
    try #require(
      FileManager.default.isExecutableFile(atPath: program.path),
      "\(program.path) is not there: run `make daemon` first"
    )
    let done = try ProgramRun([program.path] + arguments)
    return Outcome(
      status: done.status,
      output: done.output,
      errors: done.errors
    )
  }

  @Test func helpShowsHowItIsUsed() throws {
    let outcome = try run("--help")
    #expect(outcome.output.contains("status [--json | --prometheus |"))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    for word in [
      "serve", "--ublk", "--pool anonymous:SIZE", "--size", "--copies",
      "--queue-depth", "--buffer-size", "--version", "--nbd", "--connections",
      "dmesg",
    ] { #expect(outcome.output.contains(word)) }
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// A server that is there leaves samples of itself.
  @Test func aRecordIsWrittenWhileItServes() throws {
    let start = NSTemporaryDirectory() + "oldmemd-\(UUID().uuidString)"
    let record = start + ".record"
    defer { try? FileManager.default.removeItem(atPath: record) }
    let process = Process()
    process.executableURL = program
    process.arguments = [
      "serve", "--nbd", "unix:" + start + ".sock", "--size", "1M", "--pool",
      "anonymous:2M", "--record", record,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    // The first sample is there at once; the server is ready a moment later.
    var samples: [[Double]] = []
    while process.isRunning, samples.last?.count != 11 {
      usleep(50_000)
      let text = (try? String(contentsOfFile: record, encoding: .utf8)) ?? ""
      samples = text.split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [Double]
      }
    }
    let last = try #require(samples.last)
    #expect(last.count == 11 && last[0] > 0 && last[1] > 0 && last[3] == 0)
  }

  @Test func theVersionIsALine() throws {
    let outcome = try run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix("oldmemd "))
    #expect(outcome.output.hasSuffix("\n"))
  }

  @Test(arguments: [
    ([], "command"), (["bake"], "\"bake\""), (["serve"], "--ublk"),
    (["serve", "--ublk", "--size"], "--size needs a value"),
    (["serve", "--ublk", "--size", "x"], "--size cannot be \"x\""),
    (["serve", "--ublk", "--size", "1K"], "--size"),
    (["serve", "--ublk", "--size", "99999999999999999999"], "--size"),
    (["serve", "--ublk", "--copies", "0"], "--copies"),
    (["serve", "--ublk", "--copies", "5"], "--copies"),
    (["serve", "--ublk", "--queue-depth", "129"], "--queue-depth"),
    (["serve", "--ublk", "--buffer-size", "4095"], "--buffer-size"),
    (["serve", "--ublk", "--pool", "file:/x"], "anonymous:SIZE"),
    (["serve", "--ublk", "--pool", "anonymous:"], "--pool"),
    (["serve", "--ublk", "--pool", "anonymous:64M"], "pool is smaller"),
    (["serve", "--ublk", "--frob", "1"], "no option \"--frob\""),
    (["serve", "--ublk", "--fr\u{1b}b", "1"], "no option \"--fr?b\""),
    (["serve", "--ublk", ""], "needs a value"),
    (["serve", "--ublk", "--nbd", "unix:/s"], "one frontend"),
    (["serve", "--nbd"], "--nbd needs a value"),
    (["serve", "--nbd", "/s"], "--nbd must be"),
    (["serve", "--nbd", "unix:"], "--nbd must be"),
    (["serve", "--nbd", "tcp:"], "--nbd must be"),
    (["serve", "--nbd", "tcp:0"], "--nbd must be"),
    (["serve", "--nbd", "tcp:65536"], "--nbd must be"),
    (["serve", "--nbd", "tcp::10809"], "--nbd must be"),
    (["serve", "--connections", "129"], "--connections"),
    (["status", "--xml"], "no option \"--xml\""),
    (["status", "--socket"], "--socket needs a value"),
  ])
  func aCommandLineThatMakesNoSenseIsStatus2(
    arguments: [String],
    word: String
  ) throws {
    let outcome: Outcome
    switch arguments.count {
    case 0: outcome = try run()
    case 1: outcome = try run(arguments[0])
    case 2: outcome = try run(arguments[0], arguments[1])
    case 3: outcome = try run(arguments[0], arguments[1], arguments[2])
    default:
      outcome = try run(arguments[0], arguments[1], arguments[2], arguments[3])
    }
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("oldmem: "))
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
    #expect(outcome.errors.contains("(see oldmemd --help)"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["tcp:localhost:10809", "tcp:[::1:10809", "tcp:1.2.3:1"])
  func anAddressThatIsNoNumberIsRefused(place: String) throws {
    let outcome = try run(
      "serve",
      "--nbd",
      place,
      "--pool",
      "anonymous:512M"
    )
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("invalid argument (errno 22)"))
  }

  /// Where there is a driver, the lab's scenario `serve` shows what it does.
  @Test(.disabled(if: FileManager.default.fileExists(atPath: Self.control)))
  func aMachineWithoutUblkIsRefused() throws {
    // More than any machine has: it is refused before memory is taken.
    let outcome = try run("serve", "--ublk", "--pool", "anonymous:1T")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.errors == """
        oldmem: ublk: /dev/ublk-control cannot be opened: \
        no such file or directory (errno 2); is the module ublk_drv loaded?

        """
    )
  }

  private static let control = "/dev/ublk-control"

  @Test(arguments: ["", "--json", "--prometheus", "--events"])
  func whereNoneServesThereIsNoStatus(_ format: String) throws {
    let name = "oldmemd-test-\(UUID().uuidString)"
    let outcome =
      format.isEmpty
      ? try run("status", "--socket", name)
      : try run("status", format, "--socket", name)
    #expect(
      outcome
        == Outcome(
          status: 1,
          output: "",
          errors: "oldmem: no oldmemd is running here\n"
        )
    )
  }

  /// By hand it would change settings of the machine that it is run on.
  @Test func lendIsNothingToBeStartedByHand() throws {
    let outcome = try run("lend")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("lend is for PID 1 to start"))
  }
}
