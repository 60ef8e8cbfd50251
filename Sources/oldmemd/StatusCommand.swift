// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Status

/// `oldmemd status`: asks the oldmemd that is running how it does.
enum StatusCommand {
  private enum Format {
    case table
    case json
    case prometheus
    case events
  }

  static func run(_ arguments: [Path]) -> Never {
    var format = Format.table
    var name = StatusSocket.name
    var rest = arguments[...]
    while let option = rest.popFirst() {
      switch option {
      case _ where option.equals("--json"): format = .json
      case _ where option.equals("--prometheus"): format = .prometheus
      case _ where option.equals("--events"): format = .events
      case _ where option.equals("--socket"):
        guard let value = rest.popFirst() else {
          Usage.fail("\(option) needs a value")
        }
        name = value
      default: Usage.fail("no option \"\(option)\"")
      }
    }
    do throws(StatusError) {
      let status = try Status.ask(name: name)
      let sink = { (line: Line) in Console.write(line, to: .output) }
      switch format {
      case .table: status.writeTable(to: sink)
      case .json: status.writeJSON(to: sink)
      case .prometheus: status.writePrometheus(to: sink)
      case .events: status.writeEvents(to: sink)
      }
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }
}
