// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Testing

@testable import CaptureReport

/// A folder such as /var/crash, which goes with the last of its owners.
final class CaptureFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "oldmem-captures-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, and says when that was: in minutes since the first of all.
  func write(_ name: String, _ bytes: [UInt8], minute: Int = 0) throws {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: file)
    try FileManager.default.setAttributes(
      [
        .modificationDate: Date(
          timeIntervalSince1970: Double(1_796_000_000 + minute * 60)
        )
      ],
      ofItemAtPath: file.path
    )
  }

  func write(_ name: String, _ text: String, minute: Int = 0) throws {
    try write(name, Array(text.utf8), minute: minute)
  }

  /// A dump of 32 frames that exist, of which 8 are in it, built by the format's
  /// description.
  ///
  /// It ends with the last of its pages.
  ///
  /// - Parameters:
  ///   - pages: how many are described; the other descriptions are zeroes.
  ///   - order: which page lies where, by rank; a dump that has pages twice,
  ///     as of zeroes, is shorter.
  static func dump(
    status: UInt32 = 1,
    pages: Int = 8,
    order: [Int] = Array(0..<8)
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096 * 6)
    func put(_ value: UInt64, at offset: Int, size: Int) {
      for index in 0..<size {
        bytes[offset + index] = UInt8(
          truncatingIfNeeded: value >> UInt64(8 * index)
        )
      }
    }
    func put(_ text: String, at offset: Int) {
      bytes.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put("KDUMP   ", at: 0)
    put("Linux", at: 12)
    put("server", at: 77)
    put("6.12.9-test", at: 142)
    put(UInt64(status), at: 424, size: 4)
    put(4096, at: 428, size: 4)
    put(1, at: 432, size: 4)
    put(2, at: 436, size: 4)
    put(31, at: 4096 + 8, size: 4)
    put(32, at: 4096 + 96, size: 8)
    let info = "OSRELEASE=6.12.9-test\nCRASHTIME=1796000000\n"
    put(4096 + 512, at: 4096 + 32, size: 8)
    put(UInt64(info.utf8.count), at: 4096 + 40, size: 8)
    put(info, at: 4096 + 512)
    put(0xffff_ffff, at: 8192, size: 4)
    put(0xff, at: 12288, size: 4)
    for page in 0..<pages {
      let place = 16384 + 24 * page
      put(UInt64(4096 * 5 + 512 * order[page]), at: place, size: 8)
      put(512, at: place + 8, size: 4)
      put(1, at: place + 12, size: 4)
    }
    return Array(bytes[..<(4096 * 5 + 512 * ((order.max() ?? 0) + 1))])
  }

  /// The same as makedumpfile -F would send it: pieces in any order, the header
  /// twice.
  static func flattened(_ dump: [UInt8], isWhole: Bool = true) -> [UInt8] {
    func words(_ place: Int, _ count: Int) -> [UInt8] {
      [place, count].flatMap { number in
        (0..<8).reversed().map {
          UInt8(truncatingIfNeeded: number >> (8 * $0))
        }
      }
    }
    var bytes = Array("makedumpfile".utf8)
    bytes += [UInt8](repeating: 0, count: 4096 - bytes.count)
    var header = Array(dump[..<4096])
    header[424] = 8
    bytes += words(0, 4096) + header
    bytes += words(8192, dump.count - 8192) + dump[8192...]
    bytes += words(4096, 4096) + dump[4096..<8192]
    bytes += words(0, 4096) + dump[..<4096]
    return isWhole ? bytes + words(-1, -1) : bytes
  }

  static let record = """
    {
      "record": 1, "saved": 1796000090,
      "dump": {"started": 1796000030, "seconds": 60, "status": 0,
               "target": "/var/crash"},
      "kernel": "6.12.9-test", "commandLine": "oldmem.size=64M",
      "lent": {"runs": 1, "frames": 16}, "settings": ["size = 64M"],
      "memory": {"MemTotal": 55068, "MemAvailable": 28900},
      "status": null,
      "events": [{"event": "health", "number": 0, "seconds": 3.1,
                  "from": "healthy", "to": "degraded", "reason": "run"}],
      "samples": [[1.0, 34908, 0],
                  [2.0, 1276, 27904, 0, 13278, 0, 0, 0, 0, 2, 6639],
                  [4.5, 1124, 20000, 1, 27414, 0, 308, 0, 0, 10, 13707]],
      "log": ["[    2.8] oldmem: 256 MiB lent, 2 copies, 3 runs"]
    }
    """
}
