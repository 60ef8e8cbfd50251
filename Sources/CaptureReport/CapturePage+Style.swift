// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import MapPicture
internal import PageClasses

extension CapturePage {
  /// The page's style sheet, in the map page's colours.
  static var style: String {
    PhysicalMap.pageColors { palette in
      let fills = Paint.all.map { ".p\($0.index){fill:\(palette[$0].css)}" }
      func css(_ paint: Paint) -> String { palette[paint].css }
      return fills.joined() + """

        :root{--good:\(css(Paint(.free, mayBeLent: true)));\
        --bad:\(css(Paint(.hardwarePoison, mayBeLent: false)));\
        --doubt:\(css(Paint(.anonymous, mayBeLent: true)));\
        --swap:\(css(Paint(shelf: 2)));--free:\(css(Paint(.free, mayBeLent: true)));\
        --dumped:\(css(Paint(.dirtyCache, mayBeLent: true)));\
        --out:\(css(Paint(.cache, mayBeLent: false)));\
        --lent:\(css(Paint(shelf: 1)))}
        """
    } + rules
  }

  private static let rules = """

    *{box-sizing:border-box}
    html{background:var(--ground);color:var(--ink);
    font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
    body{margin:0 auto;padding:26px 24px 48px;max-width:1060px}
    h1{font:600 22px/1.35 ui-monospace,"DejaVu Sans Mono",monospace;
    margin:0 0 8px;overflow-wrap:anywhere}
    h2{font-size:17px;font-weight:600;margin:38px 0 10px;
    border-top:1px solid var(--line);padding-top:16px}
    h3{font-size:14px;font-weight:600;margin:20px 0 6px}
    p{margin:6px 0;color:var(--soft);font-size:13.5px}
    header p{margin:0}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));
    gap:12px;margin:22px 0 0}
    .card{background:var(--raised);border-radius:8px;padding:12px 15px 13px;
    border-left:4px solid var(--line)}
    .card.good{border-color:var(--good)}
    .card.bad{border-color:var(--bad)}
    .card.doubt{border-color:var(--doubt)}
    .card dt{color:var(--soft);font-size:12.5px}
    .card dd{margin:1px 0 0;font-size:20px;font-weight:600;line-height:1.3;
    overflow-wrap:anywhere}
    .card dd+dd{font-size:13px;font-weight:400;color:var(--soft);line-height:1.4;
    margin-top:2px}
    dl.cards div{min-width:0}
    pre{background:var(--raised);border-radius:8px;padding:13px 16px;margin:8px 0;
    font:12px/1.55 ui-monospace,"DejaVu Sans Mono",monospace;overflow-x:auto;
    max-height:460px;overflow-y:auto;tab-size:8}
    pre b{font-weight:600;color:var(--bad)}
    pre i{font-style:normal;color:var(--soft)}
    svg{display:block;max-width:100%;height:auto;margin:6px 0}
    svg.wide{width:100%}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:13px;margin:8px 0;
    font-variant-numeric:tabular-nums}
    th{font-weight:400;color:var(--soft);text-align:left;padding:2px 22px 5px 0;
    border-bottom:1px solid var(--line)}
    td{padding:4px 22px 4px 0;vertical-align:top;overflow-wrap:anywhere}
    td.n,th.n{text-align:right;white-space:nowrap}
    code{font:12.5px ui-monospace,"DejaVu Sans Mono",monospace}
    ul{margin:8px 0;padding-left:20px;font-size:13.5px}
    .key{display:inline-block;margin-right:18px;font-size:12.5px;
    color:var(--soft)}
    .key svg{display:inline-block;vertical-align:-2px;margin:0 6px 0 0}
    .c-ink{fill:var(--ink)}.c-soft{fill:var(--soft)}
    .c-grid{stroke:var(--line);stroke-width:1}
    .c-ground{fill:var(--raised)}
    .c-swap{fill:var(--swap);fill-opacity:.28}
    .c-swapline{stroke:var(--swap);stroke-width:2;fill:none}
    .c-freeline{stroke:var(--free);stroke-width:2;fill:none}
    .c-damage{stroke:var(--bad);stroke-width:2;fill:none}
    .c-event{stroke:var(--doubt);stroke-width:1.5;stroke-dasharray:4 3}
    .c-dumped{fill:var(--dumped)}.c-out{fill:var(--out)}.c-lent{fill:var(--lent)}
    .c-good{fill:var(--free)}.c-doubt{fill:var(--doubt)}
    .c-hover{fill:transparent}.c-hover:hover{fill:var(--ink);fill-opacity:.09}
    .ground{fill:var(--ground)}
    footer{margin-top:40px;color:var(--soft);font-size:12.5px}
    @media (max-width:600px){body{padding:14px 12px 30px}h1{font-size:18px}
    .card dd{font-size:17px}td,th{padding-right:12px}}
    @media print{pre{max-height:none}}
    """
}
