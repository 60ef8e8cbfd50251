// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CCodecs

// The compressed formats that a kernel accepts as an initramfs, told by their
// first bytes as in the kernel's lib/decompress.c.

/// A compressed format.
enum Compression: Int, CaseIterable {
  case gzip
  case zstd
  case xz
  case lzma
  case bzip2
  case lz4

  /// The first bytes of each format; gzip has two.
  private var magics: [[UInt8]] {
    switch self {
    case .gzip: [[0x1f, 0x8b], [0x1f, 0x9e]]
    case .zstd: [[0x28, 0xb5, 0x2f, 0xfd]]
    case .xz: [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]]
    case .lzma: [[0x5d, 0x00, 0x00]]
    case .bzip2: [[0x42, 0x5a, 0x68]]
    case .lz4: [[0x02, 0x21, 0x4c, 0x18]]
    }
  }

  /// The format that `bytes` begin with, or nil for none of them.
  init?(_ bytes: ArraySlice<UInt8>) {
    let known = Self.allCases.first { format in
      format.magics.contains { bytes.starts(with: $0) }
    }
    guard let known else { return nil }
    self = known
  }
}

/// Owns a library's decoder or encoder of one stream.
@safe
struct Codec: ~Copyable {
  /// The bytes are damaged.
  struct Corrupt: Error {}

  /// What one step took and gave, in bytes.
  struct Step {
    let taken: Int
    let given: Int
    let ended: Bool
  }

  private let handle: OpaquePointer

  /// A decoder of one stream.
  init(decoding format: Compression) throws(Corrupt) {
    let kinds = [
      CODEC_GZIP, CODEC_ZSTD, CODEC_XZ, CODEC_LZMA, CODEC_BZIP2, CODEC_LZ4,
    ]
    // SAFETY: allocates; the handle is freed once, in deinit.
    let made = unsafe codec_decoder(Int32(kinds[format.rawValue]))
    guard let made = unsafe made else { throw Corrupt() }
    unsafe handle = made
  }

  /// The encoder of stage two.
  init(encodingWithin dictionary: UInt32) throws(Corrupt) {
    // SAFETY: as above.
    let made = unsafe codec_encoder(dictionary)
    guard let made = unsafe made else { throw Corrupt() }
    unsafe handle = made
  }

  deinit {
    // SAFETY: the handle came from the library and is not used again.
    unsafe codec_free(handle)
  }

  /// Codes from `input` to the beginning of `output`, as far as both reach;
  /// `isLast` ends an encoder's stream.
  mutating func run(
    _ input: Span<UInt8>,
    into output: inout [UInt8],
    isLast: Bool = false
  ) throws(Corrupt) -> Step {
    let step = unsafe input.withUnsafeBufferPointer { from in
      unsafe output.withUnsafeMutableBufferPointer { to in
        // SAFETY: the libraries stay within the counts given and keep neither
        // pointer for later.
        unsafe codec_run(
          handle,
          from.baseAddress,
          from.count,
          to.baseAddress,
          to.count,
          isLast ? 1 : 0
        )
      }
    }
    guard Int(step.result) != CODEC_CORRUPT else { throw Corrupt() }
    return Step(
      taken: step.taken,
      given: step.given,
      ended: Int(step.result) == CODEC_END
    )
  }
}
