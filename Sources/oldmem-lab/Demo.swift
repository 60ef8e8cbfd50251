// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Lab
import Report

/// The subcommand that shows what oldmem is for, in some minutes.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Crashes a kernel with and without oldmem, and compares.",
    discussion: """
      Three machines with Debian's own kdump initramfs: without oldmem in a \
      reservation that is too small, with oldmem in the same, and without it \
      in one that is large enough. All figures are measured in this run. The \
      exit status is 0 when all three do what they should.

      Example: oldmem-lab demo
      """
  )

  @Option(
    help: "6.12, 6.12-full, 6.1, 6.1-full, or a whole release that apt knows."
  )
  var kernel = KernelName.usual

  @Option(help: "tcg, kvm, or auto: kvm when it boots a kernel here.")
  var accelerator = "auto"

  @Option(help: "The oldmem program that packs two-stage images.")
  var oldmem = "build/bin/oldmem"

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let scenario = Scenario.smallCrashkernel
    let work = try Workspace()
    let package = try KernelPackage.fetch(kernel, work)
    let campaign = Campaign(
      scenario: scenario,
      work: work,
      kernel: package,
      accelerator: try Accelerator.choose(accelerator, package, work),
      packer: oldmem
    )
    let order = ["stock", "oldmem", "stock-ample"]
    let trials = order.compactMap { name in
      scenario.trials.first { $0.name == name }
    }
    Terminal.show(
      "A kernel crashes in QEMU (\(campaign.accelerator)), three times."
    )
    Terminal.show("It is Debian's \(package.release), with 2 GiB of memory;")
    Terminal.show(
      "the capture kernel has Debian's kdump initramfs, 62 MB unpacked."
    )
    var table = Table([
      ("run", .left), ("crashkernel", .right), ("outcome", .left),
      ("available", .right), ("swapped", .right), ("dump", .right),
      ("seconds", .right),
    ])
    let whole = try campaign.run(trials) { trial, result in
      Terminal.show("")
      Terminal.show(
        Terminal.bold(
          "\(title(of: trial)), crashkernel="
            + "\(trial.crashkernel)"
        )
      )
      for line in result.demonstratedLines.flatMap({ wrapped($0, to: 76) }) {
        Terminal.show("  " + Terminal.dim(line))
      }
      let words = result.outcome.rawValue
      Terminal.show(
        "  "
          + (result.outcome == .dumped
            ? Terminal.good(words) : Terminal.bad(words))
      )
      for check in result.checks where !check.met {
        Terminal.show("  not seen: \(check.expectation)")
      }
      table.add(result.row(titled: title(of: trial)))
    }
    Terminal.show("")
    for (index, line) in table.lines.enumerated() {
      Terminal.show(index == 0 ? Terminal.bold(line) : line)
    }
    Terminal.show("")
    Terminal.show(
      "available: memory left when makedumpfile starts. swapped: written"
    )
    Terminal.show(
      "to old memory by then. seconds: from the panic to the verdict."
    )
    Terminal.show("Consoles and result.json: .build/lab/\(scenario.name)")
    guard whole.passed, whole.trials.count == order.count else {
      Terminal.show(Terminal.bad("Not all three did what they should."))
      throw ExitCode.failure
    }
  }

  private func title(of trial: Trial) -> String {
    switch trial.name {
    case "oldmem": "with oldmem"
    case "stock-ample": "stock, ample"
    default: "stock"
    }
  }
}

extension TrialResult {
  /// The result in the words of the demo's table.
  fileprivate func row(titled title: String) -> [String] {
    func mebibytes(_ fact: String, per unit: Double) -> String {
      guard let number = facts[fact].flatMap(Double.init) else { return "-" }
      return String(format: "%.1fM", number / unit)
    }
    let dumped = outcome == .dumped
    return [
      title, "\(crashkernel)", outcome.rawValue,
      mebibytes("available-kib", per: 1024),
      mebibytes("swapped-out-kib", per: 1024),
      dumped ? mebibytes("dump-bytes", per: 1_048_576) : "-",
      secondsFromPanic.map { String(format: "%.0f", $0) } ?? "-",
    ]
  }
}
