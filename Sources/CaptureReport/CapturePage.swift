// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import MapPicture
internal import Report

// The page: one file without a script. Its styles are named by their digests in a
// Content-Security-Policy that allows nothing else; what comes out of a crashed
// machine is escaped.

/// One HTML page about a capture.
public struct CapturePage: Sendable {
  let account: CaptureAccount

  /// The page of an account.
  public init(_ account: CaptureAccount) { self.account = account }

  /// The page.
  public var html: String {
    let style = Self.style
    var styles = "'\(Markup.digest(style))'"
    if let map = account.map {
      styles += " '\(Markup.digest(map.style))'"
    }
    let sections = [crash, saved, memory, lending, settings, gaps]
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src \(styles)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Markup.escaped(account.headline))</title>
      <style>\(style)</style>
      </head>
      <body>
      <header>
      <h1>\(Markup.escaped(account.headline))</h1>
      <p>\(Markup.escaped((account.scene + [account.folder]).joined(separator: " \u{00b7} ")))</p>
      </header>
      \(cards)\(sections.joined())<footer>oldmem report of \
      \(Markup.escaped(account.folder))</footer>
      </body>
      </html>

      """
  }

  private var cards: String {
    let cards = account.cards.map { card in
      "<div class=\"card \(card.mood.rawValue)\"><dt>\(Markup.escaped(card.title))</dt>"
        + "<dd>\(Markup.escaped(card.text))</dd>"
        + "<dd>\(Markup.escaped(card.more))</dd></div>\n"
    }
    return "<dl class=\"cards\">\n\(cards.joined())</dl>\n"
  }

  private var crash: String {
    guard let crash = account.crash, !crash.lines.isEmpty else { return "" }
    let lines = crash.lines.map { line in
      let text = Markup.escaped(line)
      if CrashLog.isLoud(line) { return "<b>\(text)</b>" }
      guard line.hasPrefix("["), let end = text.range(of: "] ") else {
        return text
      }
      return "<i>\(text[..<end.upperBound])</i>\(text[end.upperBound...])"
    }
    return section(
      "What crashed",
      """
      <p>The last \(crash.lines.count) of \(crash.count) lines of the crashed \
      kernel&#39;s log.</p>
      <pre tabindex="0" aria-label="The kernel's log">\
      \(lines.joined(separator: "\n"))</pre>

      """
    )
  }

  private var saved: String {
    var text = ""
    if let dump = account.dump, let frames = dump.frames {
      let lent = min(account.lentFrames, frames.present - frames.dumped)
      let parts = [
        ("c-dumped", frames.dumped, "in the dump"),
        ("c-out", frames.present - frames.dumped - lent, "left out"),
        ("c-lent", lent, "lent, and left out"),
      ].filter { $0.1 > 0 }
      text += "<p>"
      for (paint, frames, words) in parts {
        text += key(paint, "\(words) \(sizeText(frames))")
      }
      text += "</p>\n"
      if !account.cells.isEmpty {
        text += AddressChart(cells: account.cells).svg
        text += "<p>From the lowest address to the highest.</p>\n"
      }
    }
    text += "<div class=\"scroll\"><table><thead><tr><th>file</th>"
    text += "<th class=\"n\">size</th><th>what it is</th></tr></thead><tbody>\n"
    for file in account.files {
      text += """
        <tr><td><code>\(Markup.escaped(file.name))</code></td>\
        <td class="n">\(bytesText(file.bytes))</td>\
        <td>\(Markup.escaped(file.meaning))</td></tr>

