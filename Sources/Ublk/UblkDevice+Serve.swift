// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore
internal import Linux
internal import Memory

extension UblkDevice {
  /// What a round of serving was about.
  public enum Round: Equatable, Sendable {
    /// Requests were answered, or nothing came in the time given.
    case served
    /// The device has just appeared as /dev/ublkbN, or has a server again.
    case started
    /// The driver has given the tags back: the device is gone.
    case gone
  }

  /// Answers what has come, after waiting up to a second for it; a signal
  /// ends the wait.
  ///
  /// Nothing in here allocates; the daemon has that proved by the compiler.
  public mutating func serve<Device: BlockDevice & ~Copyable>(
    _ device: inout Device,
    waitingUpTo milliseconds: UInt32 = 1000
  ) throws(UblkError) -> Round {
    var round = Round.served
    do throws(Errno) {
      try ring.wait(milliseconds: milliseconds)
    } catch { throw .refused(.serve, error) }
    while let completion = ring.next() {
      if completion.userData == UblkDevice.starting {
        guard completion.result >= 0 else {
          throw .refused(.startDevice, Errno(-completion.result))
        }
        round = .started
        continue
      }
      if completion.userData == UblkDevice.recovering {
        guard completion.result >= 0 else {
          throw .refused(.endRecovery, Errno(-completion.result))
        }
        round = .started
        continue
      }
      // `gone` has said all there is to STOP_DEV.
      if completion.userData == UblkDevice.stopping { continue }
      guard completion.result == 0,
        completion.userData < UInt64(shape.depth)
      else {
        round = .gone
        continue
      }
      let tag = UInt16(truncatingIfNeeded: completion.userData)
      let result = answer(tag, on: &device)
      answers &+= 1
      do throws(Errno) {
        try queue(Operation.commitAndFetch, tag: tag, result: result)
      } catch { throw .refused(.fetch, error) }
    }
    return round
  }

  /// Whether a request waits to be served.
  public var isAsked: Bool { ring.isReady }

  /// Does what the driver asks for with `tag`: bytes done or negative errno.
  mutating func answer<Device: BlockDevice & ~Copyable>(
    _ tag: UInt16,
    on device: inout Device
  ) -> Int32 {
    guard let request = Request(of: Int(tag), in: descriptors) else {
      return -Errno.invalid.code
    }
    let shape = shape
    let size = Int(shape.bufferBytes)
    let offset = Int(tag) * size
    var all = buffers.bytes
    var buffer = all._mutatingExtracting(offset..<offset + size)
    return Ublk.answer(request, in: shape, with: &buffer, on: &device)
  }
}

/// Does what `request` asks for, with a buffer of the shape's size: bytes
/// done or negative errno.
func answer<Device: BlockDevice & ~Copyable>(
  _ request: Request,
  in shape: UblkDevice.Shape,
  with buffer: inout MutableRawSpan,
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
    case .read:
      var bytes = buffer._mutatingExtracting(first: blocks.byteCount)
      try device.read(blocks, into: &bytes)
      return Int32(blocks.byteCount)
    case .write:
      var bytes = buffer._mutatingExtracting(first: blocks.byteCount)
      try store(&bytes, blocks, on: &device)
      return Int32(blocks.byteCount)
    case .flush: try device.flush()
    case .discard: try device.discard(blocks)
    case .writeZeroes: try device.writeZeroes(blocks)
    }
  } catch { return -errno(of: error).code }
  return 0
}

/// Hands the device bytes that this process alone can reach.
private func store<Device: BlockDevice & ~Copyable>(
  _ bytes: inout MutableRawSpan,
  _ blocks: BlockRange,
  on device: inout Device
) throws(StoreError) {
  try device.write(blocks, from: bytes.bytes)
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
    guard blocks.byteCount <= Int(shape.bufferBytes) else {
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
