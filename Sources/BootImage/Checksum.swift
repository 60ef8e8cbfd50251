// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CStageTwo

/// XXH64 with seed 0, of bytes that come in pieces.
///
/// `xxhsum -H64` judges it.
public struct Checksum {
  private var state = stage_hash_start()

  /// Starts with no bytes.
  public init() {}

  /// Takes the next bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      // SAFETY: the state is as large as XXH64_state_t (asserted in C), and
      // the buffer's bytes are only read, within its count.
      unsafe stage_hash_update(&state, buffer.baseAddress, buffer.count)
    }
  }

  /// The checksum of all bytes so far.
  public var value: UInt64 {
    var copy = state
    // SAFETY: the state is only read.
    return unsafe stage_hash_finish(&copy)
  }

  /// The checksum of these bytes alone.
  public static func of(_ bytes: Span<UInt8>) -> UInt64 {
    var checksum = Checksum()
    checksum.update(bytes)
    return checksum.value
  }
}
