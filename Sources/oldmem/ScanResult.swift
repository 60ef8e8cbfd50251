// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import MemoryMap
import PageClasses

/// What `oldmem scan` says, as JSON and as a table.
struct ScanResult: Codable {
  struct Run: Codable {
    let firstFrame: UInt64
    let frames: UInt64
  }

  struct FreeLists: Codable {
    /// Whether the frames come from the lists; else from the linear scan.
    let used: Bool
    /// What was wrong with the lists first.
    let fault: String?
    let faults: Int
    /// Whether the linear scan finds the very same frames.
    let agreeWithScan: Bool
  }

  private static let largest = 10

  let file: String
  let release: String?
  let dumpLevel: Int
  let framesSeen: UInt64
  let classes: [String: UInt64]
  let vetoes: [String: UInt64]
  let reusableFrames: UInt64
  let reusableBytes: UInt64
  let orders: [FoundFrames.Order]
  let zones: [FoundFrames.Zone]
  let runs: Int
  let largestRuns: [Run]
  let freeLists: FreeLists

  init(
    file: String,
    release: String?,
    dumpLevel: Int,
    search: SearchReport,
    census: SearchReport,
    found: FoundFrames,
    seen: FoundFrames
  ) {
    let runs = found.runs
    self.file = file
    self.release = release
    self.dumpLevel = dumpLevel
    var classes: [String: UInt64] = [:]
    for item in PageClass.allCases { classes["\(item.name)"] = census[item] }
    var vetoes: [String: UInt64] = [:]
    for veto in Veto.allCases { vetoes["\(veto.name)"] = census.vetoes[veto] }
    self.classes = classes
    self.vetoes = vetoes
    framesSeen = census.free + census.other
    reusableFrames = search.frames
    reusableBytes = search.frames * UInt64(Frame.size)
    orders = found.orders.sorted { $0.order > $1.order }
    zones = found.zones.sorted { ($0.node, $0.zone) < ($1.node, $1.zone) }
    self.runs = runs.count
    largestRuns = runs.sorted {
      ($1.count, $0.start.value) < ($0.count, $1.start.value)
    }
    .prefix(Self.largest)
    .map { Run(firstFrame: $0.start.value, frames: $0.count) }
    freeLists = FreeLists(
      used: !search.isLinear,
      fault: search.fault?.sentence,
      faults: search.faults,
      agreeWithScan: runs == seen.runs
    )
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  func table() -> String {
    var lines = [
      "\(file): \(release ?? "unknown release"), dump level \(dumpLevel)",
      "", "frames by class",
    ]
    lines += PageClass.allCases.map {
      row("\($0.name)", classes["\($0.name)"] ?? 0)
    }
    lines += ["", "frames not lent, by reason"]
    lines += Veto.allCases.compactMap {
      let frames = vetoes["\($0.name)"] ?? 0
      return frames == 0 ? nil : row("\($0.name)", frames)
    }
    lines += ["", "frames to lend, by order of the free block"]
    lines += orders.map {
      row("order \($0.order)", $0.frames) + "  in \($0.runs) runs"
    }
    if !zones.isEmpty {
      lines += ["", "frames to lend, by zone"]
      lines += zones.map { row("node \($0.node) zone \($0.zone)", $0.frames) }
    }
    lines += ["", "largest of \(runs) runs"]
    lines += largestRuns.map {
      row("frame \($0.firstFrame)", $0.frames)
    }
    lines += ["", row("reusable", reusableFrames)]
    lines += [row("reusable MiB", reusableBytes >> 20)]
    lines += notes()
    return lines.joined(separator: "\n")
  }

  private func notes() -> [String] {
    var lines: [String] = []
    if let fault = freeLists.fault {
      lines.append(
        "\n\(freeLists.faults) faults in the free lists, "
          + "all struct pages were scanned instead; the first: \(fault)"
      )
    }
    if !freeLists.agreeWithScan {
      lines.append("\nthe free lists and the scan find different frames")
    }
    return lines
  }

  private func row(_ name: String, _ frames: UInt64) -> String {
    let number = String(frames)
    let width = max(1, 34 - name.utf8.count - number.utf8.count)
    return "  " + name + String(repeating: " ", count: width) + number
  }
}
