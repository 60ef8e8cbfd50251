// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import PageClasses

/// The makedumpfile whose judgement counts, with its version in words.
struct InstalledCollector {
  let collector: Collector
  /// Its version; nil where nobody knows it.
  let text: String?

  static let unknown = InstalledCollector(collector: .unknown, text: nil)

  /// The version that a person gave.
  static func parse(_ text: String) -> InstalledCollector? {
    guard let version = Collector.Version(Array(text.utf8).span) else {
      return nil
    }
    return InstalledCollector(
      collector: Collector(version: version),
      text: text
    )
  }

  /// What a person gave: a version, or `unknown`.
  static func named(_ text: String) -> InstalledCollector? {
    text == "unknown" ? .unknown : parse(text)
  }

  /// What the program says of itself, or that nobody knows.
  ///
  /// - Parameter program: its path, or its name for the one on the path.
  static func installed(
    _ program: String = "makedumpfile"
  ) -> InstalledCollector {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program, "-v"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return .unknown }
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // makedumpfile: version 1.7.2 (released on 16 Nov 2022)
    let words = String(decoding: bytes, as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    guard let index = words.firstIndex(of: "version"),
      index + 1 < words.endIndex
    else { return .unknown }
    return parse(String(words[index + 1])) ?? .unknown
  }
}
