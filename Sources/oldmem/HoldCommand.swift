// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Integration

/// `oldmem hold`: what oldmem-hold.service runs.
struct Hold: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Holds the kdump initrd's stage two in this system's memory.",
    discussion: """
      A reservation that is too small for the whole image is enough for one \
      without stage two, which is found again in the crashed system's memory. \
      Becomes `oldmemd hold` and stays until it is ended; `systemctl enable \
      --now oldmem-hold` has it started at each boot. Exits with 1 if there is \
      nothing to hold.

      Example: oldmem hold --check
      """
  )

  @OptionGroup var system: SystemOptions

  @Flag(help: "Only say whether there is something to hold.")
  var check = false

  func run() throws {
    let installation = system.installation
    guard installation.tools.isInstalled else {
      throw IntegrationError.noKdumpTools
    }
    guard let image = try installation.prepareHolding() else {
      let reason = installation.whyPlain ?? "there is no image of oldmem's"
      print("nothing to hold: \(reason)")
      throw ExitCode(1)
    }
    if check {
      print("\(image): its stage two can be held")
      return
    }
    let daemon = Pack.neighbour("oldmemd")
    let words = [
      "oldmemd", "hold", installation.root.host(image), "--record",
      installation.root.host(Holder.record),
    ]
    throw BadInput(path: daemon, sentence: Self.become(daemon, words))
  }

  /// Executes a program in the place of this one; says why not, if not.
  private static func become(_ program: String, _ words: [String]) -> String {
    // SAFETY: the strings were copied and end, as does the list of them; what
    // strerror returns is copied at once.
    var arguments = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    unsafe execv(program, arguments)
    return unsafe String(cString: strerror(errno))
  }
}
