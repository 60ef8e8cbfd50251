// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
public import Memory

/// Canaries in frames that will be RAM: nobody else will ever see whether
/// something wrote to them.
public struct FrameWatch: ~Copyable {
  private let canary: Canary
  private var buffer: [UInt8]
  /// Frames that are moved at a time: 64 KiB.
  private static var stretch: UInt64 { 16 }

  /// Watches with canaries of its own.
  public init(seed: UInt64) {
    canary = Canary(seed: seed)
    buffer = Array(
      repeating: 0,
      count: Int(FrameWatch.stretch) * Frame.size
    )
  }

  /// Writes its canary to every frame of a run.
  public mutating func plant(
    _ run: FrameRange,
    through device: borrowing OldmemDevice
  ) throws(HotplugError) {
    var start = run.start
    while start < run.end {
      let count = min(FrameWatch.stretch, run.end.value - start.value)
      fill(start, count)
      guard let address = start.address else { return }
      do throws(Errno) {
        // SAFETY: bytes have no padding that could leak.
        let bytes = unsafe buffer.span.bytes
        try device.file.write(
          bytes.extracting(first: Int(count) * Frame.size),
          at: address.value
        )
      } catch { throw .transfer(start, error) }
      start = FrameNumber(start.value + count)
    }
  }

  /// Compares every frame of a run with its canary; throws which one changed.
  public mutating func check(
    _ run: FrameRange,
    through device: borrowing OldmemDevice
  ) throws(HotplugError) {
    var start = run.start
    while start < run.end {
      let count = min(FrameWatch.stretch, run.end.value - start.value)
      guard let address = start.address else { return }
      var span = buffer.mutableSpan
      // SAFETY: bytes have no padding, and every pattern is a valid one.
      var raw = unsafe span.mutableBytes
      var part = raw._mutatingExtracting(first: Int(count) * Frame.size)
      guard device.file.fill(&part, at: address.value) else {
        throw .transfer(start, .inputOutput)
      }
      for index in 0..<count {
        let frame = FrameNumber(start.value + index)
        guard isIntact(Int(index), of: frame) else { throw .changed(frame) }
      }
      start = FrameNumber(start.value + count)
    }
  }

  /// Compares both ends of a run with what `core` shows of them: the device
  /// reaches what is dumped as those frames, and nothing else.
  public mutating func compare<Core: PhysicalMemory & ~Copyable>(
    _ run: FrameRange,
    through device: borrowing OldmemDevice,
    with core: borrowing Core
  ) throws(HotplugError) {
    guard run.count > 0 else { return }
    for frame in [run.start, FrameNumber(run.end.value - 1)] {
      guard let address = frame.address else { throw .unproven(frame) }
      var span = buffer.mutableSpan
      // SAFETY: as in `check`.
      var raw = unsafe span.mutableBytes
      var own = raw._mutatingExtracting(first: Frame.size)
      guard device.file.fill(&own, at: address.value) else {
        throw .transfer(frame, .inputOutput)
      }
      var rest = raw._mutatingExtracting(droppingFirst: Frame.size)
      var other = rest._mutatingExtracting(first: Frame.size)
      do throws(MemoryError) { try core.read(address, into: &other) } catch {
        throw .unproven(frame)
      }
      guard areEqual() else { throw .unproven(frame) }
    }
  }

  /// Whether the first two frames of the buffer are equal.
  private func areEqual() -> Bool {
    for index in 0..<Frame.size
    where buffer[index] != buffer[Frame.size + index] { return false }
    return true
  }

  private mutating func fill(_ start: FrameNumber, _ count: UInt64) {
    let canary = canary
    var span = buffer.mutableSpan
    // SAFETY: as in `check`.
    var raw = unsafe span.mutableBytes
    for index in 0..<count {
      var rest = raw._mutatingExtracting(
        droppingFirst: Int(index) * Frame.size
      )
      var frame = rest._mutatingExtracting(first: Frame.size)
      canary.fill(&frame, of: FrameNumber(start.value + index))
    }
  }

  private func isIntact(_ index: Int, of frame: FrameNumber) -> Bool {
    // SAFETY: as in `plant`.
    let bytes = unsafe buffer.span.bytes
    let place = bytes.extracting(droppingFirst: index * Frame.size)
    return canary.isIntact(place.extracting(first: Frame.size), of: frame)
  }
}
