// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// One table of all figures.
extension Figures {
  /// The table, each line without its end: who is measured against whom in one
  /// run, and what came of it.
  public var table: [String] {
    var table = Table([
      ("measured", .left), ("who", .left), ("median", .right),
      ("lowest-highest", .right), ("unit", .left), ("ratio", .right),
      ("goal", .right),
    ])
    for group in groups {
      let members = figures(of: group)
      for (index, figure) in members.enumerated() {
        let spread =
          figure.values.count < 2
          ? ""
          : "\(number(figure.values.min() ?? 0))-"
            + number(figure.values.max() ?? 0)
        let isOurs = figure.subject == Self.ours
        table.add([
          index == 0 ? group : "", figure.subject, number(figure.median),
          spread, figure.unit, isOurs ? ratios(of: figure) : "",
          isOurs ? goalWords(of: group) : "",
        ])
      }
    }
    return table.lines
  }

  /// Goals that were not reached.
  public var missed: [Goal] {
    goals.filter { goal in
      guard let ours = figures(of: goal.group).first(where: isOurs),
        let peer = peer(goal.peer, of: ours)
      else { return true }
      return ours.ratio(to: peer) < goal.ratio
    }
  }

  private func isOurs(_ figure: Figure) -> Bool {
    figure.subject == Self.ours
  }

  /// The peer with that name, or the best one.
  private func peer(_ name: String, of ours: Figure) -> Figure? {
    let peers = figures(of: ours.group).filter { !isOurs($0) }
    guard name == "best" else { return peers.first { $0.subject == name } }
    return peers.min { ours.ratio(to: $0) < ours.ratio(to: $1) }
  }

  /// How many times better ours is than the best peer.
  private func ratios(of ours: Figure) -> String {
    peer("best", of: ours).map { number(ours.ratio(to: $0)) } ?? ""
  }

  private func goalWords(of group: String) -> String {
    goals.filter { $0.group == group }.map { goal in
      let isMissed = missed.contains(goal)
      let name = goal.peer == "best" ? "" : " \(goal.peer)"
      return "\(number(goal.ratio))\(name)\(isMissed ? " MISSED" : "")"
    }.joined(separator: ", ")
  }
}

/// A number with three digits that mean something.
func number(_ value: Double) -> String {
  let size = abs(value)
  if size >= 100 || size == 0 { return "\(Int(value.rounded()))" }
  let digits = size >= 10 ? 1 : 2
  let scale = digits == 1 ? 10.0 : 100.0
  let whole = Int((value * scale).rounded())
  let rest = "\(abs(whole) % Int(scale))"
  return "\(whole / Int(scale))."
    + String(repeating: "0", count: digits - rest.count) + rest
}
