// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore

/// A source of bytes that are just there.
struct Bytes: ByteSource {
  var bytes: [UInt8]

  var byteCount: UInt64 { UInt64(bytes.count) }

  func read(
    at offset: UInt64,
    into target: inout MutableRawSpan
  ) throws(SourceError) {
    let count = UInt64(target.byteCount)
    guard offset <= byteCount, count <= byteCount - offset else {
      throw .endOfSource(offset: offset, count: target.byteCount)
    }
    for index in 0..<target.byteCount {
      target.storeBytes(
        of: bytes[Int(offset) + index],
        toByteOffset: index,
        as: UInt8.self
      )
    }
  }
}

extension PhysicalMemory where Self: ~Copyable {
  /// `count` bytes from `address` on.
  func bytes(
    _ address: UInt64,
    _ count: Int
  ) throws(MemoryError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xa5, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try read(PhysicalAddress(address), into: &raw)
    return bytes
  }
}
