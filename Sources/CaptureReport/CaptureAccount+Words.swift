// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import MapPicture
internal import PageClasses
internal import Report

/// What is said of a capture at first sight.
struct Card {
  /// How one feels about it.
  enum Mood: String { case plain, good, doubt, bad }

  let title: String
  let text: String
  let more: String
  let mood: Mood
}

extension CaptureAccount {
  /// Whose crash it was, and when.
  var scene: [String] {
    // Of a machine that was never given a name the kernel says this.
    let host = dump?.host.flatMap { $0 == "(none)" ? nil : $0 }
    return [release, host, date].compactMap { $0 }
  }

  var cards: [Card] {
    [dumpCard, lentCard, swapCard, healthCard, timeCard, memoryCard]
      .compactMap { $0 }
  }

  private var dumpCard: Card {
    guard let dump else {
      return Card(title: "Dump", text: "none", more: "", mood: .bad)
    }
    var more = dump.problem.map { [$0] } ?? []
    if isMarked { more.append("may have lent frames in it") }
    more.append(bytesText(dump.bytes))
    if let level = dump.level { more.append("level \(level)") }
    let (text, mood): (String, Card.Mood) =
      switch dump.isComplete {
      case true?: ("complete", isMarked ? .doubt : .good)
      case false?: ("incomplete", .bad)
      case nil: ("cannot be judged", .doubt)
      }
    return Card(
      title: "Dump",
      text: text,
      more: more.joined(separator: ", "),
      mood: mood
    )
  }

  private var lentCard: Card? {
    let frames = record?.lent?.frames ?? lentFrames
    if frames == 0 {
      return record.map { record in
        Card(
          title: "Lent",
          text: "nothing",
          more: record.whyNothing ?? "",
          mood: .doubt
        )
      }
    }
    var more = "\(sizeText(frames)) of the crashed kernel's memory"
    if let runs = record?.lent?.runs ?? (lent.isEmpty ? nil : lent.count) {
      more += " in \(runs) " + (runs == 1 ? "run" : "runs")
    }
    guard let device = record?.status?.device else {
      return Card(
        title: "Lent",
        text: sizeText(frames),
        more: more,
        mood: .plain
      )
    }
    let copies = device.copies == 1 ? "1 copy" : "\(device.copies) copies"
    return Card(
      title: "Lent",
      text: sizeText(device.blocks),
      more: "in \(copies): \(more)",
      mood: .plain
    )
  }

  private var swapCard: Card? {
    guard let record, let most = record.mostSwapped else { return nil }
    let least = record.samples.map(\.free).min() ?? 0
    return Card(
      title: "Swap, at most",
      text: bytesText(most.saturating(times: 1024)),
      more: "free memory, at least: "
        + bytesText(least.saturating(times: 1024)),
      mood: .plain
    )
  }

  private var healthCard: Card? {
    guard let record, let state = record.state else { return nil }
    let damaged = record.damaged ?? 0
    let lost = record.lost ?? 0
    let refused = record.refused ?? 0
    let mood: Card.Mood =
      lost > 0 || refused > 0 || state == "failing"
      ? .bad : damaged > 0 || state != "healthy" ? .doubt : .good
    return Card(
      title: "Health",
      text: state,
      more: "\(damaged) frames damaged, \(lost) reads lost, "
        + "\(refused) writes refused",
      mood: mood
    )
  }

  private var timeCard: Card? {
    guard let seconds = record?.dump?.seconds else { return nil }
    let status = record?.dump?.status
    return Card(
      title: "Time",
      text: "\(seconds) s",
      more: "for the dump"
        + (record?.dump?.target.map { ", to \($0)" } ?? ""),
      mood: status == nil || status == 0 ? .plain : .bad
    )
  }

  private var memoryCard: Card? {
    guard !classes.isEmpty else { return nil }
    return Card(
      title: "Memory",
      text: sizeText(classes.reduce(0) { $0 + $1.frames }),
      more: "\(sizeText(classes.reduce(0) { $0 + $1.reusable })) may be lent",
      mood: .plain
    )
  }

  /// Classes, as bars: what may be lent, and what is kept.
  var classBars: [PartsChart.Bar] {
    classes.filter { $0.frames > 0 }.map { item in
      let kind =
        PageClass.allCases.first { "\($0.name)" == item.name }
        .map(PageKind.init) ?? .kernel
      let kept = item.frames - min(item.reusable, item.frames)
      let strong = Paint(kind, mayBeLent: true)
      let muted = Paint(kind, mayBeLent: false)
      return PartsChart.Bar(
        name: item.name,
        parts: [
          (
            "p\(strong.index)", Double(item.reusable),
            "\(item.name): \(sizeText(item.reusable)) may be lent"
          ),
          (
            "p\(muted.index)", Double(kept),
            "\(item.name): \(sizeText(kept)) kept"
          ),
        ],
        text: sizeText(item.frames, isAligned: true)
          + (item.reusable == 0
            ? "" : ", \(sizeText(item.reusable, isAligned: true)) may be lent")
      )
    }
  }

  /// What was lent: class, frames, runs.
  var lentByClass: [(name: String, frames: UInt64, runs: Int)] {
    var list: [(name: String, frames: UInt64, runs: Int)] = []
    for run in lent {
      if let index = list.firstIndex(where: { $0.name == run.pageClass }) {
        list[index].frames = list[index].frames.saturating(plus: run.count)
        list[index].runs += 1
      } else {
        list.append((run.pageClass, run.count, 1))
      }
    }
    return list
  }
}

extension CaptureAccount {
  /// The account as text for people.
  public var text: String {
    var lines = wrapped(headline, to: 80)
    lines += wrapped(scene.joined(separator: ", "), to: 80) + [folder, ""]
    let width = cards.map(\.title.count).max() ?? 0
    for card in cards {
      let gap = String(repeating: " ", count: width + 2 - card.title.count)
      let more = card.more.isEmpty ? "" : "; " + card.more
      lines += wrapped(
        card.title + gap + card.text + more,
        to: 80,
        indent: String(repeating: " ", count: width + 2)
      )
    }
    if let crash, !crash.lines.isEmpty {
      lines += ["", "the last lines of the crashed kernel's log"]
      lines += crash.lines.suffix(40).map { "  " + $0 }
    }
    if !classes.isEmpty { lines += [""] + classTable }
    if let record, !record.log.isEmpty {
      lines += ["", "what oldmem did"]
      lines += record.log.map { "  " + $0 }
    }
    lines += ["", "files"]
    var table = Table([("name", .left), ("size", .right), ("what", .left)])
    for file in files {
      table.add([file.name, bytesText(file.bytes), file.meaning])
    }
    lines += table.lines.dropFirst().map { "  " + $0 }
    if !missing.isEmpty {
      lines += [""] + missing.flatMap { wrapped($0, to: 80) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var classTable: [String] {
    var table = Table([
      ("class", .left), ("size", .right), ("may be lent", .right),
    ])
    for item in classes where item.frames > 0 {
      table.add([
        item.name, sizeText(item.frames, isAligned: true),
        item.reusable == 0 ? "-" : sizeText(item.reusable, isAligned: true),
      ])
    }
    return table.lines
  }
}
