// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// Memory that the kernel mapped for us, unmapped when its owner is gone.
@safe
public struct Mapping: ~Copyable, @unchecked Sendable {
  /// The first byte; valid for `byteCount` bytes while the owner lives.
  @unsafe public let base: UnsafeMutableRawPointer
  /// The mapping's length in bytes.
  public let byteCount: Int

  @unsafe
  init(base: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe self.base = base
    self.byteCount = byteCount
  }

  /// The address of the first byte, as a number for the kernel.
  public var address: UInt { unsafe UInt(bitPattern: base) }

  deinit {
    // SAFETY: the mapping is ours alone and nobody can borrow it any more.
    _ = unsafe om_unmap(base, byteCount)
  }

  /// Maps `byteCount` bytes of zeroes, present from the start.
  ///
  /// The corresponding C function is `mmap`, with MAP_POPULATE.
  public static func anonymous(
    byteCount: Int,
    shared: Bool = false
  ) throws(Errno) -> Mapping {
    var error: Int32 = 0
    let base = unsafe om_map_anonymous(byteCount, shared ? 1 : 0, &error)
    guard let base = unsafe base else { throw Errno(error) }
    return unsafe Mapping(base: base, byteCount: byteCount)
  }

  /// Maps `byteCount` bytes of zeroes, whole pages, in huge ones as far as the
  /// kernel has some to give.
  ///
  /// The corresponding C functions are `mmap`, and `madvise` with
  /// MADV_HUGEPAGE.
  public static func huge(byteCount: Int) throws(Errno) -> Mapping {
    guard byteCount > 0, byteCount % 4096 == 0 else { throw .invalid }
    var error: Int32 = 0
    let base = unsafe om_map_huge(byteCount, &error)
    guard let base = unsafe base else { throw Errno(error) }
    return unsafe Mapping(base: base, byteCount: byteCount)
  }

  /// Keeps the pages in RAM; they may move there.
  ///
  /// The corresponding C function is `mlock`.
  public func lock() throws(Errno) {
    // SAFETY: the bytes are ours.
    try succeed(unsafe om_lock_pages(base, byteCount))
  }

  /// Sets `byteCount` bytes of address space aside, with nothing behind them.
  ///
  /// The corresponding C function is `mmap`, with PROT_NONE.
  public static func reserved(byteCount: Int) throws(Errno) -> Mapping {
    var error: Int32 = 0
    let base = unsafe om_reserve(byteCount, &error)
    guard let base = unsafe base else { throw Errno(error) }
    return unsafe Mapping(base: base, byteCount: byteCount)
  }

  /// Maps `byteCount` bytes of `file` from `fileOffset` on, to be read.
  ///
  /// The corresponding C function is `mmap`, with PROT_READ and MAP_SHARED.
  public static func reading(
    _ file: borrowing Descriptor,
    at fileOffset: UInt64,
    byteCount: Int
  ) throws(Errno) -> Mapping {
    var error: Int32 = 0
    let base = unsafe om_map_file(byteCount, file.number, fileOffset, &error)
    guard let base = unsafe base else { throw Errno(error) }
    return unsafe Mapping(base: base, byteCount: byteCount)
  }

  /// Puts a part of `file`, to be read and, unless `writable` is false,
  /// written, in the place of our bytes from `offset` on.
  ///
  /// The corresponding C function is `mmap`, with MAP_FIXED.
  public mutating func replace(
    at offset: Int,
    byteCount count: Int,
    with file: borrowing Descriptor,
    fileOffset: UInt64,
    writable: Bool = true
  ) throws(Errno) {
    guard offset >= 0, count >= 0, offset <= byteCount - count else {
      throw .invalid
    }
    let write: Int32 = writable ? 1 : 0
    // SAFETY: the guard keeps MAP_FIXED inside the mapping that is ours.
    try succeed(
      unsafe om_map_file_at(
        base + offset,
        count,
        file.number,
        fileOffset,
        write
      )
    )
  }

  /// Leaves the mapping out of every process that this one forks from now on.
  ///
  /// The corresponding C function is `madvise`, with MADV_DONTFORK.
  public func hideFromChildren() throws(Errno) {
    // SAFETY: the bytes are ours, and this process keeps them.
    try succeed(unsafe om_dont_fork(base, byteCount))
  }

  /// Sets the mapping's addresses aside in a process that was forked without
  /// it, before anything else takes them.
  ///
  /// The corresponding C function is `mmap`, with MAP_FIXED_NOREPLACE.
  public mutating func reserveAgain() throws(Errno) {
    // SAFETY: nothing that is mapped is replaced.
    try succeed(unsafe om_reserve_at(base, byteCount))
  }

  /// Gives back what is mapped, and its page tables, and keeps the addresses.
  ///
  /// The corresponding C function is `mmap`, with MAP_FIXED and PROT_NONE.
  public mutating func vacate() throws(Errno) {
    // SAFETY: the bytes are ours, and nobody has a span of them now.
    try succeed(unsafe om_vacate(base, byteCount))
  }

  /// The little-endian number at `offset`, or nil where it does not fit.
  ///
  /// For memory that is shared with the kernel, on a path where the compiler
  /// proves that nothing is freed, which it cannot see of a span's end.
  @inline(__always)
  public func number<T: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int,
    as type: T.Type
  ) -> T? {
    guard offset >= 0, offset <= byteCount - MemoryLayout<T>.size else {
      return nil
    }
    // SAFETY: the guard keeps the number inside the mapping, and every bit
    // pattern is a valid one.
    return T(
      littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: type)
    )
  }

  /// Moves bytes to another place of the mapping; the two may overlap.
  ///
  /// What leaves the mapping is a trap. The corresponding C function is
  /// `memmove`.
  public mutating func move(from source: Int, to target: Int, byteCount: Int) {
    precondition(byteCount >= 0 && source >= 0 && target >= 0)
    precondition(max(source, target) <= self.byteCount - byteCount)
    // SAFETY: both places are inside, as checked.
    unsafe (base + target).copyMemory(
      from: base + source,
      byteCount: byteCount
    )
  }

  /// The mapping's bytes.
  public var bytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      let span = unsafe MutableRawSpan(
        _unsafeStart: base,
        byteCount: byteCount
      )
      // SAFETY: the bytes live until deinit, and only one span of a
      // mutating borrow can exist at a time.
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The mapping's bytes, to be read.
  public var readOnly: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: base, byteCount: byteCount)
      // SAFETY: the bytes live until deinit, which a borrow outlives not.
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
