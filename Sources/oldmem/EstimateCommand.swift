// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import ImagePacker
import PageClasses
import Reservation

/// `oldmem estimate`: how large `crashkernel=` has to be on this machine.
struct Estimate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how large crashkernel= has to be, with oldmem and without.",
    discussion: """
      Each term is shown. The initrd is packed to learn its size, and nothing \
      is written. As root it also says how much memory could be lent if the \
      system crashed now.

      Example: oldmem estimate --json
      """
  )

  @Option(
    help: ArgumentHelp(
      "The kdump initrd as the distribution made it.",
      discussion: "By default, the first of those that exist: "
        + KdumpInitrd.places.joined(separator: ", ") + "."
    ),
    completion: .file()
  )
  var initrd: String?

  @Option(
    help: "The capture kernel's modules. (default: the running kernel's)",
    completion: .directory
  )
  var kernelModules: String?

  @Option(
    help: "The static oldmemd. (default: installed with this program)",
    completion: .file()
  )
  var daemon: String?

  @Option(help: "makedumpfile's -d, 0 to 31: what it dumps is not lent.")
  var dumpLevel = 31

  @Flag(help: "Print JSON instead of a table (docs/estimate.md).")
  var json = false

  @Flag(help: "Print figures for Prometheus instead (docs/fleet.md).")
  var prometheus = false

  func validate() throws {
    if json, prometheus {
      throw ValidationError("--json and --prometheus exclude each other.")
    }
    guard DumpLevel(dumpLevel) != nil else {
      throw ValidationError("--dump-level must be from 0 to 31.")
    }
  }

  func run() throws {
    let release = String(decoding: RunningKernel.release, as: UTF8.self)
    let initrd = try initrd ?? KdumpInitrd.path(for: release)
    let request = PackRequest(
      initrd: initrd,
      modules: kernelModules ?? "/lib/modules/\(release)",
      daemon: daemon ?? Pack.neighbour("oldmemd")
    )
    let packed = try ImagePacker.pack(request).report
    let resources = MemoryResources.ofThisMachine
    let kernel = resources?.kernelSize
    let reusable = Result {
      try Reusable.ofThisMachine(DumpLevel(dumpLevel) ?? .dumpEverything)
    }
    let result = EstimateResult(
      kernel: release,
      initrd: initrd,
      isKernelMeasured: kernel != nil,
      stock: .stock(
        kernelSize: kernel,
        loaded: UInt64(packed.initrdSize),
        unpacked: UInt64(packed.unpackedSize)
      ),
      oldmem: .twoStages(
        kernelSize: kernel,
        image: UInt64(packed.imageSize)
      ),
      held: .twoStages(
        kernelSize: kernel,
        // The record of where stage two is takes its place.
        image: UInt64(packed.imageSize - packed.packedSize) + 64 << 10
      ),
      reserved: resources?.reserved ?? 0,
      reusable: reusable
    )
    if prometheus {
      print(result.metrics.text, terminator: "")
    } else {
      print(json ? try encoded(result) : result.table())
    }
  }
}

/// Where distributions keep the kdump initrd.
enum KdumpInitrd {
  /// Those of kdump-tools (Debian, Ubuntu), kdump-utils (Fedora, RHEL) and
  /// kdump (SUSE), with VERSION for a kernel.
  static let places = [
    // What kdump-tools made, while our image is in its place.
    "/var/lib/kdump/initrd.img-VERSION.plain",
    "/var/lib/kdump/initrd.img-VERSION", "/boot/initramfs-VERSIONkdump.img",
    "/var/lib/kdump/initrd",
  ]

  static func path(for release: String) throws(BadInput) -> String {
    let paths = places.map {
      $0.replacingOccurrences(of: "VERSION", with: release)
    }
    if let found = paths.first(where: FileManager.default.fileExists) {
      return found
    }
    throw BadInput(
      path: paths.joined(separator: ", "),
      sentence: "there is no kdump initrd here; name one with --initrd"
    )
  }
}

extension MemoryResources {
  /// /proc/iomem; nil where it cannot be read.
  static var ofThisMachine: MemoryResources? {
    let text = try? String(contentsOfFile: "/proc/iomem", encoding: .utf8)
    return text.map(MemoryResources.init)
  }
}
