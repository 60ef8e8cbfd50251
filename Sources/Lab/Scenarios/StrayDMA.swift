// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Reads that a disk answers into old user pages long after the panic.
  ///
  /// `observe` is without oldmem's lending, and shows that they arrive, and
  /// where; the others have so little free memory that used pages must be
  /// lent. Where the capture kernel has no ublk (6.1), `observe` judges what
  /// `oldmem scan` would lend of that machine.
  static let strayDMA: Scenario = {
    let observe = Trial.observing("observe", .smallReads)
    var huge = Trial.observing("observe-huge", .hugeReads)
    var translated = observe
    translated.name = "observe-iommu"
    translated.hasIOMMU = true
    translated.expectations.append(.translated)

    let vetoes = Trial.lending("vetoes", .smallReads, vetoes: true)
    let vetoesHuge = Trial.lending("vetoes-huge", .hugeReads, vetoes: true)
    let without = Trial.lending("without-vetoes", .smallReads, vetoes: false)
    var single = without.lendingOneCopy()
    single.name = "without-vetoes-single"
    // Huge pages lie together, in one copy as a rule, and of two good copies
    // only the first is read.
    let withoutHuge = Trial.lending(
      "without-vetoes-huge",
      .hugeReads,
      vetoes: false
    ).lendingOneCopy()

    var vetoesTranslated = vetoes
    vetoesTranslated.name = "vetoes-iommu"
    vetoesTranslated.hasIOMMU = true
    vetoesTranslated.expectations.append(.translated)
    var withoutTranslated = without
    withoutTranslated.name = "without-vetoes-iommu"
    withoutTranslated.hasIOMMU = true
    withoutTranslated.expectations.append(.translated)
    return Scenario(
      name: "stray-dma",
      summary: "frames that a disk still writes to are not lent, or found out",
      trials: [
        observe, huge, translated, vetoes, vetoesHuge, vetoesTranslated,
        without, withoutHuge, single, withoutTranslated,
      ]
    )
  }()
}

extension Expectation {
  /// The capture kernel has taken over the tables of a running IOMMU.
  fileprivate static let translated =
    console("Translation already enabled - trying to copy")
}

extension Trial {
  /// Three reads of 1 MiB.
  private static let frames = 768

  /// All old memory, before and after.
  fileprivate static func observing(
    _ name: String,
    _ kind: InFlight.Kind
  ) -> Trial {
    var trial = withReads(name, kind, bytesPerSecond: 25_000)
    trial.comparesMemory()
    trial.expectations = [
      .passes, .ends,
      .fact("dma-frames", "\(frames)"),
      .fact("landed-frames", "\(frames)"),
      .fact("changed-dma-frames", "\(frames)"),
      // A device writes to its own rings too.
      .atMost(fact: "changed-elsewhere", 16),
      // What would be lent of this machine, and where hardware wrote.
      .fact("scan-dma-frames-chosen", "0"),
      .fact("changed-scan", "0"),
      .atLeast(fact: "scan-lent-anonymous", 10_000),
      .fact("unvetoed-dma-frames-chosen", "\(frames)"),
    ]
    return trial
  }

  /// What is lent while the reads are under way.
  fileprivate static func lending(
    _ name: String,
    _ kind: InFlight.Kind,
    vetoes: Bool
  ) -> Trial {
    var trial = withReads(name, kind, bytesPerSecond: 16_000)
    trial.lends(vetoes: vetoes)
    if vetoes {
      trial.expectations = [
        .passes, .ends,
        .fact("dma-frames", "\(frames)"),
        .fact("dma-frames-chosen", "0"),
        .fact("landed-frames", "\(frames)"),
        .atLeast(fact: "lent-anonymous", 10_000),
        .atLeast(fact: "lent-cache", 1000),
        .fact("lent-locked", "0"),
        .fact("lent-writeback", "0"),
        .fact("lent-unevictable", "0"),
        .fact("hog-wrong-words", "0"),
        .fact("hog-pages-lost", "0"),
        .fact("blocks-foreign", "0"),
        .silence("was damaged"),
      ]
    } else {
      trial.expectations = lendingWithoutVetoes
      trial.expectations += [
        .atLeast(fact: "copies-damaged", 1),
        .fact("hog-pages-lost", "0"),
        .fact("blocks-refused", "0"),
      ]
    }
    return trial
  }

  /// The reads hit what was lent, and nobody is handed a wrong byte.
  fileprivate static let lendingWithoutVetoes: [Expectation] = [
    .passes, .ends,
    .fact("dma-frames", "\(frames)"),
    .atLeast(fact: "dma-frames-chosen", 256),
    .atLeast(fact: "landed-frames", 256),
    .fact("hog-wrong-words", "0"),
    .fact("blocks-foreign", "0"),
  ]

  /// With no other copy, each block that the disk hit must be refused, and no
  /// other.
  fileprivate func lendingOneCopy() -> Trial {
    var trial = self
    trial.oldmem?.settings.append("copies=1")
    trial.expectations = Trial.lendingWithoutVetoes
    trial.expectations += [
      .atLeast(fact: "blocks-lost", 256),
      .same(fact: "blocks-refused", as: "dma-frames-chosen"),
      .atLeast(fact: "hog-pages-lost", 512),
    ]
    return trial
  }

  private static func withReads(
    _ name: String,
    _ kind: InFlight.Kind,
    bytesPerSecond: Int
  ) -> Trial {
    // 3 MiB at that speed, and what may be slow.
    let seconds = 3 << 20 / bytesPerSecond + 60
    return busy(name, kind, bytesPerSecond, seconds: seconds)
  }
}

extension Trial {
  /// A machine with little free memory and a slow disk.
  static func busy(
    _ name: String,
    _ kind: InFlight.Kind,
    _ bytesPerSecond: Int,
    seconds: Int
  ) -> Trial {
    var trial = Trial(
      name: name,
      capture: .lab(
        script: "stray-dma.sh",
        programs: ["stray", "hashframes"],
        modules: []
      )
    )
    trial.memory = MemorySize(mebibytes: 1024)
    trial.anonymous = 128
    trial.inFlight = InFlight(kind, spare: 24, seconds: seconds)
    trial.disks = InFlight.disks(bytesPerSecond: bytesPerSecond)
    trial.limit = seconds + 240
    return trial
  }

  /// All old memory is kept as it was first, and hashed at the end.
  mutating func comparesMemory() {
    crashkernel = MemorySize(mebibytes: 256)
    let copy = MemorySize(mebibytes: memory.mebibytes + 64)
    disks += [
      .raw(name: "vmcore", size: copy),
      .raw(name: "after", size: MemorySize(mebibytes: 16)),
    ]
  }

  /// oldmem lends all that it may, and tells which frames that is.
  mutating func lends(vetoes: Bool) {
    crashkernel = MemorySize(mebibytes: 112)
    var use = OldmemUse()
    use.settings = [
      "size=512M", "frames=/oldmem/frames", "minimum-run=1",
      "maximum-runs=20000",
      "makedumpfile=\(InFlight.makedumpfile)",
    ]
    if !vetoes { use.settings.append("test-without-vetoes=1") }
    use.hook = "stephook"
    use.hookSettings = "handover save /oldmem/frames frames\n"
    oldmem = use
  }
}
