// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Rescue

/// A disk that was prepared with the ID of the settings.
///
/// There is no other way to write to one: a disk without a file system may still
/// hold somebody's database.
struct PreparedDisk: RescueDisk, ~Copyable {
  private var file: PlacedFile
  /// What its header says.
  let area: RescueArea
  /// What the kernel said when it last refused something.
  var problem: Errno? { file.problem }

  /// Takes an open disk, or file, if it is prepared with `id` and is as large
  /// as it was then.
  static func open(
    _ file: consuming Descriptor,
    id: RescueID
  ) throws(RescueError) -> PreparedDisk {
    let area = try Self.area(of: file)
    guard area.id == id else { throw .area(.otherID) }
    // A file has no size of a device's: that is for people who try it.
    let size = (try? file.deviceByteCount()) ?? (try? file.byteCount())
    guard size == area.size else { throw .area(.otherSize) }
    return PreparedDisk(file, area)
  }

  private init(_ file: consuming Descriptor, _ area: RescueArea) {
    self.file = PlacedFile(file)
    self.area = area
  }

  private static func area(
    of file: borrowing Descriptor
  ) throws(RescueError) -> RescueArea {
    var head = [UInt8](repeating: 0, count: RescueArea.headSize)
    var span = head.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    guard file.fill(&raw, at: 0) else { throw .area(.notPrepared) }
    do throws(RescueAreaError) { return try RescueArea(head.span) } catch {
      throw .area(error)
    }
  }

  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    file.write(bytes, at: offset)
  }

  mutating func read(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool {
    file.read(&bytes, at: offset)
  }

  mutating func synchronize() -> Bool { file.barrier() }

  mutating func forget() { file.forget() }
}
