// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Bytes of ordinary memory to read a core file into, kept for as long as
/// they are of use.
@safe public struct ByteBuffer: ~Copyable {
  private let storage: UnsafeMutableRawBufferPointer

  /// Makes `count` bytes, all zero.
  public init(count: Int) {
    // SAFETY: the allocation is `count` bytes, and all are initialized here.
    unsafe storage = .allocate(byteCount: count, alignment: 16)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    // SAFETY: allocated in init, owned by nobody else, bytes need no deinit.
    unsafe storage.deallocate()
  }

  /// How many bytes there are.
  public var count: Int {
    // SAFETY: reads the length, not the memory.
    unsafe storage.count
  }

  /// The bytes, to be decoded.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      // SAFETY: the memory lives as long as self, which the span borrows.
      let span = unsafe RawSpan(_unsafeBytes: storage)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The bytes, to be filled.
  public var mutableBytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      // SAFETY: the memory lives as long as self, to which the span has
      // exclusive access.
      let span = unsafe MutableRawSpan(_unsafeBytes: storage)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// A copy of the bytes.
  func array() -> [UInt8] {
    // SAFETY: the memory is initialized and lives as long as self.
    unsafe [UInt8](storage)
  }
}
