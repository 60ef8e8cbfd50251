// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Health
public import Linux

// docs/status-json.md has the keys, and Prometheus's "Text format" at
// https://prometheus.io/docs/instrumenting/exposition_formats the other one.

/// What programs read.
extension Status {
  /// One JSON object, a group a line, a counter a line.
  public func writeJSON(to sink: LineSink) {
    sink("{\n  \"version\": 1,\n")
    sink("  \"now\": \(seconds(now)),\n")
    sink(
      """
        "health": {"state": "\(state.name)", "reason": "\(reason.name)", \
      "since": \(seconds(since)), "changes": \(changes)},

      """
    )
    sink(
      """
        "damage": {"total": \(figures.damaged), "recent": \(recent), \
      "run": \(run), "thin": \(figures.thin)},

      """
    )
    sink(
      """
        "limits": {"degraded": \(limit(limits.degraded)), \
      "failing": \(limit(limits.failing)), \
      "window": \(limits.window), "quiet": \(limits.quiet)},

      """
    )
    var line: Line = "  \"device\": {"
    if let device {
      let path = device.path
      let name: Line = "\"path\": \"\(path)\", \"number\": \(device.number), "
      line.append(line: name)
    }
    line.append(line: "\"blocks\": \(blocks), \"copies\": \(copies), ")
    line.append(line: "\"framesPerCopy\": \(slotsPerShelf)},\n")
    sink(line)
    sink(
      """
        "server": {"process": \(server), "count": \(servers), \
      "updated": \(seconds(updated)), "witness": \(witness)},

      """
    )
    sink("  \"counters\": {")
    var index = 0
    while let number = counter(index) {
      sink(index == 0 ? "\n" : ",\n")
      index += 1
      sink("    \"\(number.key)\": \(number.value)")
    }
    sink("\n  },\n")
    let word: StaticString =
      switch action {
      case .none: "none"
      case .waiting: "waiting"
      case .taken: "taken"
      }
    sink("  \"onFailing\": \"\(word)\"\n}\n")
  }

  private func limit(_ limit: HealthLimit) -> Line {
    """
    {"total": \(limit.total), "recent": \(limit.recent), "run": \(limit.run)}
    """
  }

  /// Prometheus's text format.
  public func writePrometheus(to sink: LineSink) {
    head(.gauge, "health_state", "1 for the state that the store is in.", sink)
    for other in [HealthState.healthy, .degraded, .failing] {
      sink(
        """
        oldmem_health_state{state="\(other.name)"} \(other == state ? 1 : 0)

        """
      )
    }
    timed("health_since_seconds", "When that state was entered.", since, sink)
    timed(
      "updated_seconds",
      "When the server was heard of last.",
      updated,
      sink
    )
    timed("now_seconds", "Seconds since the kernel started.", now, sink)
    var index = 0
    while let number = gauge(index) ?? counter(index - Self.gauges) {
      plain(number, sink)
      index += 1
    }
  }

  private func plain(_ number: StatusNumber, _ sink: LineSink) {
    head(number.kind, number.name, number.help, sink)
    sink("oldmem_\(number.name) \(number.value)\n")
  }

  private func timed(
    _ name: StaticString,
    _ help: StaticString,
    _ nanoseconds: UInt64,
    _ sink: LineSink
  ) {
    head(.gauge, name, help, sink)
    sink("oldmem_\(name) \(seconds(nanoseconds))\n")
  }

  private func head(
    _ kind: StatusNumber.Kind,
    _ name: StaticString,
    _ help: StaticString,
    _ sink: LineSink
  ) {
    let type: StaticString = kind == .counter ? "counter" : "gauge"
    sink("# HELP oldmem_\(name) \(help)\n# TYPE oldmem_\(name) \(type)\n")
  }
}
