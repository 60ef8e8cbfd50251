// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Memory
import MemoryMap
import PageClasses
import VMCore

/// `oldmem scan`: which frames of a core file may be lent.
struct Scan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts the frames that may be lent, by class and by veto.",
    discussion: """
      Free memory can always be judged. Page cache and anonymous memory can \
      only where the kernel's page flags are known: from --layout, from the \
      running kernel if it is the same, or from the crashed kernel's own BTF.

      Example: oldmem scan --size 512M vmcore
      """
  )

  @Flag(help: "Print JSON instead of a table (docs/scan-json.md).")
  var json = false

  @OptionGroup var options: SearchOptions

  @Option(
    help: "Write the frames here, one run a line: first_frame count class.",
    completion: .file()
  )
  var frames: String?

  @Option(
    help: "Write what is not lent: first_frame count class veto, a line each.",
    completion: .file()
  )
  var kept: String?

  @Option(help: "Say all that is known of one frame, by its number.")
  var explain: String?

  @Flag(
    help: ArgumentHelp(
      "Lend pages that may be under I/O: shows what their vetoes keep back.",
      visibility: .hidden
    )
  )
  var testWithoutVetoes = false

  @Argument(help: "An ELF core file, or /proc/vmcore.", completion: .file())
  var vmcore: String

  func validate() throws {
    if let explain, Self.frame(explain) == nil {
      throw ValidationError("--explain needs a frame number.")
    }
  }

  func run() throws {
    let kernel = try CrashedKernel(vmcore)
    let rules = try options.rules(of: kernel)
    let scene = rules.scene
    var policy = rules.policy
    policy.ignoresInFlight = testWithoutVetoes
    if let explain, let frame = Self.frame(explain) {
      return try self.explain(frame, kernel, policy, rules.flags, scene)
    }
    var seen = FoundFrames(progress: Progress(kernel.core.loads))
    seen.listsKept = kept != nil
    var listed = FoundFrames(progress: nil)
    var plan = options.plan
    let census: SearchReport
    let search: SearchReport
    do throws(MapError) {
      census = try FrameSearch.scan(kernel.core, kernel.layout, policy, &seen)
      var freeOnly = policy
      freeOnly.classes = .free
      search = try FrameSearch.search(
        kernel.core,
        kernel.layout,
        freeOnly,
        &listed
      )
      try plan.search(kernel, policy)
    } catch {
      seen.progress?.clear()
      throw BadInput(path: vmcore, sentence: error.sentence)
    }
    seen.progress?.clear()
    if let frames {
      let lines = seen.runs.map { run in
        let frames = run.frames
        return "\(frames.start.value) \(frames.count) \(run.pageClass.name)\n"
      }
      try write(lines.joined(), to: frames)
    }
    if let kept {
      let lines = seen.kept.map { frames, judgement in
        "\(frames.start.value) \(frames.count) \(judgement.pageClass.name) "
          + "\(judgement.veto.map { "\($0.name)" } ?? "-")\n"
      }
      try write(lines.joined(), to: kept)
    }
    let result = ScanResult(
      scene: scene,
      census: census,
      seen: seen,
      search: search,
      listed: listed,
      plan: plan.outcome
    )
    print(json ? try result.json() : result.table())
  }

  private func explain(
    _ frame: FrameNumber,
    _ kernel: borrowing CrashedKernel,
    _ policy: SearchPolicy,
    _ layout: FlagLayout?,
    _ scene: ScanScene
  ) throws {
    let account: FrameAccount
    do throws(MapError) {
      account = try FrameSearch.explain(
        frame,
        kernel.core,
        kernel.layout,
        policy
      )
    } catch {
      throw BadInput(path: vmcore, sentence: error.sentence)
    }
    let explanation = FrameExplanation(frame, account, layout, kernel.layout)
    print(json ? try explanation.json() : explanation.text(scene))
  }

  private static func frame(_ text: String) -> FrameNumber? {
    let digits = Array(text.utf8)
    let number =
      text.hasPrefix("0x") ? Hex.parse(digits.span) : UInt64(text)
    return number.flatMap { $0 < 1 << 52 ? FrameNumber($0) : nil }
  }

  /// Writes `text` to `path`, whole or not at all.
  private func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: path),
        options: .atomic
      )
    } catch {
      throw HostFile.unwritable(path, error)
    }
  }
}

/// What was scanned, and by what rules.
struct ScanScene: Codable {
  let file: String
  let release: String?
  let dumpLevel: Int
  /// nil where the version is not known.
  let makedumpfile: String?
  /// Where the page flags come from; nil where they are not known.
  let flags: String?
  let whyNoFlags: String?
}
