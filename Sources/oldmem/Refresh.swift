// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Integration

/// `oldmem refresh`: what the hooks call.
struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Brings kdump-tools' images to what they should be.",
    discussion: """
      Packs what kdump-tools has made, writes settings anew that have \
      changed, and has a capture kernel that is loaded loaded again. Hooks \
      of the package call it whenever something may have changed.

      Example: oldmem refresh
      """
  )

  @OptionGroup var system: SystemOptions

  @Option(help: "Only the image of this kernel.")
  var kernel: String?

  @Flag(help: "Leave what takes longer than a moment for later.")
  var quick = false

  @Flag(help: "Load no capture kernel again.")
  var noReload = false

  @Flag(
    help: """
      Only the image of the running kernel, and nothing that takes longer than \
      a moment; but load it again.
      """
  )
  var held = false

  @Flag(
    help: """
      A capture kernel was just loaded: remember with what, or fall back to \
      kdump-tools' own initrd.
      """
  )
  var loaded = false

  func run() throws {
    // What the capture system finds there is not its to change, and the memory
    // to find out is not there.
    if SystemRoot(system.root).isCaptureSystem { return }
    var installation = system.installation
    guard installation.tools.isInstalled else {
      print("kdump-tools is not installed: there is nothing to do")
      return
    }
    if held {
      let kernels = installation.runningKernel.map { [$0] } ?? []
      return try refresh(installation, kernels: kernels, quickly: true)
    }
    if loaded {
      return report(try CaptureKernel(installation).check())
    }
    // Who edits settings while images are packed is not told by systemd again.
    for _ in 0..<3 {
      try refresh(
        installation,
        kernels: kernel.map { [$0] } ?? installation.kernels,
        quickly: quick,
        reloads: !quick && !noReload
      )
      let now = system.installation
      if now.wantsSame(as: installation) { break }
      installation = now
    }
    if !quick, !noReload { CaptureKernel(installation).startHolder() }
  }
}

/// Refreshes images, then loads again what runs now; a kernel that fails does
/// not keep the others back.
func refresh(
  _ installation: Installation,
  kernels: [String],
  quickly: Bool = false,
  reloads: Bool = true
) throws {
  var failed: IntegrationError?
  var isStale = false
  for kernel in kernels {
    do throws(IntegrationError) {
      let outcome = try installation.refresh(kernel, quickly: quickly)
      report(kernel, outcome)
      if kernel == installation.runningKernel, outcome.isChange {
        isStale = true
      }
    } catch {
      FileHandle.standardError.write(Data("oldmem: \(error)\n".utf8))
      failed = error
    }
  }
  let capture = CaptureKernel(installation)
  if reloads, isStale || capture.isCurrent == false {
    report(try capture.reload())
  }
  if failed != nil { throw ExitCode(1) }
}
