// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import Report

/// The figures that the benchmarks of one run leave in .build/bench/figures,
/// a file each.
enum FiguresFile {
  static let folder = ".build/bench/figures"

  /// Leaves what a benchmark has measured; lines as in Report's Figures.
  static func write(_ name: String, _ lines: [String]) throws {
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: "\(folder)/\(name)",
      atomically: true,
      encoding: .utf8
    )
  }

  /// A line of a figure: values in `unit`, one a round.
  static func line(
    _ group: String,
    _ subject: String,
    _ unit: String,
    more: Bool,
    _ values: [Double]
  ) -> String {
    let numbers = values.map { String(format: "%.6g", $0) }
    return [
      "figure", group, subject, unit, more ? "more" : "less",
      numbers.joined(separator: " "),
    ].joined(separator: "\t")
  }

  /// A line of a goal: so many times better than the peer.
  static func goal(_ group: String, _ ratio: Double, _ peer: String) -> String {
    "goal\t\(group)\t\(ratio)\t\(peer)"
  }

  /// All of them.
  static func all() throws -> Figures {
    var figures = Figures()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    for name in names.sorted() {
      let path = "\(folder)/\(name)"
      do throws(Figures.Malformed) {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try figures.add(text)
      } catch { throw BenchError("\(path): \(error)") }
    }
    return figures
  }
}

/// One table of all that was measured, and pictures of it.
enum BenchReport {
  /// Prints the table; with `plots`, a folder, draws a picture for each file of
  /// figures.
  static func run(plots: String?) throws {
    let figures = try FiguresFile.all()
    guard !figures.figures.isEmpty else {
      throw BenchError("nothing was measured: `make bench` does")
    }
    print(figures.table.joined(separator: "\n"))
    for machine in figures.machines { print("\n\(machine)") }
    guard let plots else { return }
    try FileManager.default.createDirectory(
      atPath: plots,
      withIntermediateDirectories: true
    )
    let names = try FileManager.default.contentsOfDirectory(
      atPath: FiguresFile.folder
    )
    for name in names.sorted() {
      var part = Figures()
      try part.add(
        String(contentsOfFile: "\(FiguresFile.folder)/\(name)", encoding: .utf8)
      )
      guard !part.groups.isEmpty else { continue }
      let chart = BarChart(title: name, part, groups: part.groups)
      try chart.svg.write(
        toFile: "\(plots)/\(name).svg",
        atomically: true,
        encoding: .utf8
      )
    }
  }
}
