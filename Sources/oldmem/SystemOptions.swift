// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Integration

/// What all commands about kdump-tools take.
struct SystemOptions: ParsableArguments {
  @Option(
    help: "The system's root: a chroot, or a test's folder.",
    completion: .directory
  )
  var root = "/"

  /// oldmem under the kdump-tools of that system.
  var installation: Installation {
    let root = SystemRoot(root)
    let isOwn = self.root == "/"
    let kernel =
      (try? String(
        contentsOfFile: root.host("/proc/sys/kernel/osrelease"),
        encoding: .utf8
      ))?.trimmingCharacters(in: .whitespacesAndNewlines)
    return Installation(
      root,
      Installation.Host(
        // That of another system is not for this one to execute.
        makedumpfile: isOwn
          ? KdumpTools.makedumpfile(root)
            .flatMap { InstalledCollector.installed($0).text } : nil,
        running: kernel.map { ($0, isOwn ? RunningKernel.layoutFile : nil) }
      )
    )
  }
}

/// Says what has become of a kernel's image.
func report(_ kernel: String, _ outcome: Installation.Outcome) {
  switch outcome {
  case .packed: print("\(kernel): packed in two stages")
  case .settings: print("\(kernel): the settings in the image are new")
  case .unchanged: print("\(kernel): as it should be")
  case .waiting: print("\(kernel): plain, and not packed yet")
  case .plain(let reason, _):
    print("\(kernel): nothing will be lent, and the initrd is plain: \(reason)")
  case .gone: print("\(kernel): has no kdump initrd")
  }
}

/// Says what has become of the capture kernel.
func report(_ outcome: CaptureKernel.Outcome) {
  switch outcome {
  case .left: break
  case .loaded: print("the capture kernel is loaded with it")
  case .fellBack:
    print("kdump-tools could not load the image; its own initrd is loaded")
  case .lost:
    print("no capture kernel is loaded: `kdump-config load` says why")
  }
}
