// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Rescue

/// A disk that was prepared for it takes what is saved; nothing is written to
/// one that was not, or for somebody else.
struct AreaSink: ByteSink, ~Copyable {
  private let file: Descriptor
  private var area: RescueArea
  private var sum = RescueArea.Sum()
  private var problem: Errno?
  /// Bytes to be left out at the beginning: what a kernel says last matters.
  private var skip: UInt64 = 0

  /// Bytes that are saved.
  var count: UInt64 { area.count }

  private init(_ file: consuming Descriptor, _ area: RescueArea) {
    self.file = file
    self.area = area
  }

  /// Begins to save so many bytes on a disk that is prepared with `id`.
  static func begin(
    on file: consuming Descriptor,
    id: RescueID,
    byteCount: UInt64
  ) throws(RescueError) -> AreaSink {
    var area = try Self.area(of: file)
    guard area.id == id else { throw .area(.otherID) }
    // A file has no size of a device's: that is for people who try it.
    let size = (try? file.deviceByteCount()) ?? (try? file.byteCount())
    guard size == area.size else { throw .area(.otherSize) }
    area.state = .writing
    area.count = 0
    area.checksum = 0
    var sink = AreaSink(file, area)
    sink.skip = byteCount > area.room ? byteCount - area.room : 0
    try sink.writeHead()
    return sink
  }

  /// Whether there was no room for the beginning.
  var isCut: Bool { area.state == .cut }

  private static func area(
    of file: borrowing Descriptor
  ) throws(RescueError) -> RescueArea {
    var head = [UInt8](repeating: 0, count: RescueArea.headSize)
    var span = head.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    guard file.fill(&raw, at: 0) else { throw .area(.notPrepared) }
    do throws(RescueAreaError) { return try RescueArea(head.span) } catch {
      throw .area(error)
    }
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    if skip > 0 {
      let left = Int(min(skip, UInt64(bytes.byteCount)))
      skip -= UInt64(left)
      area.state = .cut
      return left == bytes.byteCount
        || write(bytes.extracting(droppingFirst: left))
    }
    let count = Int(min(UInt64(bytes.byteCount), area.room - area.count))
    guard problem == nil, count == bytes.byteCount else { return false }
    guard count > 0 else { return true }
    let piece = bytes.extracting(first: count)
    let place = UInt64(RescueArea.headSize) + area.count
    do throws(Errno) { try file.write(piece, at: place) } catch {
      problem = error
      return false
    }
    var copy = [UInt8](repeating: 0, count: count)
    let reader = ByteReader(piece)
    for index in 0..<count { copy[index] = (try? reader.u8(at: index)) ?? 0 }
    sum.update(copy.span)
    area.count += UInt64(count)
    return true
  }

  /// Says in the header that all is there, once it is.
  mutating func end() throws(RescueError) {
    try synchronize()
    if !isCut { area.state = .complete }
    area.checksum = sum.value
    try writeHead()
  }

  private func writeHead() throws(RescueError) {
    let bytes = area.bytes
    let span = bytes.span
    do throws(Errno) {
      // SAFETY: bytes have no padding that could leak.
      try file.write(unsafe span.bytes, at: 0)
    } catch { throw .target(error) }
    try synchronize()
  }

  private func synchronize() throws(RescueError) {
    do throws(Errno) { try file.synchronize() } catch { throw .target(error) }
  }
}

/// Why something was not saved in one of the places.
enum RescueError: Error {
  /// The place is none that is known.
  case unknownTarget
  /// The place is a disk, and `rescue-id` is not set.
  case noID
  /// The disk is not one that may be written to.
  case area(RescueAreaError)
  /// The place cannot be opened or written to.
  case target(Errno)
  /// The log cannot be read, or the place did not take it.
  case log(DmesgError)

  var sentence: Line {
    switch self {
    case .unknownTarget: "is no place to save anything in"
    case .noID: "needs the setting rescue-id"
    case .area(.notPrepared): "is not prepared: oldmem rescue-format does that"
    case .area(.otherID): "is prepared with another id than rescue-id"
    case .area(.unknownVersion(let version)):
      "is prepared by another oldmem, version \(version) of the format"
    case .area(.otherSize): "has another size than when it was prepared"
    case .target(let errno): "\(errno)"
    case .log(let error): error.sentence
    }
  }
}
