// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Linux
internal import Memory

extension UblkDevice {
  /// Does what the driver asks for with `tag`: bytes done or negative errno.
  mutating func answer<Device: BlockDevice & ~Copyable>(
    _ tag: UInt16,
    on device: inout Device
  ) -> Int32 {
    guard let request = Request(of: Int(tag), in: descriptors) else {
      return -Errno.invalid.code
    }
    return Ublk.answer(
      request,
      tag: tag,
      in: shape,
      withOneOf: &buffers,
      through: characters,
      on: &device
    )
  }
}

/// Does what `request` asks for, with the tag's buffer, or the only one.
private func answer<Device: BlockDevice & ~Copyable>(
  _ request: Request,
  tag: UInt16,
  in shape: UblkDevice.Shape,
  withOneOf buffers: inout Mapping,
  through characters: borrowing Descriptor,
  on device: inout Device
) -> Int32 {
  let size = Int(shape.bufferBytes)
  let offset = shape.isUserCopy ? 0 : Int(tag) * size
  var all = buffers.bytes
  var buffer = all._mutatingExtracting(offset..<offset + size)
  return answer(
    request,
    tag: tag,
    in: shape,
    with: &buffer,
    through: characters,
    on: &device
  )
}

/// Does what `request` asks for, with a buffer of the shape's size: bytes
/// done or negative errno.
///
/// Where the server copies, data that is longer than the buffer goes through
/// it in pieces, from and to `characters`; otherwise the driver has copied what
/// is to be written into the buffer, and what was read out of it.
func answer<Device: BlockDevice & ~Copyable>(
  _ request: Request,
  tag: UInt16,
  in shape: UblkDevice.Shape,
  with buffer: inout MutableRawSpan,
  through characters: borrowing Descriptor,
  on device: inout Device
) -> Int32 {
  let blocks: BlockRange
  let kind: Request.Kind
  switch validate(request, in: shape) {
  case .refused(let errno): return -errno.code
  case .accepted(let what, let range): (kind, blocks) = (what, range)
  }
  do throws(StoreError) {
    switch kind {
    case .read, .write: break
    case .flush:
      try device.flush()
      return 0
    case .discard:
      try device.discard(blocks)
      return 0
    case .writeZeroes:
      try device.writeZeroes(blocks)
      return 0
    }
    let most = UInt32(clamping: buffer.byteCount / Frame.size)
    var done: UInt32 = 0
    while done < blocks.count {
      let piece = BlockRange(
        start: BlockNumber(blocks.start.value + done),
        count: min(most, blocks.count - done)
      )
      let place = dataPosition(tag: tag, offset: Int(done) * Frame.size)
      var bytes = buffer._mutatingExtracting(first: piece.byteCount)
      if kind == .write {
        // Whatever becomes of the request's pages meanwhile: what is hashed
        // and stored are bytes that this process alone can reach.
        guard !shape.isUserCopy || characters.fill(&bytes, at: place) else {
          return -Errno.inputOutput.code
        }
        try device.write(piece, from: bytes.bytes)
      } else {
        try device.read(piece, into: &bytes)
        guard !shape.isUserCopy || characters.drain(&bytes, at: place) else {
          return -Errno.inputOutput.code
        }
      }
      done += piece.count
    }
  } catch { return -errno(of: error).code }
  return Int32(blocks.byteCount)
}

/// What `validate` makes of a request.
enum Validated: Equatable {
  case accepted(Request.Kind, BlockRange)
  case refused(Errno)
}

/// Everything that may be wrong with a request, one reason after the other.
func validate(_ request: Request, in shape: UblkDevice.Shape) -> Validated {
  guard let kind = Request.Kind(rawValue: request.operation) else {
    return .refused(.notSupported)
  }
  if kind == .flush {
    return .accepted(kind, BlockRange(start: BlockNumber(0), count: 0))
  }
  guard request.start <= UInt64.max >> sectorShift,
    let blocks = BlockRange(
      byteOffset: request.start << sectorShift,
      byteCount: UInt64(request.sectors) << sectorShift
    )
  else { return .refused(.invalid) }
  guard blocks.isInside(blockCount: shape.blocks) else {
    return .refused(.inputOutput)
  }
  if kind == .read || kind == .write {
    guard blocks.byteCount <= Int(shape.requestBytes) else {
      return .refused(.invalid)
    }
  }
  return .accepted(kind, blocks)
}

/// The errno that the block layer gets for a store's error.
func errno(of error: StoreError) -> Errno {
  switch error {
  case .full: .noSpace
  case .outOfRange, .bufferMismatch: .invalid
  case .damaged, .shape, .regionTooSmall, .regionMisaligned, .framesTooFew,
    .notThisStore:
    .inputOutput
  }
}
