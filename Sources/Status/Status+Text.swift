// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
public import Health
public import Linux

/// Where lines go, each with its end.
public typealias LineSink = (Line) -> Void

/// A number of seconds, with milliseconds: 12.034.
func seconds(_ nanoseconds: UInt64) -> Line {
  var line = Line()
  line.append(decimal: nanoseconds / 1_000_000_000)
  line.append(byte: 0x2e)
  let rest = nanoseconds / 1_000_000 % 1000
  line.append(byte: 0x30 + UInt8(rest / 100))
  line.append(byte: 0x30 + UInt8(rest / 10 % 10))
  line.append(byte: 0x30 + UInt8(rest % 10))
  return line
}

extension HealthChange {
  /// The change as a line of the kernel's log.
  public func sentence(_ limits: HealthLimits) -> Line {
    var line: Line = "health: "
    line.append(to.name)
    line.append(": ")
    line.append(line: cause(limits))
    line.append(line: "; \(figures.damaged) frames damaged in all")
    line.append(line: ", \(recent) of them within \(limits.window) s")
    line.append(line: ", \(run) side by side; \(figures.lost) reads lost")
    line.append(line: ", \(figures.refused) writes refused")
    line.append(line: ", \(figures.thin) blocks with fewer copies")
    return line
  }

  /// Why, in words.
  func cause(_ limits: HealthLimits) -> Line {
    switch reason {
    case .start: "since the start"
    case .lost: "a block has no good copy"
    case .total: "\(figures.damaged) frames were damaged"
    case .recent: "\(recent) frames were damaged within \(limits.window) s"
    case .run: "\(run) frames side by side were damaged"
    case .thin: "blocks have fewer copies"
    case .full: "a write found no frame"
    case .quiet: "no trouble for so long"
    }
  }

  /// The change as a line of JSON.
  func writeJSON(number: UInt64, to sink: LineSink) {
    var line: Line = "{\"event\":\"health\",\"number\":\(number)"
    line.append(line: ",\"seconds\":\(seconds(time))")
    line.append(line: ",\"from\":\"\(from.name)\",\"to\":\"\(to.name)\"")
    line.append(line: ",\"reason\":\"\(reason.name)\"")
    line.append(line: ",\"damaged\":\(figures.damaged)")
    line.append(line: ",\"recent\":\(recent),\"run\":\(run)")
    line.append(line: ",\"lost\":\(figures.lost)")
    line.append(line: ",\"refused\":\(figures.refused)")
    line.append(line: ",\"thin\":\(figures.thin)}\n")
    sink(line)
  }
}

extension Status {
  /// The changes of state, each as a line of JSON.
  public func writeEvents(to sink: LineSink) {
    let first = changes &- UInt64(changesKept)
    for index in 0..<changesKept {
      latest[index].writeJSON(number: first &+ UInt64(index), to: sink)
    }
  }

  /// What people read.
  public func writeTable(to sink: LineSink) {
    row("health", "\(state.name) since \(seconds(since)) s: \(cause)", sink)
    row("device", deviceLine, sink)
    row("server", serverLine, sink)
    row(
      "frames",
      """
      \(UInt64(copies) * UInt64(slotsPerShelf)), \(counters.slotsUsed) used, \
      \(counters.quarantined) quarantined
      """,
      sink
    )
    row(
      "damaged",
      """
      \(figures.damaged) in all, \(recent) within \(limits.window) s, \
      \(run) side by side
      """,
      sink
    )
    row(
      "copies",
      """
      \(counters.repaired) repaired, \(counters.relocated) moved, \
      \(figures.thin) blocks with fewer than \(copies)
      """,
      sink
    )
    row(
      "scrubbing",
      "\(counters.scrubbed) frames looked at, \(counters.passes) rounds",
      sink
    )
    row(
      "blocks",
      """
      \(counters.reads) read, \(counters.writes) written, \
      \(counters.zeroes) zeroed, \(counters.discards) discarded
      """,
      sink
    )
    row(
      "errors",
      "\(counters.lost) reads lost, \(counters.refused) writes refused",
      sink
    )
    switch action {
    case .none: break
    case .waiting: row("on failing", "a program will be run", sink)
    case .taken: row("on failing", "a program was run", sink)
    }
  }

  private func row(_ name: StaticString, _ text: Line, _ sink: LineSink) {
    var line = Line(stringLiteral: name)
    while line.count < 12 { line.append(byte: 0x20) }
    line.append(line: text)
    line.append("\n")
    sink(line)
  }

  /// Why the state is what it is, by the latest change.
  private var cause: Line {
    guard changesKept > 0 else { return "nothing has happened" }
    return latest[changesKept - 1].cause(limits)
  }

  private var deviceLine: Line {
    let size: Line = "\(UInt64(blocks) >> 8) MiB, \(copies) copies"
    guard let device else { return size }
    let path = device.path
    return "\(path), \(size)"
  }

  private var serverLine: Line {
    let age = now &- min(now, updated)
    var line: Line = "process \(server), heard of \(seconds(age)) s ago"
    if servers > 1 { line.append(line: ", number \(servers)") }
    return line
  }
}
