// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a kernel package says of its modules: modules.dep and
/// modules.builtin, as depmod writes them.
public struct ModuleIndex: Sendable {
  /// A module that a scenario asks for is neither a file nor built in.
  public struct Missing: Error, CustomStringConvertible, Equatable {
    /// The name that was asked for.
    public let name: String

    /// A sentence for people.
    public var description: String {
      "this kernel has no module named \(name), and it is not built in"
    }
  }

  private var paths: [String: String] = [:]
  private var requirements: [String: [String]] = [:]
  private var builtin: Set<String> = []

  /// Reads the text of modules.dep and of modules.builtin.
  public init(dependencies: String, builtin: String) {
    for line in dependencies.split(separator: "\n") {
      let halves = line.split(separator: ":", maxSplits: 1)
      guard let path = halves.first else { continue }
      let name = Self.name(of: String(path))
      paths[name] = String(path)
      // The last one has no requirements of its own.
      requirements[name] =
        halves.count < 2
        ? [] : halves[1].split(separator: " ").reversed().map(String.init)
    }
    self.builtin = Set(
      builtin.split(separator: "\n").map { Self.name(of: String($0)) }
    )
  }

  /// The files to load for `names`, each once, requirements first; what is
  /// built in needs none.
  public func loadOrder(of names: [String]) throws(Missing) -> [String] {
    var order: [String] = []
    for asked in names {
      let name = asked.replacing("-", with: "_")
      guard let path = paths[name] else {
        guard builtin.contains(name) else { throw Missing(name: asked) }
        continue
      }
      for path in (requirements[name] ?? []) + [path]
      where !order.contains(path) {
        order.append(path)
      }
    }
    return order
  }

  /// A module's name by its file: `kernel/net/a-b.ko.xz` is `a_b`.
  public static func name(of path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.split(separator: ".").first ?? ""
    return String(stem).replacing("-", with: "_")
  }
}
