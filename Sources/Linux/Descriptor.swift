// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux

/// An open file, closed when its owner is gone.
public struct Descriptor: ~Copyable {
  /// The kernel's number for the file.
  public let number: Int32

  /// How a file is opened.
  public enum Access: Sendable {
    /// O_RDONLY.
    case read
    /// O_WRONLY.
    case write
    /// O_RDWR.
    case readWrite
    /// O_RDWR and O_EXCL: no block device that anybody uses, mounted or as a
    /// part of another one.
    case readWriteExclusive
    /// O_RDWR and O_SYNC: for device memory.
    case readWriteSync
    /// O_RDWR and O_DIRECT: past the page cache.
    case readWriteDirect
    /// O_WRONLY, O_CREAT and O_TRUNC, with the mode given.
    case create(mode: UInt32)
    /// O_WRONLY, O_CREAT and O_EXCL, with the mode given.
    case createNew(mode: UInt32)
    /// O_WRONLY, O_CREAT and O_APPEND, with the mode given.
    case append(mode: UInt32)

    var flags: Int32 {
      switch self {
      case .read: O_RDONLY
      case .write: O_WRONLY
      case .readWrite: O_RDWR
      case .readWriteExclusive: O_RDWR | O_EXCL
      case .readWriteSync: O_RDWR | O_SYNC
      case .readWriteDirect: O_RDWR | om_direct
      case .create: O_WRONLY | O_CREAT | O_TRUNC
      case .createNew: O_WRONLY | O_CREAT | O_EXCL
      case .append: O_WRONLY | O_CREAT | O_APPEND
      }
    }

    var mode: UInt32 {
      switch self {
      case .create(let mode), .createNew(let mode), .append(let mode): mode
      case .read, .write, .readWrite, .readWriteExclusive, .readWriteSync,
        .readWriteDirect:
        0
      }
    }
  }

  /// Takes over a descriptor that this process already has.
  public init(owning number: Int32) { self.number = number }

  /// A second descriptor of the same open file, close-on-exec.
  ///
  /// The corresponding C function is `fcntl` with F_DUPFD_CLOEXEC.
  public func duplicate() throws(Errno) -> Descriptor {
    Descriptor(owning: try checked(om_duplicate(number)))
  }

  /// Lets the program that this process executes find the file as `number`.
  ///
  /// The corresponding C function is `dup2`.
  public func pass(as number: Int32) throws(Errno) {
    try succeed(om_pass(self.number, number))
  }

  /// Opens `path`, close-on-exec.
  ///
  /// The corresponding C function is `open`.
  public init(_ path: Path, _ access: Access) throws(Errno) {
    let (flags, mode) = (access.flags, access.mode)
    number = try checked(
      unsafe path.withCString { unsafe om_open($0, flags, mode) }
    )
  }

  /// Opens the entry `name` of an open folder, to be read.
  ///
  /// The corresponding C function is `openat`.
  public init(
    reading name: Path,
    in folder: borrowing Descriptor
  ) throws(Errno) {
    try self.init(name, .read, in: folder)
  }

  /// Opens the entry `name` of an open folder, close-on-exec.
  ///
  /// The corresponding C function is `openat`.
  public init(
    _ name: Path,
    _ access: Access,
    in folder: borrowing Descriptor
  ) throws(Errno) {
    let (place, flags) = (folder.number, access.flags)
    number = try checked(
      unsafe name.withCString { unsafe om_open_in(place, $0, flags) }
    )
  }

  deinit { _ = om_close(number) }

