// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux
import Memory

/// A file that stands for a device, gone with its owner.
final class Scratch: Sendable {
  private let name: String

  init(_ bytes: [UInt8]) throws {
    name = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: name))
  }

  deinit { try? FileManager.default.removeItem(atPath: name) }

  var path: Path { Path(Array(name.utf8).span) }

  var bytes: [UInt8] {
    get throws { [UInt8](try Data(contentsOf: URL(fileURLWithPath: name))) }
  }

  func truncate(to count: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: name))
    try file.truncate(atOffset: UInt64(count))
  }
}

/// Memory of `frames` frames, each byte of which says where it is.
func memory(frames: Int) -> [UInt8] {
  (0..<frames * Frame.size).map { offset in
    UInt8(truncatingIfNeeded: offset / Frame.size &* 37 &+ offset % 251)
  }
}

/// The runs of frames, as (first, count).
func runs(_ pairs: (UInt64, UInt64)...) -> [FrameRange] {
  pairs.map { FrameRange(start: FrameNumber($0.0), count: $0.1) }
}
