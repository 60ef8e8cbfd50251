// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CStageTwo

/// SHA-256: what nobody can make other bytes for.
///
/// `sha256sum` judges it.
public struct Digest: Equatable, Sendable {
  /// How many bytes it has.
  public static let size = 32

  /// Its bytes.
  public var bytes: InlineArray<32, UInt8>

  /// Takes a digest that stands somewhere.
  public init(bytes: InlineArray<32, UInt8>) { self.bytes = bytes }

  /// The digest of these bytes.
  public init(of content: Span<UInt8>) {
    var digest = InlineArray<32, UInt8>(repeating: 0)
    var room = digest.mutableSpan
    unsafe content.withUnsafeBufferPointer { from in
      unsafe room.withUnsafeMutableBufferPointer { to in
        // SAFETY: as many bytes are read as there are, and 32 are written,
        // which is what there is room for.
        unsafe stage_digest(from.baseAddress, from.count, to.baseAddress)
      }
    }
    bytes = digest
  }

  /// Whether both are the same.
  public static func == (a: Self, b: Self) -> Bool {
    for index in 0..<size where a.bytes[index] != b.bytes[index] {
      return false
    }
    return true
  }
}
