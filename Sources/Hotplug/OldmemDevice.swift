// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

// The structures of kernel/module/oldmem.h, version 1.
//
//     oldmem_info     0 version  4 blocks  8 block_size  16 memmap_size
//                     24 online_frames  32 reserved         64 bytes
//     oldmem_ranges   0 ranges  8 room  12 count  16 reserved    32 bytes
//     oldmem_range    0 start  8 size                       16 bytes
//     oldmem_block    0 start  8 bitmap  16 bitmap_size  24 online_frames
//                     32 zone  36 reserved                  64 bytes

/// /dev/oldmem of oldmem.ko.
public struct OldmemDevice: ~Copyable {
  /// Where it is.
  public static let path: Path = "/dev/oldmem"
  static let version: UInt32 = 1

  enum Command {
    static let info: UInt32 = 0x8040_bc01
    static let ranges: UInt32 = 0xc020_bc02
    static let addBlock: UInt32 = 0xc040_bc03
  }

  let file: Descriptor
  /// The frames of a memory block.
  public let blockFrames: UInt64
  /// The frames that a block's struct pages take.
  public let memmapFrames: UInt64

  /// Opens the device and asks what it can do.
  public init() throws(HotplugError) {
    let file = try attempt(HotplugError.noDevice) { () throws(Errno) in
      try Descriptor(OldmemDevice.path, .readWrite)
    }
    var info = [UInt8](repeating: 0, count: 64)
    try attempt(HotplugError.noAnswer) { () throws(Errno) in
      try file.control(Command.info, &info)
    }
    // SAFETY: bytes have no padding that could leak.
    let reader = ByteReader(unsafe info.span.bytes)
    guard let version = try? reader.u32(at: 0),
      let block = try? reader.u64(at: 8),
      let memmap = try? reader.u64(at: 16),
      version == OldmemDevice.version
    else { throw .noAnswer(.invalid) }
    self.file = file
    blockFrames = block >> Frame.shift
    memmapFrames = (memmap + UInt64(Frame.size) - 1) >> Frame.shift
  }

  /// The old memory that this kernel does not use.
  public func allowed() throws(HotplugError) -> [FrameRange] {
    var list = [UInt8](repeating: 0, count: 16 * 256)
    var ranges = [UInt8](repeating: 0, count: 32)
    try attempt(HotplugError.noAnswer) { () throws(Errno) in
      try file.control(Command.ranges, &ranges, &list, at: 0) { span in
        span.store(UInt32(256), at: 8)
      }
    }
    // SAFETY: bytes have no padding that could leak.
    let count = try? ByteReader(unsafe ranges.span.bytes).u32(at: 12)
    let reader = ByteReader(unsafe list.span.bytes)
    var allowed: [FrameRange] = []
    for index in 0..<Int(min(count ?? 0, 256)) {
      guard let start = try? reader.u64(at: index * 16),
        let size = try? reader.u64(at: index * 16 + 8)
      else { break }
      allowed.append(
        FrameRange(
          start: FrameNumber(start >> Frame.shift),
          count: size >> Frame.shift
        )
      )
    }
    return allowed
  }

  /// Where a block has come to lie, and how much of it is RAM.
  public struct Added: Equatable, Sendable {
    /// The frames that are RAM now.
    public let frames: UInt64
    /// Whether the kernel may only put there what it can move.
    public let isMovable: Bool
  }

  /// Adds the block that begins with frame `start`, and of it the frames whose
  /// bits are set.
  public func add(
    _ start: FrameNumber,
    _ bitmap: ArraySlice<UInt8>
  ) throws(Errno) -> Added {
    guard let address = start.address else { throw .invalid }
    var bits = Array(bitmap)
    let size = UInt64(bits.count)
    var block = [UInt8](repeating: 0, count: 64)
    try file.control(Command.addBlock, &block, &bits, at: 8) { span in
      span.store(address.value, at: 0)
      span.store(size, at: 16)
    }
    // SAFETY: bytes have no padding that could leak.
    let reader = ByteReader(unsafe block.span.bytes)
    guard let frames = try? reader.u64(at: 24),
      let zone = try? reader.u32(at: 32)
    else { throw .invalid }
    return Added(frames: frames, isMovable: zone == 1)
  }
}

extension Descriptor {
  /// Calls the driver with a structure whose field at `offset` is the address
  /// of `bytes`.
  fileprivate func control(
    _ command: UInt32,
    _ structure: inout [UInt8],
    _ bytes: inout [UInt8],
    at offset: Int,
    fill: (inout MutableSpan<UInt8>) -> Void
  ) throws(Errno) {
    var failure: Errno?
    unsafe bytes.withUnsafeMutableBytes { buffer in
      do {
        var span = structure.mutableSpan
        fill(&span)
        // SAFETY: the driver writes within the length that `fill` has told it,
        // while the buffer is borrowed.
        let address = UInt(bitPattern: buffer.baseAddress)
        span.store(UInt64(address), at: offset)
      }
      do throws(Errno) { try control(command, &structure) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
