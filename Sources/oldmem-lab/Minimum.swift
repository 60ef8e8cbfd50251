// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Lab

/// The subcommand that finds the smallest reservation.
struct Minimum: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds the smallest crashkernel= with which a dump is written.",
    discussion: """
      A real Debian crashes again and again. First the lab's own kernel loads \
      what Debian's kdump stack would, with the same command line, which is \
      quick; then the smallest reservation that was enough has to be so in \
      whole cycles, from systemd's first boot to the dump on the target, and \
      the one below it has to fail. Where a process was killed for want of \
      memory it was not enough. All that was tried, and a table, are in \
      .build/lab/minimum/minimum.json and minimum.md.

      Example: oldmem-lab minimum --stack kdump-tools-dep --short
      """
  )

  @Option(
    help: "kdump-tools-dep, kdump-tools-most or dracut.",
    transform: choice
  )
  var stack: DebianGuest.Stack

  @Option(help: "disk, ssh or nfs.", transform: choice)
  var target = DebianGuest.Target.disk

  @Option(
    help: "stock, oldmem or hold; repeatable. All of them if not given.",
    transform: choice
  )
  var use: [MinimumTable.Use] = []

  @Option(help: "How often the smallest one must be enough.")
  var times = 3

  @Option(help: "A size that should be too small.", transform: size)
  var low = MemorySize(mebibytes: 56)

  @Option(help: "A size that should be enough.", transform: size)
  var high = MemorySize(mebibytes: 192)

  @Flag(help: "Quick crashes only; the table says so.")
  var short = false

  @Option(help: "6.12, 6.1, or a whole release that apt knows.")
  var kernel = KernelName.usual

  @Option(help: "The machine's memory, such as 4G.", transform: size)
  var memory = MemorySize(mebibytes: 2048)

  @Option(help: "tcg, kvm, or auto: kvm when it boots a kernel here.")
  var accelerator = "auto"

  @Option(
    name: .customLong("packer"),
    help: "The oldmem program that packs two-stage images."
  )
  var packer = "build/bin/oldmem"

  func validate() throws {
    guard times > 0 else { throw ValidationError("--times is at least 1") }
    guard stack != .dracut || target == .disk else {
      throw ValidationError("the lab's dracut dumps to the disk only")
    }
    guard !use.contains(.hold) || canHold else {
      throw ValidationError(
        "what holds is started by Debian's services: not with --short"
      )
    }
    guard low.mebibytes < high.mebibytes else {
      throw ValidationError("--low is less than --high")
    }
    guard low.mebibytes % 4 == 0, high.mebibytes % 4 == 0 else {
      throw ValidationError("--low and --high are multiples of 4M")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let work = try Workspace()
    let package = try KernelPackage.fetch(kernel, work)
    let campaign = Campaign(
      scenario: Scenario(name: "minimum", summary: "", trials: []),
      work: work,
      kernel: package,
      accelerator: try Accelerator.choose(accelerator, package, work),
      packer: packer
    )
    let all = MinimumTable.Use.allCases.filter { $0 != .hold || canHold }
    var isFound = true
    for use in use.isEmpty ? all : use {
      let row = try search(campaign, use)
      let table = try save(row, in: try work.results("minimum"))
      Terminal.show(table.markdown)
      isFound = isFound && row.minimum != nil
    }
    if !isFound { throw ExitCode.failure }
  }

  private func search(
    _ campaign: Campaign,
    _ use: MinimumTable.Use
  ) throws -> MinimumTable.Row {
    // What Debian's own services cannot load, only the lab can.
    let isShort = short || stack == .dracut
    // What they hold, only they can load.
    let isLong = use == .hold && stack != .dracut
    var search = MinimumSearch(
      above: low,
      upTo: high,
      times: times,
      quickIsWhole: isShort || isLong
    )
    var crashes: [MinimumTable.Crash] = []
    var minimum: MemorySize?
    steps: while true {
      let size: MemorySize
      let isWhole: Bool
      switch search.next {
      case .quick(let next): (size, isWhole) = (next, isLong)
      case .whole(let next): (size, isWhole) = (next, !isShort)
      case .found(let found):
        minimum = found
        break steps
      case .none: break steps
      }
      let result = try crash(campaign, size, isWhole, use, crashes.count)
      let dumped = result.outcome == .dumped
      // Where something was killed, it is by luck that there is a dump.
      let outcome =
        result.outcome.rawValue
        + (dumped && !result.passed ? ", processes killed" : "")
      crashes.append(
        MinimumTable.Crash(
          crashkernel: size,
          isWhole: isWhole,
          outcome: outcome,
          seconds: result.secondsFromPanic,
          processorSeconds: result.facts["processor-seconds-from-panic"]
            .flatMap(Double.init)
        )
      )
      Terminal.show(
        "\(name(use)) crashkernel=\(size)\(isWhole ? ", whole" : ""): "
          + "\(outcome), "
          + "\(result.secondsFromPanic ?? result.seconds) s"
      )
      // Where Debian cannot even load it, nothing crashes.
      search.note(dumped: dumped && result.passed)
    }
    return MinimumTable.Row(
      stack: stack.rawValue,
      target: target.rawValue,
      use: use,
      kernel: campaign.kernel.release,
      memory: memory,
      minimum: minimum,
      times: times,
      crashes: crashes
    )
  }

  private func crash(
    _ campaign: Campaign,
    _ size: MemorySize,
    _ isWhole: Bool,
    _ use: MinimumTable.Use,
    _ number: Int
  ) throws -> TrialResult {
    let label = "\(name(use))-\(number)-\(size)"
    var guest = DebianGuest(stack: stack, target: target, bootsWhole: isWhole)
    if use == .hold, stack != .dracut { guest.deed = .hold }
    var trial = Trial(name: label, capture: .debian(guest))
    trial.memory = memory
    trial.crashkernel = size
    trial.anonymous = 128
    trial.limit = 1800
    trial.expectations = [.silence("Out of memory: Killed")]
    if use != .stock { trial.oldmem = OldmemUse() }
    if use == .hold, stack == .dracut {
      trial.oldmem?.holding = OldmemUse.Holding()
    }
    return try campaign.run(trial, label)
  }

  private var canHold: Bool { !short || stack == .dracut }

  private func name(_ use: MinimumTable.Use) -> String {
    "\(stack.rawValue)-\(target.rawValue)-\(use.rawValue)"
  }

  /// Adds the row to those of earlier searches.
  private func save(
    _ row: MinimumTable.Row,
    in folder: String
  ) throws -> MinimumTable {
    let path = folder + "/minimum.json"
    var table = MinimumTable()
    if let known = try? contents(of: path) {
      table = try JSONDecoder().decode(MinimumTable.self, from: Data(known))
    }
    table.add(row)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try write(Array(try encoder.encode(table)) + [0x0A], to: path)
    try write(Array(table.markdown.utf8), to: folder + "/minimum.md")
    return table
  }
}

/// One of the words of an enumeration, given as an option.
private func choice<Value>(_ argument: String) throws -> Value
where Value: RawRepresentable<String> & CaseIterable {
  guard let value = Value(rawValue: argument) else {
    let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("\(argument) is none of \(words)")
  }
  return value
}
