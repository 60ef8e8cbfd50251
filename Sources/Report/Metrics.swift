// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Figures in Prometheus's text format, for the textfile collector of
/// node_exporter.
///
///     # HELP oldmem_host_crashkernel_bytes Memory that is reserved.
///     # TYPE oldmem_host_crashkernel_bytes gauge
///     oldmem_host_crashkernel_bytes 79691776
///
/// All are gauges: a host's state, at the moment. The format is that of
/// https://prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4.
public struct Metrics: Sendable {
  /// One value of a figure that has several.
  public struct Sample: Sendable {
    let labels: [(name: String, value: String)]
    let value: UInt64

    /// A value, and what tells it from the others.
    public init(_ value: UInt64, _ labels: (name: String, value: String)...) {
      self.labels = labels
      self.value = value
    }
  }

  /// The lines, each with its end.
  public private(set) var text = ""

  /// No figure yet.
  public init() {}

  /// Adds a figure; none of its lines where it has no value.
  ///
  /// - Parameters:
  ///   - name: of letters, digits and `_`, its unit last.
  ///   - help: a sentence.
  ///   - samples: its values, with different labels.
  public mutating func add(
    _ name: String,
    _ help: String,
    _ samples: [Sample]
  ) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) gauge\n"
    for sample in samples {
      let labels = sample.labels.map {
        "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\""
      }
      text += name
      if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
      text += " \(sample.value)\n"
    }
  }

  /// Adds a figure of one value; nothing where that is not known.
  public mutating func add(_ name: String, _ help: String, _ value: UInt64?) {
    add(name, help, value.map { [Sample($0)] } ?? [])
  }

  /// Adds what is so or not: 1 or 0; nothing where that is not known.
  public mutating func add(_ name: String, _ help: String, _ value: Bool?) {
    add(name, help, value.map { $0 ? 1 : 0 })
  }

  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
