// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import BootImage
import Linux
import Status
import Supervisor

/// The child that unpacks stage two.
enum Unpack {
  /// Unpacks into `root`, and returns the status to exit with.
  static func run(
    into root: Handover.Root,
    _ report: consuming StepReport
  ) -> Int32 {
    if Settings.ofThisBoot(quietly: true).savesLogOnly {
      return Child.refusal
    }
    let problem: Line
    do throws(Errno) {
      var parts = ReportedParts(try PartFiles(), report)
      let manifest = try parts.files.manifest()
      switch root {
      case .mounted(let place):
        try Mounts.changeRoot(to: place)
        try Mounts.enter("/")
        placeProgram()
      case .rootfs: uncover()
      }
      guard let found = unpack(manifest, &parts) else {
        if case .mounted = root {
          ReadaheadRule.place()
          UdevWorkers.limit()
        }
        return 0
      }
      problem = found
    } catch { problem = "\(error)" }
    Console.say("unpack: stage two: \(problem)", .problem)
    return Child.refusal
  }

  /// Makes `/oldmem/oldmemd` of the new root lead to the program that runs
  /// already, and so costs no memory: for `oldmemd status`.
  ///
  /// Through the witness, which is there for as long as anybody serves. Where
  /// nobody answers there is nothing to ask either.
  private static func placeProgram() {
    guard let status = try? Status.ask(milliseconds: 1000) else { return }
    try? Files.makeDirectory("/oldmem")
    try? Files.makeSymbolicLink(
      "/oldmem/oldmemd",
      to: Path("/proc/\(status.witness)/exe")
    )
  }

  /// Makes what is unpacked over stage one land in it, as when the kernel
  /// unpacks, and not in what PID 1 has mounted there.
  private static func uncover() {
    do throws(Errno) { try Mounts.becomePrivate() } catch { return }
    for mount in Handover.mounts { try? Mounts.unmount(mount) }
  }

  /// What is wrong with stage two; nil when all of it is unpacked.
  private static func unpack(
    _ bytes: [UInt8],
    _ parts: inout ReportedParts
  ) -> Line? {
    let manifest: Manifest
    do throws(ManifestError) {
      manifest = try Manifest(bytes.span)
    } catch { return "its manifest is not usable" }
    do throws(StageTwoError) {
      var sink = FileSink()
      _ = try StageTwo.unpack(manifest, from: &parts, to: &sink)
    } catch { return sentence(error) }
    return nil
  }

  private static func sentence(_ error: StageTwoError) -> Line {
    switch error {
    case .part(let part, .missing): "part \(part) is missing"
    case .part(let part, .failed(let errno)):
      "part \(part) cannot be read: \(Errno(errno))"
    case .shortPart(let part, let end): "part \(part) ends at byte \(end)"
    case .longPart(let part, let end):
      "part \(part) goes on behind byte \(end)"
    case .damagedPart(let part): "part \(part) is damaged"
    case .surplusPart(let part): "part \(part) is one too many"
    case .corrupt(let part, let place):
      "part \(part) cannot be decoded near byte \(place)"
    case .noMemory: "no memory for the decoder"
    case .unfinished: "its last part is missing"
    case .wrongSize(let size): "it has unpacked to \(size) bytes"
    case .wrongChecksum: "it has unpacked to other bytes than were packed"
    case .archive(.sink(let place, .failed(let errno))):
      "the entry at byte \(place) cannot be made: \(Errno(errno))"
    case .archive: "it is not an archive that can be unpacked"
    }
  }
}
