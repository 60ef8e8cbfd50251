// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CPageCodecs
internal import Memory
internal import Rescue

/// Compresses pages one by one; owns a library's memory for that.
@safe
struct PageCodec: ~Copyable {
  private let handle: OpaquePointer?

  /// nil where there is no memory for it.
  init?(_ compression: KdumpHeader.Compression) {
    switch compression {
    case .none:
      unsafe handle = nil
      return
    case .zlib:
      // SAFETY: allocates; freed once, in deinit.
      unsafe handle = page_codec_new(Int32(PAGE_ZLIB), 1)
    case .zstd:
      // SAFETY: as above.
      unsafe handle = page_codec_new(Int32(PAGE_ZSTD), -1)
    }
    guard unsafe handle != nil else { return nil }
  }

  deinit {
    // SAFETY: made in init, and nobody else's.
    if let handle = unsafe handle { unsafe page_codec_free(handle) }
  }

  /// Compresses the page into `packed`; how long it is then, 0 where it gets
  /// no shorter than `packed` has room for.
  func pack(_ page: RawSpan, into packed: inout MutableRawSpan) -> Int {
    guard let handle = unsafe handle else { return 0 }
    precondition(page.byteCount == Frame.size)
    return unsafe packed.withUnsafeMutableBytes { target in
      unsafe page.withUnsafeBytes { source in
        // SAFETY: a page is read, and no more written than there is room for.
        unsafe page_codec_pack(
          handle,
          source.baseAddress,
          target.baseAddress,
          target.count
        )
      }
    }
  }

  /// Whether all bytes of a page are zero.
  static func isZero(_ page: RawSpan) -> Bool {
    precondition(page.byteCount == Frame.size)
    return unsafe page.withUnsafeBytes { bytes in
      // SAFETY: a page is read.
      unsafe page_is_zero(bytes.baseAddress) != 0
    }
  }
}
