// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Integration

/// `oldmem enable`: packs the images of all kernels, now and from now on.
struct Enable: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lends old memory under kdump-tools, now and from now on.",
    discussion: """
      kdump-tools' own initrd stays beside the image, as initrd.img-*.plain \
      in /var/lib/kdump; none of its settings is changed.

      Example: oldmem enable
      """
  )

  @OptionGroup var system: SystemOptions

  func run() throws {
    let installation = system.installation
    guard installation.tools.isInstalled else {
      throw IntegrationError.noKdumpTools
    }
    try installation.setEnabled(true)
    try refresh(installation, kernels: installation.kernels)
  }
}

/// `oldmem disable`: puts back what was there.
struct Disable: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts kdump-tools' own initrds back, and leaves them alone.",
    discussion: """
      It stays so, whatever is upgraded, until `oldmem enable`.

      Example: oldmem disable
      """
  )

  @OptionGroup var system: SystemOptions

  @Flag(
    help: ArgumentHelp(
      "Do not remember it: the package is being removed.",
      visibility: .hidden
    )
  )
  var once = false

  func run() throws {
    let installation = system.installation
    if !once { try installation.setEnabled(false) }
    var failed = false
    var isStale = false
    for kernel in installation.kernels {
      do throws(IntegrationError) {
        let isChanged = try installation.restore(kernel)
        if isChanged { print("\(kernel): kdump-tools' own initrd is back") }
        if kernel == installation.runningKernel { isStale = isChanged }
      } catch {
        FileHandle.standardError.write(Data("oldmem: \(error)\n".utf8))
        failed = true
      }
    }
    if isStale { report(try CaptureKernel(installation).reload()) }
    if failed { throw ExitCode(1) }
  }
}
