// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Rescue
import SyntheticVMCore

/// A disk with a cache, which remembers what was done to it: what would be on it
/// if it had lost power at any moment.
struct LosingDisk: RescueDisk, ~Copyable {
  /// What outlives the disk's owner.
  final class Platter {
    /// What is on it now.
    private(set) var bytes: [UInt8]
    /// What was written, a sector or a part of one each; nil for a barrier.
    private var history: [(offset: Int, sector: [UInt8])?] = []
    private var first: [UInt8]

    init(size: Int) {
      bytes = [UInt8](repeating: 0, count: size)
      first = bytes
    }

    /// How many moments there are.
    var moments: Int { history.count }

    /// Forgets what was done until now.
    func startOver() {
      first = bytes
      history = []
    }

    func write(_ new: [UInt8], at offset: Int) {
      bytes.replaceSubrange(offset..<offset + new.count, with: new)
      var place = 0
      while place < new.count {
        let end = min(new.count, (offset + place) / 512 * 512 + 512 - offset)
        history.append((offset + place, Array(new[place..<end])))
        place = end
      }
    }

    func synchronize() { history.append(nil) }

    /// What there is once power is back, if it was lost at that moment: of each
    /// sector that was written since the last barrier what was written, or what
    /// was there before.
    func bytes(
      lostAt moment: Int,
      _ random: inout SeededGenerator
    ) -> [UInt8] {
      var bytes = first
      let past = history[..<moment]
      let barrier = past.lastIndex { $0 == nil } ?? 0
      for (index, write) in past.enumerated() {
        guard let write, index < barrier || random.next() & 1 == 0 else {
          continue
        }
        let end = write.offset + write.sector.count
        bytes.replaceSubrange(write.offset..<end, with: write.sector)
      }
      return bytes
    }
  }

  let platter: Platter

  func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    platter.write(bytes.withUnsafeBytes { Array($0) }, at: Int(offset))
    return true
  }

  func read(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool {
    let part = Int(offset)..<Int(offset) + bytes.byteCount
    bytes.withUnsafeMutableBytes {
      $0.copyBytes(from: platter.bytes[part])
    }
    return true
  }

  func forget() {}

  func synchronize() -> Bool {
    platter.synchronize()
    return true
  }
}
