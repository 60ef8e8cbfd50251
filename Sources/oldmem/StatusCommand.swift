// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import CaptureReport
import Foundation
import Integration

/// `oldmem status`: what a crash would find.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what is lent when this machine crashes.",
    discussion: """
      Exits with 0 if the capture kernel that is loaded would be lent \
      memory, and with 3 if not; with --prometheus, whose figures say so, \
      with 0. With --last, with 0 if the last capture left all that it \
      should have, or there has been none, and with 3 if not. `oldmemd status` \
      is for the capture system.

      Example: oldmem status --json
      """
  )

  @OptionGroup var system: SystemOptions

  @Flag(help: "Print JSON instead of lines.")
  var json = false

  @Flag(help: "Print figures for Prometheus instead (docs/fleet.md).")
  var prometheus = false

  @Flag(help: "Say how the last capture went, under any kdump stack.")
  var last = false

  @Argument(
    help: "Where captures are, for --last. (default: /var/crash)",
    completion: .directory
  )
  var folder: String?

  func validate() throws {
    if json, prometheus {
      throw ValidationError("--json and --prometheus exclude each other.")
    }
    if last, prometheus {
      throw ValidationError("--prometheus has the last capture by itself.")
    }
    if folder != nil, !last {
      throw ValidationError("A folder is for --last.")
    }
  }

  struct Account: Codable {
    struct Kernel: Codable {
      let release: String
      let isRunning: Bool
      /// `two-stage`, `plain`, or `none`.
      let image: String
      let imageBytes: Int?
      let hasPlain: Bool
      /// Whether its stage two is held in this system's memory alone.
      let isHeld: Bool
      /// Whether nobody holds it any more: there would be no dump.
      let isLost: Bool
    }

    let isEnabled: Bool
    let willLend: Bool
    let dumpLevel: Int
    let whyNothing: String?
    let makedumpfileArguments: String
    let makedumpfile: String?
    let isLoaded: Bool?
    let isLoadedCurrent: Bool?
    let reservedBytes: Int?
    /// Memory of this system's that `oldmemd hold` has.
    let heldBytes: UInt64?
    let kernels: [Kernel]
  }

  /// The last capture; nil where there has been none.
  private var lastCapture: LastCapture? {
    let root = SystemRoot(system.root)
    return LastCapture(
      below: folder ?? root.host("/var/crash"),
      // Of what was saved elsewhere, the package has a copy of the record here.
      own: folder == nil
        ? root.host("/var/lib/oldmem/" + CaptureFiles.record) : nil
    )
  }

  private func sayLast() throws {
    guard let capture = lastCapture else {
      let place = folder ?? "/var/crash"
      return print(json ? "null" : "no capture has left anything in \(place)")
    }
    print(
      json ? try encoded(capture) : capture.lines.joined(separator: "\n")
    )
    if !capture.isGood { throw ExitCode(3) }
  }

  func run() throws {
    if last { return try sayLast() }
    let installation = system.installation
    guard installation.tools.isInstalled else {
      throw IntegrationError.noKdumpTools
    }
    let account = account(of: installation)
    if prometheus {
      let findings = SelfTest(installation).run()
      var metrics = account.metrics(findings)
      lastCapture?.add(to: &metrics)
      return print(metrics.text, terminator: "")
    }
    print(json ? try encoded(account) : lines(account).joined(separator: "\n"))
    if !account.willLend { throw ExitCode(3) }
  }

  private func account(of installation: Installation) -> Account {
    let capture = CaptureKernel(installation)
    let running = installation.runningKernel
    let kernels = installation.kernels.map { kernel in
      let image = installation.image(of: kernel)
      return Account.Kernel(
        release: kernel,
        isRunning: kernel == running,
        image: image.packed != nil ? "two-stage" : "plain",
        imageBytes: image.packed?.byteCount,
        hasPlain: image.hasPlain,
        isHeld: image.packed.map { !$0.hasStageTwo } ?? false,
        isLost: image.packed.map(installation.lacksStageTwo) ?? false
      )
    }
    let image = running.flatMap { installation.image(of: $0).packed }
    let isWhole = image.map { !installation.lacksStageTwo($0) } ?? false
    return Account(
      isEnabled: installation.isEnabled,
      willLend: isWhole && installation.whyPlain == nil
        && capture.isLoaded == true && capture.isCurrent != false,
      dumpLevel: installation.recipe.level.level,
      whyNothing: installation.whyPlain,
      makedumpfileArguments: installation.tools.makedumpfileArguments,
      makedumpfile: installation.recipe.makedumpfile,
      isLoaded: capture.isLoaded,
      isLoadedCurrent: capture.isCurrent,
      reservedBytes: capture.reservedBytes,
      heldBytes: installation.holder.heldBytes,
      kernels: kernels
    )
  }

  private func lines(_ account: Account) -> [String] {
    let loaded =
      switch (account.isLoaded, account.isLoadedCurrent) {
      case (true, false):
        "loaded before its initrd was made: kdump-config reload"
      case (true, _): "loaded"
      case (false, _): "not loaded"
      case (nil, _): "not known"
      }
    let lending =
      account.whyNothing.map { "nothing: \($0)" }
      ?? "at dump level \(account.dumpLevel), by makedumpfile "
      + "\(account.makedumpfile ?? "of an unknown version") "
      + account.makedumpfileArguments
    var lines = [
      "oldmem          \(account.isEnabled ? "enabled" : "disabled")",
      "lends           \(lending)",
      "capture kernel  \(loaded)",
    ]
    if let bytes = account.reservedBytes {
      lines.append("reservation     \(bytes >> 20) MiB")
    }
    if let bytes = account.heldBytes {
      let isUsed = account.kernels.contains { $0.isRunning && $0.isHeld }
      lines.append(
        "holds           stage two, \(bytes >> 10) KiB of this system's memory"
          + (isUsed ? "" : "; the image has it too")
      )
    }
    for kernel in account.kernels {
      var line = "\(kernel.release)\(kernel.isRunning ? ", running" : ""): "
      line += kernel.image
      if let bytes = kernel.imageBytes { line += ", \(bytes) bytes" }
      if kernel.image == "two-stage" {
        if kernel.isLost {
          line += ", stage two is LOST: oldmem refresh"
        } else if kernel.isHeld {
          line += ", stage two held"
        }
        line += kernel.hasPlain ? ", plain beside it" : ", plain is GONE"
      }
      lines.append("image           \(line)")
    }
    return lines
  }
}
