// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The superblock that dm-integrity writes at the start of its device
// (struct superblock, drivers/md/dm-integrity.c):
//
//       0  [8]   "integrt" and a zero
//      16  u64   sectors that are left for data

internal import Linux
internal import Memory

/// A device whose reads are checked by the kernel: dm-integrity.
///
/// Journal and bitmap are for what must outlive a crash, so there is neither:
/// mode D writes blocks and their checksums directly.
enum IntegrityDevice {
  /// "integrt" and a zero, as a number.
  private static let magic: UInt64 = 0x0074_7267_6574_6e69

  /// Writes to `lower` what a device named `name` on it needs there, and says
  /// how many sectors that can have.
  ///
  /// Blocks that were never written have no checksum that fits, and cannot be
  /// read.
  static func format(
    _ name: Path,
    on lower: DeviceNumber
  ) throws(DeviceMapperError) -> UInt64 {
    let path = DeviceName.mapped(lower.minor).path
    do throws(Errno) {
      let file = try Descriptor(path, .readWrite)
      let empty = [UInt8](repeating: 0, count: Frame.size)
      // SAFETY: bytes have no padding that could leak.
      try file.write(unsafe empty.span.bytes, at: 0)
      try file.synchronize()
    } catch { throw .table(name, error) }
    // It writes its superblock when it is made, whatever length it is given,
    // and says there what length it can have.
    _ = try MappedDevice(table(name, lower, sectors: 8))
    MappedDevice.remove(name)
    do throws(Errno) {
      var superblock = [UInt8](repeating: 0, count: 512)
      let file = try Descriptor(path, .read)
      var span = superblock.mutableSpan
      // SAFETY: bytes have no padding, and every pattern is a valid one.
      var raw = unsafe span.mutableBytes
      guard file.fill(&raw, at: 0) else { throw Errno.inputOutput }
      let reader = ByteReader(raw.bytes)
      guard (try? reader.u64(at: 0)) == magic,
        let sectors = try? reader.u64(at: 16)
      else { throw Errno.inputOutput }
      return sectors / 8 * 8
    } catch { throw .table(name, error) }
  }

  /// A table for a device of so many sectors.
  static func table(
    _ name: Path,
    _ lower: DeviceNumber,
    sectors: UInt64
  ) -> DeviceTable {
    var table = DeviceTable(of: name)
    table.append(
      "integrity",
      sectors: sectors,
      """
      \(lower.text) 0 - D 4 block_size:4096 internal_hash:crc32c \
      buffer_sectors:8 journal_sectors:8
      """
    )
    return table
  }
}
