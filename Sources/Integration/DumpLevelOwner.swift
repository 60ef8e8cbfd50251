// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The level by which memory may be lent, and why it is no higher.
///
/// Whoever writes the dump owns the level: it is read off the words that
/// makedumpfile is called with, and is 0 wherever those leave a doubt.
public struct OwnedLevel: Equatable, Sendable {
  /// 0 to 31, as in makedumpfile's -d; 0 lends nothing.
  public var level: Int
  /// Why nothing is lent; nil where something is.
  public var reason: String?

  static func none(_ reason: String) -> Self { Self(level: 0, reason: reason) }
}

extension OwnedLevel {
  // makedumpfile's own short options, `:` behind those with a value, and its
  // long ones (makedumpfile.c, up to 1.7.9).
  private static let harmless = "cDeFflpvXz"
  /// Long options that change nothing about which pages are written.
  private static let harmlessLong: [String: Bool] = [
    "message-level": true, "num-threads": true, "cyclic-buffer": true,
    "work-dir": true, "splitblock-size": true, "non-mmap": false,
    "show-stats": false, "config": true, "eppic": true,
  ]

  /// The level of `makedumpfile ARGUMENTS /proc/vmcore`, its arguments split
  /// at blanks as the shell splits an unquoted variable.
  public init(makedumpfileArguments text: String) {
    var words = text.split { " \t\n".contains($0) }.map(String.init)[...]
    var level: Int?
    while let word = words.popFirst() {
      if word.hasPrefix("--") {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
        let name = parts.first.map(String.init) ?? ""
        guard let takesValue = Self.harmlessLong[name] else {
          self = .none("makedumpfile is called with \(word)")
          return
        }
        if takesValue, parts.count < 2 { _ = words.popFirst() }
      } else if word.hasPrefix("-"), word.count > 1 {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
          if letter == "E" {
            self = .none(
              "makedumpfile -E writes short runs of pages that it leaves out"
            )
            return
          }
          if Self.harmless.contains(letter) { continue }
          guard "bdLxi".contains(letter) else {
            self = .none("makedumpfile is called with -\(letter)")
            return
          }
          let value = letters.isEmpty ? words.popFirst() : String(letters)
          letters = ""
          guard letter == "d" else { continue }
          guard let found = value.flatMap(Self.common) else {
            self = .none("makedumpfile's -d is not understood")
            return
          }
          level = found
        }
      } else {
        self = .none("makedumpfile is called with \(word)")
        return
      }
    }
    guard let level else {
      self = .none("makedumpfile is called without -d, and dumps everything")
      return
    }
    self =
      level & 16 == 0
      ? .none("makedumpfile dumps free pages at level \(level)")
      : Self(level: level, reason: nil)
  }

  /// The level that is left where an administrator's settings have one too: he
  /// may lower it, bit by bit, and no more.
  ///
  /// - Parameters:
  ///   - settings: the text of a settings file.
  ///   - path: what it is called.
  public func lowered(by settings: String, of path: String) -> OwnedLevel {
    guard reason == nil,
      let word = ImageRecipe.value("dump-level", in: settings)
    else { return self }
    guard let wanted = Int(word), (0...31).contains(wanted) else {
      return .none("\(path): dump-level = \(word) is no level from 0 to 31")
    }
    return level & wanted & 16 == 0
      ? .none("\(path) sets dump-level = \(wanted)")
      : Self(level: level & wanted, reason: nil)
  }

  /// What all levels of a list such as `16,31` leave out: makedumpfile takes
  /// the next one when the disk is full.
  private static func common(_ list: String) -> Int? {
    let levels = list.split(separator: ",", omittingEmptySubsequences: false)
      .map { Int($0) }
    var all = 31
    for level in levels {
      guard let level, (0...31).contains(level) else { return nil }
      all &= level
    }
    return all
  }
}
