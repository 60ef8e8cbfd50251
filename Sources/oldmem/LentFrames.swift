// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import Rescue

/// The list of frames that were lent when a core file was saved, as the
/// package leaves it beside one: `first_frame count class` a line.
struct LentFrames {
  /// How many frames there are, those that two lines have counted twice.
  let count: UInt64

  /// Reads the list beside a core file; nil where there is none.
  init?(besideCore path: String) {
    guard
      let text = try? String(
        contentsOfFile: Self.path(beside: path),
        encoding: .utf8
      )
    else {
      return nil
    }
    count = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .reduce(0) { total, line in
        let words = line.split(separator: " ")
        return total &+ (words.count > 1 ? UInt64(words[1]) ?? 0 : 0)
      }
  }

  /// Where the list is that belongs to a core file.
  static func path(beside core: String) -> String {
    URL(fileURLWithPath: core).deletingLastPathComponent()
      .appendingPathComponent("lent-frames").path
  }
}

/// The runs of such a list, each of which must be sound: a frame that was lent
/// and is taken for the crashed kernel's is worse than no dump.
struct LentRanges {
  /// Where the list is; nil where there is none.
  let path: String?
  let runs: [FrameRange]

  /// How many frames they have.
  var count: UInt64 { runs.reduce(0) { $0 &+ $1.count } }

  /// Reads `file`, or, if none is named, the list beside a core file, if there
  /// is one.
  init(_ file: String?, besideCore core: String) throws(BadInput) {
    let path = file ?? LentFrames.path(beside: core)
    guard file != nil || FileManager.default.fileExists(atPath: path) else {
      self.path = nil
      runs = []
      return
    }
    guard let text = FileManager.default.contents(atPath: path) else {
      throw HostFile.unreadable(path)
    }
    do throws(LentList.Problem) {
      runs = try LentList(Array(text).span).runs
    } catch {
      throw BadInput(
        path: path,
        sentence: """
          line \(error.line) is no `first_frame count class`: what was lent is \
          not known; --lent names another list
          """
      )
    }
    self.path = path
  }
}
