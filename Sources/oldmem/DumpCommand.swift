// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import DumpWriter
import Foundation
import Memory
import MemoryMap
import PageClasses
import Rescue
import VMCore

/// `oldmem dump`: a vmcore without what nobody will look at.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Writes a vmcore without the pages that a dump level leaves out.",
    discussion: """
      The file is one for crash, drgn and makedumpfile. With - it goes to \
      standard output, flattened: `makedumpfile -R FILE` makes a file of it. \
      What oldmem lent is never in it. Details: docs/rescue.md.

      Example: oldmem dump --budget 10M vmcore dump
      """
  )

  /// The words of --compress.
  enum Compress: String, ExpressibleByArgument, CaseIterable {
    case zstd, zlib, none

    var compression: KdumpHeader.Compression {
      switch self {
      case .zstd: .zstd
      case .zlib: .zlib
      case .none: .none
      }
    }
  }

  @Option(help: "makedumpfile's -d, 0 to 31: what is left out.")
  var level = 31

  @Option(help: "zstd, zlib or none. makedumpfile before 1.7.1 lacks zstd.")
  var compress: Compress?

  @Flag(help: "Write an ELF core file, which is not compressed.")
  var elf = false

  @Option(
    help: ArgumentHelp(
      "The list of lent frames that was saved beside the vmcore.",
      discussion:
        "By default, the file lent-frames beside it, if there is one.",
      valueName: "file"
    ),
    completion: .file()
  )
  var lent: String?

  @Option(
    help: ArgumentHelp(
      "The most bytes that the file may have; K, M, G or T may follow.",
      discussion: "What says most of the crash is in it first.",
      valueName: "size"
    )
  )
  var budget: ByteCount?

  @Option(help: "Threads that compress; by default, one for each processor.")
  var threads: Int?

  @Flag(help: "Replace the file that is there.")
  var force = false

  @Argument(help: "An ELF core file, or /proc/vmcore.", completion: .file())
  var vmcore: String

  @Argument(
    help: "The file to write, or - for standard output.",
    completion: .file()
  )
  var output: String

  func validate() throws {
    guard DumpLevel(level) != nil else {
      throw ValidationError("--level must be from 0 to 31.")
    }
    guard threads.map({ (1...256).contains($0) }) ?? true else {
      throw ValidationError("--threads must be from 1 to 256.")
    }
    if elf, let compress, compress != .none {
      throw ValidationError("An ELF core file is not compressed.")
    }
  }

  func run() throws {
    // Who has closed the pipe is an error like others.
    signal(SIGPIPE, SIG_IGN)
    let clock = ContinuousClock()
    let start = clock.now
    let kernel = try CrashedKernel(vmcore)
    let lent = try LentRanges(self.lent, besideCore: vmcore)
    var plan = try plan(kernel)
    var wanted: UInt64 = 0
    for run in lent.runs { wanted += plan.leaveOut(lent: run) }
    let report = DumpReport(plan, lent, lentAndWanted: wanted)
    let facts: KernelFacts
    do throws(CoreError) {
      facts = try KernelFacts(kernel.core, kernel.info, kernel.layout)
    } catch { throw BadInput(path: vmcore, sentence: error.sentence) }
    plan.order.find(kernel.core, kernel.info, kernel.layout, facts.notes)
    let job: DumpJob<HostFile>
    let result: DumpJob<HostFile>.Result
    let progress: DumpProgress
    do throws(DumpError) {
      job = try DumpJob(
        kernel.core,
        plan,
        facts,
        to: output,
        replaces: force,
        threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
        budget: budget?.bytes ?? .max
      )
      progress = DumpProgress(job.frameCount)
      let tell = { @Sendable frames in progress.show(frames) }
      result =
        elf
        ? try job.writeElf(tell)
        : try job.writeKdump((compress ?? .zstd).compression, tell)
    } catch {
      throw BadInput(path: output, sentence: error.sentence)
    }
    progress.clear()
    let text = report.text(result, output, seconds: start.seconds(clock.now))
    FileHandle.standardError.write(Data(text.utf8))
    if result.unreadable > 0 { throw ExitCode(1) }
  }

  private func plan(
    _ kernel: borrowing CrashedKernel
  ) throws(BadInput) -> DumpPlan {
    guard let level = DumpLevel(level),
      var plan = DumpPlan(kernel.core, level)
    else {
      throw BadInput(
        path: vmcore,
        sentence:
          "has memory above 16 TiB, more than dumps have; use makedumpfile"
      )
    }
    do throws(MapError) {
      try plan.classify(kernel.core, kernel.layout)
    } catch {
      // Nothing is left out by class then.
      guard level.value & 30 == 0 else {
        throw BadInput(
          path: vmcore,
          sentence: error.sentence + " (--level 1 needs no memory map)"
        )
      }
    }
    return plan
  }
}

extension DumpError {
  /// The error in words.
  fileprivate var sentence: String {
    switch self {
    case .output(EEXIST): "is there already (--force replaces it)"
    case .output(let errno):
      HostFile.text(errno) + "; what was written is valid and incomplete"
    case .budget(let least):
      "--budget must be at least \(least) bytes, for head and bitmaps"
    case .terminal:
      "a dump is nothing for a terminal; name a file, or a pipe behind it"
    case .noMemory: "no memory for a compressor; --threads 1 takes less"
    case .core(let error): error.sentence
    }
  }
}

extension ContinuousClock.Instant {
  /// The seconds up to `end`.
  fileprivate func seconds(_ end: Self) -> Double {
    let (seconds, attoseconds) = duration(to: end).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
