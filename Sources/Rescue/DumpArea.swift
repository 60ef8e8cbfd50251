// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// A disk as a dump is saved on it.
public protocol RescueDisk: ~Copyable {
  /// Writes all of `bytes`; false where the disk did not take them.
  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool
  /// Reads all of `bytes`; false where the disk did not give them.
  mutating func read(_ bytes: inout MutableRawSpan, at offset: UInt64) -> Bool
  /// Waits until what was written has arrived; false where it has not.
  mutating func synchronize() -> Bool
  /// Drops what memory has of it, so that the disk itself is read next.
  mutating func forget()
}

/// The place for a dump on a disk that was prepared.
///
/// What the disk had before is there until it is written over. So the header says
/// at each barrier how many bytes are the new dump's, and what is said in the
/// dump afterwards is about no others.
public struct DumpArea<Disk: RescueDisk & ~Copyable>: PlacedSink, ~Copyable {
  /// The disk.
  public var disk: Disk
  private var area: RescueArea
  private var isBroken = false

  private init(_ disk: consuming Disk, _ area: RescueArea) {
    self.disk = disk
    self.area = area
  }

  /// How many bytes there is room for.
  public var room: UInt64 { area.dumpPlace.byteCount }

  /// Begins to save a dump; throws where the disk has no room.
  ///
  /// One that fails takes nothing afterwards.
  public static func begin(
    on disk: consuming Disk,
    _ area: RescueArea,
    time: UInt64
  ) throws(NoRoom) -> DumpArea {
    guard area.dumpPlace.byteCount > 0 else { throw NoRoom() }
    var dump = DumpArea(disk, area)
    dump.area.dump = RescueArea.Saved(writingAt: time)
    // The head of the dump before must not be one of this dump's pieces.
    let zeroes = [UInt8](repeating: 0, count: RescueArea.headSize)
    dump.isBroken =
      !dump.writeHead() || !dump.disk.synchronize()
      || !dump.put(zeroes, at: area.dumpPlace.lowerBound)
      || !dump.disk.synchronize()
    return dump
  }

  /// Takes a part of the dump; false too where it would not fit.
  public mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    let count = UInt64(bytes.byteCount)
    guard !isBroken, offset <= room, count <= room - offset else {
      return false
    }
    area.dump.count = max(area.dump.count, offset + count)
    return disk.write(bytes, at: area.dumpPlace.lowerBound + offset)
  }

  /// Waits for what was written, and says in the header how far it goes.
  public mutating func barrier() -> Bool { writeHead() && disk.synchronize() }

  /// Says in the header that the dump is there, where not all of it is `isCut`;
  /// then reads it again, and adds the checksum of what the disk gives back.
  ///
  /// In this order: there may be no time left for the second part.
  public mutating func end(isCut: Bool) -> Bool {
    area.dump.state = isCut ? .cut : .complete
    guard disk.synchronize(), barrier() else { return false }
    disk.forget()
    guard let sum = sumOfDisk() else { return false }
    area.dump.checksum = sum
    return barrier()
  }

  private mutating func sumOfDisk() -> UInt64? {
    var sum = RescueArea.Sum()
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var place: UInt64 = 0
    while place < area.dump.count {
      let count = Int(min(UInt64(bytes.count), area.dump.count - place))
      var span = bytes.mutableSpan
      // SAFETY: bytes have no padding, and every pattern is a valid one.
      var raw = unsafe span.mutableBytes
      var part = raw._mutatingExtracting(0..<count)
      let start = area.dumpPlace.lowerBound + place
      guard disk.read(&part, at: start) else { return nil }
      sum.update(bytes.span.extracting(0..<count))
      place += UInt64(count)
    }
    return sum.value
  }

  private mutating func writeHead() -> Bool { put(area.bytes, at: 0) }

  private mutating func put(_ bytes: [UInt8], at offset: UInt64) -> Bool {
    // SAFETY: bytes have no padding that could leak.
    let span = unsafe bytes.span.bytes
    return disk.write(span, at: offset)
  }
}