        """
    }
    return section("What was saved", text + "</tbody></table></div>\n")
  }

  private var memory: String {
    guard !account.classes.isEmpty else { return "" }
    var text = PartsChart(
      title: "Memory by class",
      bars: account.classBars
    ).svg
    text += account.rules.map { "<p>\(Markup.escaped($0))</p>\n" }.joined()
    text +=
      "<p>Muted is what is kept: it would be dumped, or somebody may still "
    text += "be using it.</p>\n"
    if let map = account.map {
      text += "<h3>Where it was</h3>\n<div class=\"scroll\">\(map.svg)</div>\n"
    }
    return section("What memory was", text)
  }

  private func section(_ title: String, _ body: String) -> String {
    "<section>\n<h2>\(Markup.escaped(title))</h2>\n\(body)</section>\n"
  }

  private func key(_ paint: String, _ words: String) -> String {
    """
    <span class="key"><svg width="14" height="14"><rect class="\(paint)" \
    width="14" height="14" rx="3"/></svg>\(Markup.escaped(words))</span>
    """
  }

  private var lending: String {
    guard let record = account.record else { return "" }
    var text = ""
    if let words = record.whatWasLent ?? record.whyNothing {
      text += "<p>\(Markup.escaped(words)).</p>\n"
    }
    let samples = record.samples
    if samples.count > 1 {
      let events = record.events.map { event in
        (event.seconds, "\(event.from) to \(event.to): \(event.reason)")
      }
      let chart = TimelineChart(
        title: "Swap in use and free memory over time",
        seconds: samples.map(\.seconds),
        lines: [
          .init(
            name: "in swap",
            line: "c-swapline",
            area: "c-swap",
            values: samples.map { Double($0.swapped) / 1024 }
          ),
          .init(
            name: "free",
            line: "c-freeline",
            area: nil,
            values: samples.map { Double($0.free) / 1024 }
          ),
        ],
        unit: "MiB",
        marks: events
      )
      text += "<h3>The capture kernel&#39;s memory over time, in MiB</h3>\n<p>"
      text += key("c-swap", "in swap, which is the memory that was lent")
      text += key("c-good", "free")
      if !events.isEmpty { text += key("c-doubt", "a change of health") }
      text += "</p>\n" + chart.svg
      text += damage(samples)
    }
    if !account.lent.isEmpty {
      text += "<h3>What was lent</h3>\n<p>"
      text += account.lentByClass.map { name, frames, runs in
        "\(Markup.escaped(name)): \(sizeText(frames)) in \(runs) "
          + (runs == 1 ? "run" : "runs")
      }.joined(separator: "; ")
      text += ".</p>\n"
    }
    if !record.log.isEmpty {
      text += "<h3>What the capture kernel&#39;s log has of it</h3>\n"
      text += "<pre tabindex=\"0\" aria-label=\"The capture kernel's log\">"
      text +=
        record.log.map(Markup.escaped).joined(separator: "\n") + "</pre>\n"
    }
    return section("What oldmem did", text)
  }

  /// Frames that were damaged over time, if any were.
  private func damage(_ samples: [CaptureSample]) -> String {
    let stored = samples.filter { $0.store != nil }
    guard stored.contains(where: { $0.store?.damaged ?? 0 > 0 }) else {
      return ""
    }
    let chart = TimelineChart(
      title: "Frames found damaged",
      seconds: stored.map(\.seconds),
      lines: [
        .init(
          name: "damaged",
          line: "c-damage",
          area: nil,
          values: stored.map { Double($0.store?.damaged ?? 0) }
        )
      ],
      unit: "frames",
      height: 150
    )
    return "<h3>Frames found damaged</h3>\n" + chart.svg
  }

  private var settings: String {
    guard let record = account.record else { return "" }
    var lines = record.settings
    if let words = record.commandLine { lines.append("command line: " + words) }
    guard !lines.isEmpty else { return "" }
    return section(
      "Settings",
      "<pre>\(lines.map(Markup.escaped).joined(separator: "\n"))</pre>\n"
    )
  }

  private var gaps: String {
    guard !account.missing.isEmpty else { return "" }
    let items = account.missing.map { "<li>\(Markup.escaped($0))</li>" }
    return section(
      "What is not here",
      "<ul>\(items.joined(separator: "\n"))</ul>\n"
    )
  }
}