  /// Reads up to all of `bytes` from `offset` on, and says how many it got.
  ///
  /// The corresponding C function is `pread`.
  public func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(Errno) -> Int {
    let number = number
    let got = unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the kernel writes at most `count` bytes into the span.
      unsafe om_pread(number, buffer.baseAddress, buffer.count, offset)
    }
    return try checked(got)
  }

  /// Reads all of `bytes` from `offset` on, in one call; false where the file
  /// did not give them.
  ///
  /// The corresponding C function is `pread`.
  public func fill(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool {
    let number = number
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the kernel writes at most `count` bytes into the span.
      let got = unsafe om_pread(
        number,
        buffer.baseAddress,
        buffer.count,
        offset
      )
      return got == buffer.count
    }
  }

  /// Writes all of `bytes` from `offset` on, in one call; false where the file
  /// did not take them.
  ///
  /// The corresponding C function is `pwrite`.
  public func drain(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool {
    let number = number
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the kernel reads at most `count` bytes of the span.
      let wrote = unsafe om_pwrite(
        number,
        buffer.baseAddress,
        buffer.count,
        offset
      )
      return wrote == buffer.count
    }
  }

  /// Reads up to all of `bytes` from where the file stands; 0 at its end.
  ///
  /// The corresponding C function is `read`.
  public func read(into bytes: inout MutableRawSpan) throws(Errno) -> Int {
    let number = number
    let got = unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: the kernel writes at most `count` bytes into the span.
      unsafe om_read(number, buffer.baseAddress, buffer.count)
    }
    return try checked(got)
  }

  /// Waits for one byte; false at the end, when nobody can send one any more.
  public func awaitByte() -> Bool {
    var byte: InlineArray<1, UInt8> = [0]
    var span = byte.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    return (try? read(into: &raw)) == 1
  }

  /// Writes all of `bytes` where the file stands.
  ///
  /// The corresponding C function is `write`.
  public func write(_ bytes: RawSpan) throws(Errno) {
    var rest = bytes
    while !rest.isEmpty {
      let number = number
      let wrote = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the span.
        unsafe om_write(number, buffer.baseAddress, buffer.count)
      }
      let step = Int(try checked(wrote))
      guard step > 0 else { throw .inputOutput }
      rest = rest.extracting(droppingFirst: step)
    }
  }

  /// Writes all of `bytes` from `offset` on.
  ///
  /// The corresponding C function is `pwrite`.
  public func write(_ bytes: RawSpan, at offset: UInt64) throws(Errno) {
    var rest = bytes
    var place = offset
    while !rest.isEmpty {
      let (number, from) = (number, place)
      let wrote = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the span.
        unsafe om_pwrite(number, buffer.baseAddress, buffer.count, from)
      }
      let step = Int(try checked(wrote))
      guard step > 0 else { throw .inputOutput }
      rest = rest.extracting(droppingFirst: step)
      place += UInt64(step)
    }
  }

  /// The file's length in bytes.
  ///
  /// The corresponding C function is `fstat`.
  public func byteCount() throws(Errno) -> UInt64 {
    UInt64(try checked(om_file_size(number)))
  }

  /// Claims the file for as long as it is open, or throws EAGAIN where somebody
  /// else has.
  ///
  /// The corresponding C function is `flock`, with LOCK_EX and LOCK_NB.
  public func claim() throws(Errno) { try succeed(om_claim(number)) }

  /// Whether `path` still is a name of this file.
  ///
  /// The corresponding C functions are `fstat` and `stat`.
  public func isNamed(_ path: Path) -> Bool {
    unsafe path.withCString { unsafe om_is_named(number, $0) } == 1
  }

  /// Waits until what was written has arrived.
  ///
  /// The corresponding C function is `fsync`.
  public func synchronize() throws(Errno) {
    try succeed(om_synchronize(number))
  }

  /// Drops what memory has of the file and need not be written.
  ///
  /// The corresponding C function is `posix_fadvise`, with POSIX_FADV_DONTNEED.
  public func forget() { om_forget(number) }

  /// What is free in the file's file system, in bytes, for anybody; 0 where that
  /// is not told.
  ///
  /// The corresponding C function is `fstatvfs`.
  public var freeByteCount: UInt64 { om_free_bytes(number) }

  /// Whether something can be read, or the other end is gone, within the time
  /// given.
  ///
  /// The corresponding C function is `poll`.
  public func isReadable(within milliseconds: Int32) -> Bool {
    om_poll_in(number, milliseconds) > 0
  }
}
