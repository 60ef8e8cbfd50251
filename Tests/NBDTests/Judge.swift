// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import NBDCases
import TestPrograms
import Testing

/// The repository's folder.
let root = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../..").standardizedFileURL

extension NBDDaemon {
  /// The daemon that `make daemon` has left.
  static func start(
    size: UInt64 = 64 << 20,
    copies: Int = 2,
    _ options: [String] = []
  ) throws -> NBDDaemon {
    let program = root.appending(path: "build/bin/oldmemd")
    try #require(
      FileManager.default.isExecutableFile(atPath: program.path),
      "\(program.path) is not there: run `make daemon` first"
    )
    return try NBDDaemon(program: program, size: size, copies: copies, options)
  }

  /// The server as a URI.
  var uri: String { "nbd+unix:///?socket=\(path)" }
}

/// Runs a foreign program to its end.
func judge(
  _ arguments: [String],
  in folder: URL? = nil
) throws -> ProgramRun {
  try ProgramRun(arguments, in: folder?.path)
}

/// A folder that is removed with its last owner.
final class Folder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "oldmem-nbd-test-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(
      at: url,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A file of so many MiB, of which every other one is a hole.
  func image(mebibytes: Int) throws -> String {
    let path = url.appending(path: "image").path
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    for number in stride(from: 0, to: mebibytes, by: 2) {
      try file.seek(toOffset: UInt64(number) << 20)
      var state = UInt64(number) &+ 1
      let words = (0..<131_072).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
      }
      try file.write(contentsOf: words.withUnsafeBytes { Data($0) })
    }
    try file.truncate(atOffset: UInt64(mebibytes) << 20)
    return path
  }

  func path(_ name: String) -> String { url.appending(path: name).path }
}
