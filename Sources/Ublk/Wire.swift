// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

// What is exchanged with ublk_drv, little-endian, as in
// include/uapi/linux/ublk_cmd.h:
//
//   control command, 32 bytes          device information, 64 bytes
//    0 u32 device                       0 u16 queues
//    4 u16 queue (always 0xffff)        2 u16 depth
//    6 u16 buffer length                4 u16 state, u16 -
//    8 u64 buffer address               8 u32 bytes of one I/O buffer
//   16 u64 data                        12 u32 device
//   24 u16 path length, u16 -, u32 -   16 s32 server's process, u32 -
//                                      24 u64 flags, u64 server's flags
//   I/O command, 16 bytes              40 u32 owner uid, u32 gid, u64 -, u64 -
//    0 u16 queue
//    2 u16 tag                         parameters, 60 bytes
//    4 s32 result                       0 u32 length, u32 types
//    8 u64 buffer address               8 u32 attributes
//                                      12 u8  log2 of logical, physical,
//   I/O descriptor, 24 bytes                  optimal, smallest I/O
//    0 u32 operation (8 bits), flags   16 u32 largest I/O, u32 chunk (sectors)
//    4 u32 sectors                     24 u64 device's sectors
//    8 u64 first sector                32 u64 virtual boundary mask
//   16 u64 buffer address              40 u32 discard alignment, granularity
//                                      48 u32 largest discard, write zeroes
//                                      56 u16 discard segments, u16 -

/// Bytes of a 512-byte sector, the unit of the block layer.
let sectorShift: UInt64 = 9

/// Commands to /dev/ublk-control and /dev/ublkcN, encoded as ioctls are:
/// both directions, the size of the command, the letter `u`, the number.
enum Operation {
  static let addDevice = control(0x04)
  static let deleteDevice = control(0x05)
  static let startDevice = control(0x06)
  static let stopDevice = control(0x07)
  static let setParameters = control(0x08)
  /// In the driver since v6.1.
  static let startRecovery = control(0x10)
  static let endRecovery = control(0x11)
  /// Since Linux commit 13fe8e6825e4 ("ublk: add UBLK_CMD_DEL_DEV_ASYNC")
  /// (in v6.9); the declared as reading.
  static let deleteDeviceLater: UInt32 = 0x8020_7514
  /// In the driver since v6.5, declared as reading too.
  static let getFeatures: UInt32 = 0x8020_7513
  static let fetch = inputOutput(0x20)
  static let commitAndFetch = inputOutput(0x21)

  private static func control(_ number: UInt32) -> UInt32 {
    0xc020_7500 | number
  }

  private static func inputOutput(_ number: UInt32) -> UInt32 {
    0xc010_7500 | number
  }
}

/// UBLK_F_CMD_IOCTL_ENCODE.
let ioctlEncoding: UInt64 = 1 << 6

/// UBLK_F_USER_RECOVERY and UBLK_F_USER_RECOVERY_REISSUE: when its server
/// dies, the device stays, and another server gets all requests that were not
/// answered.
let userRecovery: UInt64 = 1 << 3 | 1 << 4

/// UBLK_F_USER_COPY, since Linux commit 1172d5b8beca ("ublk: support user
/// copy") (in v6.5): the server moves a request's data itself, by reading and
/// writing /dev/ublkcN, and no tag has a buffer.
let userCopy: UInt64 = 1 << 7

/// Where /dev/ublkcN has the data of a tag of queue 0 (UBLKSRV_IO_BUF_OFFSET,
/// UBLK_TAG_OFF).
func dataPosition(tag: UInt16, offset: Int) -> UInt64 {
  0x8000_0000 + UInt64(tag) << 25 + UInt64(offset)
}

/// The command that a control operation carries.
func controlCommand(
  device: UInt32,
  bufferAddress: UInt64 = 0,
  bufferLength: UInt16 = 0,
  data: UInt64 = 0
) -> Ring.Payload {
  let noQueue = UInt64(UInt16.max)
  return Ring.Payload(
    UInt64(device) | noQueue << 32 | UInt64(bufferLength) << 48,
    bufferAddress,
    data
  )
}

/// The command that hands a tag of queue 0 back to the driver.
func inputOutputCommand(
  tag: UInt16,
  result: Int32,
  bufferAddress: UInt64
) -> Ring.Payload {
  Ring.Payload(
    UInt64(tag) << 16 | UInt64(UInt32(bitPattern: result)) << 32,
    bufferAddress
  )
}

/// What the driver is told about a new device.
func deviceInformation(
  depth: UInt16,
  requestBytes: UInt32,
  process: Int32
) -> InlineArray<64, UInt8> {
  var bytes = InlineArray<64, UInt8>(repeating: 0)
  var span = bytes.mutableSpan
  span.store(UInt16(1), at: 0)
  span.store(depth, at: 2)
  span.store(requestBytes, at: 8)
  span.store(UInt32.max, at: 12)
  span.store(process, at: 16)
  span.store(ioctlEncoding | userRecovery | userCopy, at: 24)
  return bytes
}

/// What the block layer is told about a new device of `blocks` blocks.
func deviceParameters(
  blocks: UInt32,
  requestBytes: UInt32
) -> InlineArray<60, UInt8> {
  let blockShift: UInt8 = 12
  let sectorsPerBlock: UInt32 = 8
  // A discard of 32 MiB at a time keeps any one request short.
  let largestDiscard: UInt32 = 65536
  var bytes = InlineArray<60, UInt8>(repeating: 0)
  var span = bytes.mutableSpan
  span.store(UInt32(60), at: 0)
  span.store(UInt32(0b11), at: 4)
  for offset in 12..<16 { span.store(blockShift, at: offset) }
  span.store(requestBytes >> UInt32(sectorShift), at: 16)
  span.store(UInt64(blocks) * UInt64(sectorsPerBlock), at: 24)
  span.store(UInt32(Frame.size), at: 44)
  span.store(largestDiscard, at: 48)
  span.store(largestDiscard, at: 52)
  span.store(UInt16(1), at: 56)
  return bytes
}

/// One request as the driver describes it.
struct Request: Equatable {
  /// What is to be done, in the low eight bits of the first word.
  enum Kind: UInt8 {
    case read = 0
    case write = 1
    case flush = 2
    case discard = 3
    case writeZeroes = 5
  }

  /// The low eight bits of the descriptor's first word.
  var operation: UInt8
  /// How many sectors of 512 bytes.
  var sectors: UInt32
  /// The first of them.
  var start: UInt64

  static let byteCount = 24

  /// Decodes the descriptor of `tag` out of a queue's table; nil where the
  /// table has no such tag.
  @inline(__always)
  init?(of tag: Int, in table: borrowing Mapping) {
    let offset = tag * Request.byteCount
    guard let first = table.number(at: offset, as: UInt32.self),
      let sectors = table.number(at: offset + 4, as: UInt32.self),
      let start = table.number(at: offset + 8, as: UInt64.self)
    else { return nil }
    operation = UInt8(truncatingIfNeeded: first)
    self.sectors = sectors
    self.start = start
  }

  init(operation: UInt8, sectors: UInt32, start: UInt64) {
    self.operation = operation
    self.sectors = sectors
    self.start = start
  }
}
