// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import DumpWriter
import Foundation
import Memory
import PageClasses
import Rescue

/// What a dump has and what not, in words.
struct DumpReport {
  private let all: UInt64
  private let level: UInt8
  private let classes: [(name: String, frames: UInt64)]
  private let lent: LentRanges
  private let lentAndWanted: UInt64

  init(_ plan: DumpPlan, _ lent: LentRanges, lentAndWanted: UInt64) {
    all = plan.present.population
    level = plan.level.value
    classes = PageClass.allCases.compactMap { pageClass in
      let frames = plan[pageClass]
      return frames > 0 ? ("\(pageClass.name)", frames) : nil
    }
    self.lent = lent
    self.lentAndWanted = lentAndWanted
  }

  func text(
    _ result: DumpJob<HostFile>.Result,
    _ output: String,
    seconds: Double
  ) -> String {
    let name = output == "-" ? "standard output" : output
    let rate = Self.size(
      Double(result.frames << Frame.shift) / max(seconds, 1e-9)
    )
    var lines = [
      "\(name): \(Self.size(result.bytes)) for \(Self.frames(result.frames)), "
        + "\(result.zeroes >> 8) MiB of them zero, in "
        + "\(String(format: "%.2f", seconds)) s (\(rate)/s)"
    ]
    if !classes.isEmpty {
      let list = classes.map { "\($0.name) \(Self.frames($0.frames))" }
      lines.append(
        "left out at level \(level): " + list.joined(separator: ", ")
      )
    }
    if let path = lent.path {
      lines.append(
        "left out because oldmem lent them (\(path)): "
          + "\(Self.frames(lent.count)), of which the level would have "
          + "dumped \(lentAndWanted)"
      )
    }
    if let cut = result.cut {
      lines.append(
        "left out because of the budget: \(Self.frames(result.left)); "
          + "\(cut.name) is not all there, nor what comes after it"
      )
    }
    if result.unreadable > 0 {
      lines.append(
        "\(result.unreadable) frames could not be read, and are zero"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func frames(_ count: UInt64) -> String {
    "\(size(count << Frame.shift)) in \(count) frames"
  }

  private static func size(_ bytes: some BinaryInteger) -> String {
    size(Double(bytes))
  }

  private static func size(_ bytes: Double) -> String {
    String(format: "%.1f MiB", bytes / 1_048_576)
  }
}

/// A line on the terminal while a dump is written.
final class DumpProgress: Sendable {
  private let all: UInt64
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now

  init(_ all: UInt64) { self.all = max(1, all) }

  /// Shows how far it is, how fast, and how long it will take.
  func show(_ frames: UInt64) {
    guard isTerminal, frames > 0 else { return }
    let elapsed = start.duration(to: .now).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    let rate = Double(frames) / max(seconds, 1e-3)
    let left = Double(all - min(all, frames)) / rate
    write(
      String(
        format: "\rdumping: %3d %%  %.0f MiB/s  %.0f s left \u{1b}[K",
        Int(min(all, frames) * 100 / all),
        rate / 256,
        left.rounded(.up)
      )
    )
  }

  /// Takes the line away.
  func clear() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
