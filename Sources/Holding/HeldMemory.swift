// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
public import Linux
internal import Memory

/// The parts of a packed stage two in memory that stays where it is.
public struct HeldMemory: ~Copyable {
  private let memory: Mapping
  /// Open for as long as the pages are to stay where they are; nil where the
  /// kernel does not do that, and pages may move.
  private let ring: Ring?
  private let page: HeldPage
  private let partSize: UInt32
  private let digests: [Digest]
  private let contentCount: UInt64

  /// Whether the pages cannot move.
  public var isPinned: Bool {
    switch ring {
    case .some: true
    case nil: false
    }
  }

  /// How many bytes of memory it takes.
  public var byteCount: Int { memory.byteCount }

  /// Holds the parts that an image has.
  public init(imageAt path: Path) throws(HoldError) {
    try self.init(try Self.parts(ofImageAt: path))
  }

  private init(_ parts: [[UInt8]]) throws(HoldError) {
    var pages: UInt64 = 0
    var content: UInt64 = 0
    var digests = [Digest]()
    for part in parts {
      pages += HeldRecord.pages(for: UInt64(part.count))
      content += UInt64(part.count)
      digests.append(Digest(of: part.span))
    }
    guard pages <= HeldRecord.frameLimit else { throw .badParts }
    let page = HeldPage(id: Kernel.randomSeed(), key: Kernel.randomSeed())
    let memory: Mapping
    do throws(Errno) {
      memory = try Mapping.huge(byteCount: Int(pages) * Frame.size)
    } catch { throw .memory(error) }
    let filled = Self.fill(memory, with: parts, by: page)
    do throws(Errno) { try filled.lock() } catch { throw .memory(error) }
    ring = Self.pin(filled)
    self.memory = filled
    self.page = page
    self.digests = digests
    partSize = UInt32(parts[0].count)
    contentCount = content
  }

  /// What somebody needs to find the parts again.
  public func record() throws(HoldError) -> [UInt8] {
    guard let runs = PageFrames.runs(of: memory) else { throw .frames }
    do throws(HeldRecordError) {
      return try HeldRecord(
        page: page,
        partSize: partSize,
        byteCount: contentCount,
        digests: digests,
        runs: runs
      ).bytes
    } catch { throw .badParts }
  }

  private static func fill(
    _ memory: consuming Mapping,
    with parts: [[UInt8]],
    by page: HeldPage
  ) -> Mapping {
    var memory = memory
    var index = 0
    var room = [UInt8](repeating: 0, count: Frame.size)
    for part in parts {
      var start = 0
      while start < part.count {
        let end = min(start + HeldPage.room, part.count)
        var span = room.mutableSpan
        page.write(
          part.span.extracting(start..<end),
          index: UInt32(index),
          to: &span
        )
        var bytes = memory.bytes
        for place in 0..<Frame.size {
          bytes.storeBytes(
            of: room[place],
            toByteOffset: index * Frame.size + place,
            as: UInt8.self
          )
        }
        index += 1
        start = end
      }
    }
    return memory
  }

  private static func pin(_ memory: borrowing Mapping) -> Ring? {
    do throws(Errno) {
      var ring = try Ring(entries: 1)
      try ring.pin(memory)
      return ring
    } catch { return nil }
  }

  private static func parts(
    ofImageAt path: Path
  ) throws(HoldError) -> [[UInt8]] {
    var collector = PartCollector()
    var reader = NewcReader()
    do throws(Errno) {
      let file = try Descriptor(path, .read)
      var bytes = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        var span = bytes.mutableSpan
        // SAFETY: bytes have no padding, and every pattern is a valid one.
        var raw = unsafe span.mutableBytes
        let count = try file.read(into: &raw)
        guard count > 0 else { break }
        let piece = bytes.span.extracting(0..<count)
        let taken = try? reader.feed(piece, to: &collector)
        guard taken == count else { throw Errno.invalid }
      }
    } catch {
      if error == .invalid { throw .notImage(at: reader.offset) }
      throw .image(error)
    }
    guard reader.isBetweenEntries else { throw .notImage(at: reader.offset) }
    guard let first = collector.parts.first else { throw .noParts }
    let whole = collector.parts.dropLast()
    guard collector.isOrdered, collector.parts.count <= 256,
      !first.isEmpty, whole.allSatisfy({ $0.count == first.count }),
      (1...first.count).contains(collector.parts.last?.count ?? 0)
    else { throw .badParts }
    return collector.parts
  }
}
