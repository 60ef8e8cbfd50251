// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension PhysicalMap {
  /// The page's style sheet.
  static var style: String {
    """
    \(pageColors(swatches))
    \(rules)
    """
  }

  /// What pages are drawn in, in the light and in the dark, and what else hangs
  /// on the palette.
  package static func pageColors(_ more: (Palette) -> String) -> String {
    """
    :root{--ground:\(Palette.light.background.css);--ink:#1c2126;\
    --soft:#5a636d;--line:#d5dade;--raised:#f4f6f8;--focus:#0062c4}
    \(more(.light))
    @media (prefers-color-scheme:dark){
    :root{--ground:\(Palette.dark.background.css);--ink:#e8ebee;\
    --soft:#9aa4ae;--line:#343b42;--raised:#1e2327;--focus:#6cb2ff}
    \(more(.dark))
    }
    """
  }

  private static func swatches(_ palette: Palette) -> String {
    Paint.all.map { ".p\($0.index){background:\(palette[$0].css)}" }.joined()
  }

  private static let rules = """
    *{box-sizing:border-box}
    html{background:var(--ground);color:var(--ink);
    font:15px/1.45 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
    body{margin:0 auto;padding:18px 24px;max-width:1500px}
    h1{font-size:21px;font-weight:600;margin:0 0 6px;overflow-wrap:anywhere}
    dl{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;color:var(--soft);
    font-size:13px}
    dl div{display:flex;gap:6px;min-width:0}
    dt{white-space:nowrap}
    dd{margin:0;color:var(--ink);overflow-wrap:anywhere;min-width:0}
    p{margin:8px 0;color:var(--soft);font-size:13px}
    header p{margin:4px 0 14px}
    main{display:flex;gap:24px;align-items:flex-start}
    #stage{flex:1 1 auto;min-width:0}
    aside{flex:0 0 auto;width:372px}
    #bar{display:flex;flex-wrap:wrap;gap:6px;align-items:center;
    margin-bottom:8px}
    #go{display:flex;gap:6px}
    button,input{font:inherit;font-size:13px;color:var(--ink);
    background:var(--raised);border:1px solid var(--line);border-radius:5px;
    padding:3px 10px;min-height:28px}
    button{cursor:pointer}
    button:hover{border-color:var(--soft)}
    input{font-family:ui-monospace,"DejaVu Sans Mono",monospace}
    :focus-visible{outline:2px solid var(--focus);outline-offset:1px}
    #scale{color:var(--soft);font-size:13px;margin-left:auto;
    font-variant-numeric:tabular-nums}
    canvas{display:block;width:100%;touch-action:none}
    #map{cursor:crosshair;border-radius:4px;background:var(--raised)}
    #map.drags{cursor:grabbing}
    #axis{height:46px;margin-top:10px;cursor:crosshair}
    table{border-collapse:collapse;width:100%;font-size:13px;
    font-variant-numeric:tabular-nums}
    th{font-weight:400;color:var(--soft);text-align:right;padding:0 0 6px 10px;
    white-space:nowrap}
    th:nth-child(2),td:nth-child(2){text-align:left}
    td{padding:1px 0 1px 10px;text-align:right;white-space:nowrap}
    td:first-child,th:first-child{padding-left:0;text-align:left}
    td i{display:inline-block;width:15px;height:15px;vertical-align:-3px}
    td i:first-child{border-radius:3px 0 0 3px}
    td i:last-child{border-radius:0 3px 3px 0}
    td i:only-child{border-radius:3px;width:30px}
    td button{border-color:transparent;background:none;padding:2px 6px;
    margin-left:-6px;text-align:left;white-space:normal}
    td button[aria-pressed=true]{background:var(--raised);
    border-color:var(--soft);font-weight:600}
    #tip{position:fixed;z-index:2;max-width:min(370px,92vw);
    pointer-events:none;background:var(--ground);color:var(--ink);
    border:1px solid var(--soft);border-radius:6px;padding:8px 11px;
    font-size:13px;box-shadow:0 4px 16px #0004}
    #tip b{font-weight:600}
    #tip code{font:12px ui-monospace,"DejaVu Sans Mono",monospace}
    #tip div{margin-top:2px}
    #tip span{color:var(--soft)}
    #tip i{display:inline-block;width:11px;height:11px;border-radius:2px;
    margin-right:6px;vertical-align:-1px}
    @media (max-width:1000px){body{padding:12px}
    main{flex-direction:column}
    #stage,aside{width:100%}}
    @media (max-width:480px){th:nth-child(4){white-space:normal}
    td{padding-left:6px}#scale{width:100%;margin:0}}
    """
}
