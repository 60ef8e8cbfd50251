// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation

/// The list of frames that were lent when a core file was saved, as the
/// package leaves it beside one: `first_frame count class` a line.
struct LentFrames {
  /// How many frames there are, those that two lines have counted twice.
  let count: UInt64

  /// Reads the list beside a core file; nil where there is none.
  init?(besideCore path: String) {
    let file = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent("lent-frames")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      return nil
    }
    count = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .reduce(0) { total, line in
        let words = line.split(separator: " ")
        return total &+ (words.count > 1 ? UInt64(words[1]) ?? 0 : 0)
      }
  }
}
