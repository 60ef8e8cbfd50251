// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import FramePool
import Memory
import PageClasses
import VMCore

/// By what rules frames are lent, and for what device: for all commands that
/// judge the frames of a core file.
struct SearchOptions: ParsableArguments {
  @Option(help: "makedumpfile's -d, 0 to 31: what it dumps is not lent.")
  var dumpLevel = 31

  @Option(
    help: ArgumentHelp(
      "The makedumpfile that will write the dump, or `unknown`.",
      discussion: "By default, the one that is installed here.",
      valueName: "version"
    )
  )
  var makedumpfile: String?

  @Option(
    help: "A layout file, as `oldmem layout` writes it.",
    completion: .file()
  )
  var layout: String?

  @Option(help: "What may be lent: free, cache, anonymous.")
  var lend = "free,cache,anonymous"

  @Option(help: "The size of device to plan for, such as 256M.")
  var size = "256M"

  @Option(help: "Copies of each block, 1 to 4.")
  var copies = 2

  func validate() throws {
    guard DumpLevel(dumpLevel) != nil else {
      throw ValidationError("--dump-level must be from 0 to 31.")
    }
    guard ByteSize.parse(Array(size.utf8).span) != nil else {
      throw ValidationError("--size must be a size such as 256M.")
    }
    guard (1...4).contains(copies) else {
      throw ValidationError("--copies must be from 1 to 4.")
    }
    guard classes != nil else {
      throw ValidationError("--lend must be of free, cache and anonymous.")
    }
    if let makedumpfile, InstalledCollector.named(makedumpfile) == nil {
      throw ValidationError("--makedumpfile needs a version such as 1.7.2.")
    }
  }

  /// The classes of --lend; nil where a word is none.
  var classes: PageClassSet? {
    var set: PageClassSet = []
    for word in lend.split(separator: ",") {
      switch word {
      case "free": set.formUnion(.free)
      case "cache": set.formUnion(.cache)
      case "anonymous": set.formUnion(.anonymous)
      default: return nil
      }
    }
    return set
  }

  /// What a device of --size would take.
  var plan: ScanPlan {
    ScanPlan(size: ByteSize.parse(Array(size.utf8).span) ?? 0, copies: copies)
  }

  /// The rules for this kernel, and what a result says of them.
  func rules(
    of kernel: borrowing CrashedKernel
  ) throws(BadInput) -> SearchRules {
    let (known, why) = try kernel.flagLayout(file: layout)
    let collector =
      makedumpfile.flatMap(InstalledCollector.named) ?? .installed()
    let policy = SearchPolicy(
      dumpLevel: DumpLevel(dumpLevel) ?? .dumpEverything,
      collector: collector.collector,
      flags: known?.layout,
      classes: classes ?? .free
    )
    let scene = ScanScene(
      file: kernel.path,
      release: kernel.string("OSRELEASE"),
      dumpLevel: dumpLevel,
      makedumpfile: collector.text,
      flags: known?.origin,
      whyNoFlags: known == nil ? why : nil
    )
    return SearchRules(policy: policy, scene: scene, flags: known?.layout)
  }
}

/// What a search goes by.
struct SearchRules {
  var policy: SearchPolicy
  let scene: ScanScene
  /// Where the kernel has its page flags; nil where nobody knows.
  let flags: FlagLayout?
}
