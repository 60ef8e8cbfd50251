// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a kernel package says of its modules: modules.dep, modules.builtin,
/// modules.softdep and modules.alias, as depmod writes them.
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
  private var wishes: [String: [String]] = [:]
  private var aliases: [String: [String]] = [:]
  private var builtin: Set<String> = []

  /// Reads the texts of the four files.
  public init(
    dependencies: String,
    builtin: String,
    soft: String = "",
    aliases: String = ""
  ) {
    for line in dependencies.split(separator: "\n") {
      let halves = line.split(separator: ":", maxSplits: 1)
      guard let path = halves.first else { continue }
      let name = Self.name(of: String(path))
      paths[name] = String(path)
      // The last one has no requirements of its own.
      requirements[name] =
        halves.count < 2
        ? [] : halves[1].split(separator: " ").reversed().map(Self.name)
    }
    self.builtin = Set(
      builtin.split(separator: "\n").map { Self.name(of: String($0)) }
    )
    // softdep NAME pre: NAME... post: NAME...
    for line in soft.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 3, words[0] == "softdep",
        let start = words.firstIndex(of: "pre:")
      else { continue }
      let before = words[(start + 1)...].prefix { $0 != "post:" }
      wishes[Self.name(of: words[1]), default: []] += before.map(Self.name)
    }
    // alias PATTERN NAME; nearly all of them are patterns of devices.
    for line in aliases.split(separator: "\n")
    where !line.utf8.contains(0x2A) {
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "alias" else { continue }
      self.aliases[Self.name(of: words[1]), default: []]
        .append(Self.name(of: words[2]))
    }
  }

  /// The files to load for `names`, each once, requirements first; what is
  /// built in needs none.
  ///
  /// What a module would like to find, such as the checksum of a file system,
  /// comes before it as far as there is such a module.
  public func loadOrder(of names: [String]) throws(Missing) -> [String] {
    var order: [String] = []
    var seen: Set<String> = []
    for asked in names {
      let name = Self.name(of: asked)
      guard paths[name] != nil || builtin.contains(name) else {
        throw Missing(name: asked)
      }
      visit(name, &order, &seen)
    }
    return order
  }

  private func visit(
    _ name: String,
    _ order: inout [String],
    _ seen: inout Set<String>
  ) {
    guard let path = paths[name], seen.insert(name).inserted else { return }
    for wish in wishes[name] ?? [] {
      for module in paths[wish] == nil ? aliases[wish] ?? [] : [wish] {
        visit(module, &order, &seen)
      }
    }
    for requirement in requirements[name] ?? [] {
      visit(requirement, &order, &seen)
    }
    order.append(path)
  }

  /// A module's name by its file: `kernel/net/a-b.ko.xz` is `a_b`.
  public static func name(of path: some StringProtocol) -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.split(separator: ".").first ?? ""
    return String(stem).replacing("-", with: "_")
  }
}
