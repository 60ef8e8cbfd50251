// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import PageClasses
internal import Report

// The page: one file. Its script and its style are named by their digests in
// a Content-Security-Policy that allows nothing else, no network in
// particular; what it is of is JSON in a block that is never executed.

extension PhysicalMap {
  /// One HTML page in which people can look around.
  public var page: String {
    let style = Self.style
    let script = MapScript.text
    let title = "\(scene.release), \(sizeText(frames)) of memory"
    let rules = scene.rules.map {
      "<div><dt>\(Markup.escaped($0.key))</dt><dd>\(Markup.escaped($0.value))</dd></div>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      script-src '\(Markup.digest(script))'; style-src '\(Markup.digest(style))'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Markup.escaped(title))</title>
      <style>\(style)</style>
      </head>
      <body>
      <header>
      <h1>\(Markup.escaped(title))</h1>
      <dl><div><dt>file</dt><dd>\(Markup.escaped(scene.file))</dd></div>\
      \(rules.joined())</dl>
      <p>\(Markup.escaped(scene.plan)).</p>
      </header>
      <main>
      <section id="stage" aria-label="The map">
      <div id="bar">
      <button id="in" title="Closer (+)" aria-label="Closer">+</button>
      <button id="out" title="Farther (-)" aria-label="Farther">&minus;</button>
      <button id="all" title="All of it (0)">All</button>
      <form id="go"><input id="where" size="14" spellcheck="false" \
      autocomplete="off" placeholder="0x address, pfn" \
      aria-label="Address, or frame number, to go to"><button>Go</button></form>
      <output id="scale"></output>
      </div>
      <canvas id="map" tabindex="0" role="img" \
      aria-label="Physical memory along Hilbert&#39;s curve"></canvas>
      <canvas id="axis" role="img" aria-label="Addresses, from low to high">\
      </canvas>
      <p id="help">Wheel, pinch, + and &minus; zoom; drag moves; arrow keys walk; \
      0 shows all. What lies close together in memory does so here: the line \
      of addresses begins at the top left and ends at the top right.</p>
      </section>
      <aside aria-label="Legend">
      <table><thead><tr><th></th><th>shown as</th><th>size</th>\
      <th>may be lent</th></tr></thead>
      <tbody id="legend">
      \(legendRows)
      </tbody></table>
      <p>Where some of a class may be lent, muted is what is kept. Press a line \
      to see it alone.</p>
      \(grain > 1 ? """
        <p>Memory is so mixed that runs of fewer than \(grain) frames are \
        summed up; the sizes here are exact.</p>
        """ : "")
      </aside>
      </main>
      <div id="tip" role="status" aria-live="polite" hidden></div>
      <noscript><p>The map needs JavaScript; the legend does not.</p></noscript>
      <script type="application/json" id="data">\(json)</script>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  private var legendRows: String {
    legend.map { entry in
      let swatches = entry.paints.map { "<i class=\"p\($0.index)\"></i>" }
      let paints = entry.paints.map { "\($0.index)" }.joined(separator: " ")
      let reusable =
        entry.reusable == 0
        ? "&ndash;" : sizeText(entry.reusable, isAligned: true)
      return "<tr><td>\(swatches.joined())</td><td><button "
        + "aria-pressed=\"false\" data-paints=\"\(paints)\">"
        + "\(Markup.escaped(entry.name))</button></td>"
        + "<td>\(sizeText(entry.frames, isAligned: true))</td><td>\(reusable)</td></tr>"
    }.joined(separator: "\n")
  }
}
