// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import CUblkABI
import Linux
import Memory
import Testing

@testable import Ublk

/// What we encode by hand, read back through the kernel's own header.
@Suite struct WireTests {
  private func decoded<T, let n: Int>(
    _ bytes: InlineArray<n, UInt8>,
    as type: T.Type
  ) -> T {
    var raw = [UInt8](repeating: 0, count: MemoryLayout<T>.size)
    for index in 0..<min(n, raw.count) { raw[index] = bytes[index] }
    return raw.withUnsafeBytes { $0.loadUnaligned(as: type) }
  }

  private func decoded<T>(_ payload: Ring.Payload, as type: T.Type) -> T {
    let words = [
      payload.first, payload.second, payload.third, payload.fourth,
    ]
    return words.withUnsafeBytes { $0.loadUnaligned(as: type) }
  }

  @Test func controlCommandIsTheKernels() {
    #expect(MemoryLayout<ublksrv_ctrl_cmd>.size == 32)
    let command = decoded(
      controlCommand(
        device: 7,
        bufferAddress: 0x1234_5678_9abc,
        bufferLength: 64,
        data: 4711
      ),
      as: ublksrv_ctrl_cmd.self
    )
    #expect(command.dev_id == 7)
    #expect(command.queue_id == UInt16.max)
    #expect(command.len == 64)
    #expect(command.addr == 0x1234_5678_9abc)
    #expect(command.data.0 == 4711)
  }

  @Test func inputOutputCommandIsTheKernels() {
    #expect(MemoryLayout<ublksrv_io_cmd>.size == 16)
    let command = decoded(
      inputOutputCommand(tag: 9, result: -5, bufferAddress: 0xfeed_f00d),
      as: ublksrv_io_cmd.self
    )
    #expect(command.q_id == 0)
    #expect(command.tag == 9)
    #expect(command.result == -5)
    #expect(command.addr == 0xfeed_f00d)
  }

  @Test func deviceInformationIsTheKernels() {
    #expect(MemoryLayout<ublksrv_ctrl_dev_info>.size == 64)
    let info = decoded(
      deviceInformation(depth: 16, requestBytes: 32768, process: 42),
      as: ublksrv_ctrl_dev_info.self
    )
    #expect(info.nr_hw_queues == 1)
    #expect(info.queue_depth == 16)
    #expect(info.max_io_buf_bytes == 32768)
    #expect(info.dev_id == UInt32.max)
    #expect(info.ublksrv_pid == 42)
    #expect(info.flags == 1 << 7 | 1 << 6 | 1 << 4 | 1 << 3)
  }

  @Test func parametersAreTheKernels() {
    let parameters = decoded(
      deviceParameters(blocks: 65536, requestBytes: 32768),
      as: ublk_params.self
    )
    #expect(parameters.len == 60)
    #expect(
      parameters.types
        == UInt32(UBLK_PARAM_TYPE_BASIC | UBLK_PARAM_TYPE_DISCARD)
    )
    #expect(parameters.basic.logical_bs_shift == 12)
    #expect(parameters.basic.physical_bs_shift == 12)
    #expect(parameters.basic.io_opt_shift == 12)
    #expect(parameters.basic.io_min_shift == 12)
    #expect(parameters.basic.max_sectors == 64)
    #expect(parameters.basic.dev_sectors == 65536 * 8)
    #expect(parameters.discard.discard_granularity == 4096)
    #expect(parameters.discard.max_discard_sectors == 65536)
    #expect(parameters.discard.max_write_zeroes_sectors == 65536)
    #expect(parameters.discard.max_discard_segments == 1)
  }

  @Test func descriptorIsReadAsTheKernelWritesIt() throws {
    var table = try Mapping.anonymous(byteCount: 4096)
    var descriptor = ublksrv_io_desc()
    descriptor.op_flags = UInt32(UBLK_IO_OP_WRITE_ZEROES) | 0xabcd_ef00
    descriptor.nr_sectors = 24
    descriptor.start_sector = 1 << 40
    let size = MemoryLayout<ublksrv_io_desc>.size
    let bytes = withUnsafeBytes(of: descriptor) { Array($0) }
    var room = table.bytes
    for index in 0..<size {
      room.storeBytes(
        of: bytes[index],
        toByteOffset: size + index,
        as: UInt8.self
      )
    }
    let found = Request(of: 1, in: table)
    let outside = [Request(of: 171, in: table), Request(of: -1, in: table)]
    let request = try #require(found)
    #expect(request.operation == Request.Kind.writeZeroes.rawValue)
    #expect(request.sectors == 24)
    #expect(request.start == 1 << 40)
    #expect(outside == [nil, nil])
  }

  /// Debian 12's header has the start; the shifts are UBLK_TAG_OFF and
  /// UBLK_QID_OFF of v6.5 and later: 32 MiB for each tag, 65536 tags a queue.
  @Test func dataLiesWhereTheKernelHasIt() {
    let start = UInt64(UBLKSRV_IO_BUF_OFFSET)
    #expect(dataPosition(tag: 0, offset: 0) == start)
    #expect(dataPosition(tag: 5, offset: 8192) == start + 5 << 25 + 8192)
    #expect(dataPosition(tag: .max, offset: 0) < start + 1 << 41)
  }

  @Test func kindsHaveTheKernelsNumbers() {
    #expect(Int32(Request.Kind.read.rawValue) == UBLK_IO_OP_READ)
    #expect(Int32(Request.Kind.write.rawValue) == UBLK_IO_OP_WRITE)
    #expect(Int32(Request.Kind.flush.rawValue) == UBLK_IO_OP_FLUSH)
    #expect(Int32(Request.Kind.discard.rawValue) == UBLK_IO_OP_DISCARD)
    #expect(
      Int32(Request.Kind.writeZeroes.rawValue) == UBLK_IO_OP_WRITE_ZEROES
    )
  }

  @Test func operationsAreTheKernelsAsIoctls() {
    func ioctl(_ number: Int32, _ size: Int) -> UInt32 {
      3 << 30 | UInt32(size) << 16 | 0x75 << 8 | UInt32(number)
    }
    let control = MemoryLayout<ublksrv_ctrl_cmd>.size
    let io = MemoryLayout<ublksrv_io_cmd>.size
    #expect(Operation.addDevice == ioctl(UBLK_CMD_ADD_DEV, control))
    #expect(Operation.deleteDevice == ioctl(UBLK_CMD_DEL_DEV, control))
    #expect(Operation.startDevice == ioctl(UBLK_CMD_START_DEV, control))
    #expect(Operation.stopDevice == ioctl(UBLK_CMD_STOP_DEV, control))
    #expect(Operation.setParameters == ioctl(UBLK_CMD_SET_PARAMS, control))
    #expect(Operation.fetch == ioctl(UBLK_IO_FETCH_REQ, io))
    #expect(
      Operation.commitAndFetch == ioctl(UBLK_IO_COMMIT_AND_FETCH_REQ, io)
    )
  }
}
