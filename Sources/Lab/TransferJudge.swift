// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What lists of frames come to when they are held against what was under
/// way at the panic, as facts for a trial's expectations.
public struct TransferJudge: Sendable {
  /// What was under way.
  public let transfers: TransferList
  /// What each page was.
  public let flags: PageFlags

  /// Puts both together.
  public init(transfers: TransferList, flags: PageFlags) {
    self.transfers = transfers
    self.flags = flags
  }

  /// The frames under way.
  ///
  /// - `dma-frames`: how many there are
  public var facts: [String: String] {
    ["dma-frames": "\(transfers.frames.count)"]
  }

  /// What oldmem lent, or a scan would lend, by the crashed kernel's own
  /// words; names of facts begin with `prefix`.
  ///
  /// - `lent-frames`, `lent-free`, `lent-anonymous`, `lent-cache`,
  ///   `lent-hugetlb`, `lent-other`: how many, in all and by use
  /// - `lent-locked`, `lent-writeback`, `lent-unevictable`: with that flag
  /// - `dma-frames-chosen`: those under way
  public func facts(
    of list: FrameList,
    prefix: String = ""
  ) -> [String: String] {
    let underWay = transfers.frames
    var counts = ["lent-frames": 0, "dma-frames-chosen": 0]
    for use in PageFlags.Use.allCases { counts["lent-\(use.rawValue)"] = 0 }
    for flag in PageFlags.Flag.allCases { counts["lent-\(flag)"] = 0 }
    for run in list.runs {
      for frame in run.first..<run.first + run.count {
        counts["lent-frames", default: 0] += 1
        counts["lent-\(flags.use(of: frame).rawValue)", default: 0] += 1
        for flag in PageFlags.Flag.allCases where flags.has(flag, frame) {
          counts["lent-\(flag)", default: 0] += 1
        }
        if underWay.contains(frame) {
          counts["dma-frames-chosen", default: 0] += 1
        }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: counts.map { (prefix + $0, "\($1)") }
    )
  }

  /// Why the frames under way are kept, by what `oldmem scan --kept` lists.
  ///
  /// - `dma-kept-VETO`: how many by that veto
  public func facts(ofKept list: FrameList) -> [String: String] {
    var counts: [String: Int] = [:]
    for frame in transfers.frames {
      guard let veto = list.run(of: frame)?.veto else { continue }
      counts["dma-kept-\(veto)", default: 0] += 1
    }
    return counts.mapValues { "\($0)" }
  }

  /// Where hardware wrote, seen by what frames held before and after.
  ///
  /// - `changed-frames`: how many changed
  /// - `changed-dma-frames`: those of them that were under way
  /// - `changed-elsewhere`: the others: the device's own rings and requests
  /// - `changed-scan`: those of all of them that `scan` would lend
  public func facts(
    ofChanged changed: [UInt64],
    scan: FrameList?
  ) -> [String: String] {
    let underWay = transfers.frames
    let inside = changed.count { underWay.contains($0) }
    var facts = [
      "changed-frames": "\(changed.count)",
      "changed-dma-frames": "\(inside)",
      "changed-elsewhere": "\(changed.count - inside)",
    ]
    if let scan {
      facts["changed-scan"] = "\(changed.count { scan.run(of: $0) != nil })"
    }
    return facts
  }

  /// What the slow disk holds in the end.
  ///
  /// - `sectors-old`, `sectors-new`: as at first; as the crashed kernel wrote
  /// - `sectors-hog`: content of the capture kernel's memory
  /// - `sectors-zero`, `sectors-other`: anything else
  /// - `sectors-arrived`: those that were under way and are new
  public func facts(ofDisk bytes: [UInt8]) -> [String: String] {
    let perBlock = UInt64(Stamp.blockSize / Stamp.sectorSize)
    let blocks = Set(transfers.transfers.map(\.block))
    var counts = [
      "sectors-old": 0, "sectors-new": 0, "sectors-hog": 0, "sectors-zero": 0,
      "sectors-other": 0, "sectors-arrived": 0,
    ]
    for sector in 0..<bytes.count / Stamp.sectorSize {
      let start = sector * Stamp.sectorSize
      let content = SectorContent(
        bytes[start..<start + Stamp.sectorSize],
        sector: sector
      )
      let name =
        switch content {
        case .stamp(.onDisk): "sectors-old"
        case .stamp(.beingWritten): "sectors-new"
        case .hog: "sectors-hog"
        case .zero: "sectors-zero"
        case .stamp(.inBuffer), .other: "sectors-other"
        }
      counts[name, default: 0] += 1
      if content == .stamp(.beingWritten),
        blocks.contains(UInt64(sector) / perBlock)
      {
        counts["sectors-arrived", default: 0] += 1
      }
    }
    return counts.mapValues { "\($0)" }
  }
}
