// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import MapPicture
import Memory
import MemoryMap
import PageClasses
import Report
import VMCore

/// `oldmem map`: a crashed machine's physical memory as a picture.
struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Draws a core file's physical memory.",
    discussion: """
      Every frame's class, whether it may be lent, and which frames a device of \
      --size would take, by the rules of `oldmem scan`. In colour on a \
      terminal, in letters elsewhere; --html makes a page to look around in. \
      Details: docs/map.md.

      Example: oldmem map --html --output map.html vmcore
      """
  )

  @Flag(help: "Write one HTML page that needs nothing else.")
  var html = false

  @Flag(help: "Write an SVG picture.")
  var svg = false

  @Flag(help: "Hilbert's curve instead of a line for each range of addresses.")
  var hilbert = false

  @Option(help: "Colours: auto, always or never.")
  var color: ColorWhen = .auto

  @Option(help: "Characters of a line. (default: the terminal's, or 80)")
  var columns: Int?

  @Option(help: "Lines of the map. (default: what the terminal has room for)")
  var lines: Int?

  @OptionGroup var target: OutputOptions

  @OptionGroup var options: SearchOptions

  @Argument(help: "An ELF core file, or /proc/vmcore.", completion: .file())
  var vmcore: String

  func validate() throws {
    guard !(html && svg) else {
      throw ValidationError("--html and --svg are two files.")
    }
    if html || svg, hilbert || columns != nil || lines != nil || color != .auto
    {
      throw ValidationError(
        "--hilbert, --color, --columns and --lines are for text."
      )
    }
    guard columns.map({ (24...1000).contains($0) }) ?? true else {
      throw ValidationError("--columns must be from 24 to 1000.")
    }
    guard lines.map({ (4...1000).contains($0) }) ?? true else {
      throw ValidationError("--lines must be from 4 to 1000.")
    }
  }

  func run() throws {
    // Who has closed the pipe is an error like others.
    signal(SIGPIPE, SIG_IGN)
    let isTerminal = target.isTerminal
    if html || svg, isTerminal {
      throw BadInput(
        path: "standard output",
        sentence: "a picture is nothing for a terminal (--output FILE)"
      )
    }
    let sink = try target.file()
    let (map, _) = try Self.map(of: vmcore, options)
    let text: String
    if html {
      text = map.page
    } else if svg {
      text = map.svg
    } else {
      let style = style(isTerminal: isTerminal, around: map.linesAroundText)
      text = map.text(style).joined(separator: "\n") + "\n"
    }
    try sink.write(text)
  }

  /// Scans a core file, each frame once, after what would be lent is known.
  static func map(
    of vmcore: String,
    _ options: SearchOptions
  ) throws -> (PhysicalMap, Tally) {
    let kernel = try CrashedKernel(vmcore)
    let rules = try options.rules(of: kernel)
    var plan = options.plan
    // All that may be lent is shown, whatever of it is wanted.
    var policy = rules.policy
    policy.classes = .all
    let scan: ScannedFrames
    let report: SearchReport
    let progress = Progress(kernel.core.loads)
    do throws(MapError) {
      try plan.search(kernel, rules.policy)
      var frames = ScannedFrames(
        collector: MapCollector(plan.selection),
        progress: progress
      )
      report = try FrameSearch.scan(
        kernel.core,
        kernel.layout,
        policy,
        &frames
      )
      frames.progress.clear()
      scan = frames
    } catch {
      throw BadInput(path: vmcore, sentence: error.sentence)
    }
    let map = PhysicalMap(
      PhysicalMap.Scene(
        file: printable(vmcore),
        release: rules.scene.release ?? "unknown",
        rules: rules.scene.words,
        plan: plan.sentence
      ),
      scan.collector,
      report.tally,
      nodes: FrameSearch.nodes(kernel.core, kernel.layout)
    )
    return (map, report.tally)
  }

  private func style(isTerminal: Bool, around: Int) -> TextStyle {
    let terminal = Terminal()
    let isColored = color.isColored(onTerminal: isTerminal)
    let size = isTerminal ? terminal.size : nil
    var style = TextStyle(
      depth: isColored ? terminal.depth : .letters,
      hasHalfBlocks: terminal.isUTF8,
      columns: columns ?? size?.columns ?? TextStyle.plain.columns,
      lines: lines
        ?? size.map { max(8, $0.lines - around) } ?? TextStyle.plain.lines
    )
    style.isHilbert = hilbert
    return style
  }
}

/// What a scan delivers for a map, with a line on the terminal meanwhile.
private struct ScannedFrames: FrameVisitor {
  var collector: MapCollector
  var progress: Progress

  mutating func visit(_ run: ReusableRun) -> Bool {
    progress.show(run.frames.start)
    return collector.visit(run)
  }

  mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    progress.show(frames.start)
    collector.keep(frames, judgement)
  }

  mutating func startOver() { collector.startOver() }
}
