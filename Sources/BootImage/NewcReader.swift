// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Unpacks newc archives that come in pieces of any size, by the rules of the
// kernel's init/initramfs.c: archives follow one another, zeros may stand
// between entries and archives, the trailer may be missing. Stricter than the
// kernel where it would write outside the root or skip an entry in silence.

/// A push parser of newc archives.
public struct NewcReader: ~Copyable {
  /// PATH_MAX: a name and a target with their NULs.
  public static let nameLimit = 4096

  private enum State {
    case between
    case header
    case name
    case target
    case data
  }

  /// How many bytes of the stream have been taken.
  public private(set) var offset: UInt64 = 0
  /// How many entries have been handed to the sink.
  public private(set) var entryCount: UInt64 = 0
  /// Whether entries have come since the last trailer.
  public private(set) var isArchiveOpen = false

  private let limit: UInt64
  private var state = State.between
  private var entry: UInt64 = 0
  private var header = NewcHeader()
  private var head = [UInt8](repeating: 0, count: NewcHeader.size)
  private var name = [UInt8](repeating: 0, count: nameLimit)
  private var target = [UInt8](repeating: 0, count: nameLimit + 1)
  private var filled = 0
  private var nameCount = 0
  private var padding = 0
  private var remaining: UInt64 = 0
  private var sum: UInt32 = 0
  private var links = HardLinks()

  /// Reads a stream that is known to have at most `limit` bytes.
  public init(limit: UInt64 = .max) { self.limit = limit }

  /// Whether the stream may end here.
  public var isBetweenEntries: Bool { state == .between && padding == 0 }

  /// The name of the entry that was read last, without its NUL, for messages.
  public var lastName: Span<UInt8> {
    @_lifetime(borrow self)
    get { name.span.extracting(0..<max(0, nameCount - 1)) }
  }

  /// Takes `bytes` as far as they are archives and padding, and says how many
  /// that were.
  ///
  /// Less than all is left only between entries, at a byte that begins no
  /// entry: the kernel looks for a compressed archive there.
  public mutating func feed<Sink: ArchiveSink & ~Copyable>(
    _ bytes: Span<UInt8>,
    to sink: inout Sink
  ) throws(ArchiveError) -> Int {
    var index = 0
    while index < bytes.count {
      if padding > 0 {
        let count = min(padding, bytes.count - index)
        padding -= count
        advance(count, &index)
        continue
      }
      switch state {
      case .between:
        if bytes[index] == 0 {
          advance(1, &index)
          continue
        }
        guard bytes[index] == 0x30 else { return index }
        guard offset % 4 == 0 else { throw .misaligned(at: offset) }
        entry = offset
        filled = 0
        state = .header
      case .header:
        Self.collect(bytes, &index, &filled, into: &head, NewcHeader.size)
        offset = entry &+ UInt64(filled)
        if filled == NewcHeader.size { try readHeader() }
      case .name:
        let count = Int(header.nameSize)
        let before = filled
        Self.collect(bytes, &index, &filled, into: &name, count)
        offset &+= UInt64(filled - before)
        if filled == count { try begin(&sink) }
      case .target:
        let count = Int(header.size)
        let before = filled
        Self.collect(bytes, &index, &filled, into: &target, count)
        offset &+= UInt64(filled - before)
        if filled == count { try makeSymlink(&sink) }
      case .data:
        let left = UInt64(bytes.count - index)
        let count = Int(min(remaining, left))
        let piece = bytes.extracting(index..<(index + count))
        if header.hasSum {
          for position in piece.indices { sum &+= UInt32(piece[position]) }
        }
        do { try sink.data(piece) } catch {
          throw .sink(at: entry, error)
        }
        remaining -= UInt64(count)
        advance(count, &index)
        if remaining == 0 { try endFile(&sink) }
      }
    }
    return index
  }

  /// Says that no byte follows.
  public func finish() throws(ArchiveError) {
    guard isBetweenEntries else { throw .truncated(at: entry) }
  }

  private mutating func advance(_ count: Int, _ index: inout Int) {
    index += count
    offset &+= UInt64(count)
  }

  private static func collect(
    _ bytes: Span<UInt8>,
    _ index: inout Int,
    _ filled: inout Int,
    into buffer: inout [UInt8],
    _ wanted: Int
  ) {
    while filled < wanted, index < bytes.count {
      buffer[filled] = bytes[index]
      filled += 1
      index += 1
    }
  }

  private mutating func readHeader() throws(ArchiveError) {
    header = try NewcHeader(head.span, at: entry)
    guard (1...UInt32(Self.nameLimit)).contains(header.nameSize) else {
      throw .nameLength(at: entry, header.nameSize)
    }
    let room = limit > offset ? limit - offset : 0
    guard UInt64(header.nameSize) + UInt64(header.size) <= room else {
      throw .tooLarge(at: entry, size: header.size)
    }
    isArchiveOpen = true
    nameCount = 0
    filled = 0
    sum = 0
    state = .name
  }

  /// The name is complete: hands over all that needs no data.
  private mutating func begin<Sink: ArchiveSink & ~Copyable>(
    _ sink: inout Sink
  ) throws(ArchiveError) {
    let headed = UInt64(NewcHeader.size) + UInt64(header.nameSize)
    padding = NewcHeader.padding(after: headed)
    guard let length = Self.textCount(name.span, filled), length > 0 else {
      throw .badName(at: entry)
    }
    nameCount = length + 1
    if isTrailer {
      guard header.size == 0 else {
        throw .unexpectedData(at: entry, size: header.size)
      }
      links.removeAll()
      isArchiveOpen = false
      state = .between
      return
    }
    guard Self.isSafe(name.span.extracting(0..<length)) else {
      throw .unsafeName(at: entry)
    }
    entryCount &+= 1
    if header.kind == NewcHeader.symlink {
      guard header.size < Self.nameLimit else {
        throw .badTarget(at: entry, size: header.size)
      }
      filled = 0
      state = .target
      // The kernel makes no link without a target, and says nothing.
      if header.size == 0 { state = .between }
      return
    }
    guard header.kind == NewcHeader.regular || header.size == 0 else {
      throw .unexpectedData(at: entry, size: header.size)
    }
    let node = NodeKind(rawValue: header.kind)
    guard
      node != nil || header.kind == NewcHeader.regular
        || header.kind == NewcHeader.directory
    else {
      throw .unknownKind(at: entry, mode: header.mode)
    }
    let isFile = header.kind != NewcHeader.directory
    let first = isFile && header.nlink > 1 ? links.find(header) : nil
    if isFile, header.nlink > 1, first == nil {
      guard links.insert(header, name: name, nameCount) else {
        throw .tooManyLinks(at: entry)
      }
    }
    do { try make(node, linkedTo: first, in: &sink) } catch {
      throw .sink(at: entry, error)
    }
    remaining = UInt64(header.size)
    state = header.size > 0 ? .data : .between
  }

  /// Hands over everything but a symbolic link, up to its data.
  private mutating func make<Sink: ArchiveSink & ~Copyable>(
    _ node: NodeKind?,
    linkedTo first: Range<Int>?,
    in sink: inout Sink
  ) throws(SinkError) {
    let path = name.span.extracting(0..<nameCount)
    if header.kind == NewcHeader.directory {
      return try sink.directory(path, attributes)
    }
    if let first {
      try sink.link(path, to: links.names.span.extracting(first))
      guard header.size > 0 else { return }
    }
    if let node {
      return try sink.node(
        path,
        node,
        major: header.major,
        minor: header.minor,
        attributes
      )
    }
    try sink.beginFile(path, attributes, size: UInt64(header.size))
    if header.size == 0 { try sink.endFile() }
  }

  private mutating func makeSymlink<Sink: ArchiveSink & ~Copyable>(
    _ sink: inout Sink
  ) throws(ArchiveError) {
    target[filled] = 0
    guard let length = Self.textCount(target.span, filled + 1) else {
      throw .badTarget(at: entry, size: header.size)
    }
    if length > 0 {
      do {
        try sink.symlink(
          name.span.extracting(0..<nameCount),
          to: target.span.extracting(0..<(length + 1)),
          attributes
        )
      } catch {
        throw .sink(at: entry, error)
      }
    }
    endData()
  }

  private mutating func endFile<Sink: ArchiveSink & ~Copyable>(
    _ sink: inout Sink
  ) throws(ArchiveError) {
    guard !header.hasSum || sum == header.sum else {
      throw .wrongSum(at: entry)
    }
    do { try sink.endFile() } catch {
      throw .sink(at: entry, error)
    }
    endData()
  }

  private mutating func endData() {
    padding = NewcHeader.padding(after: UInt64(header.size))
    state = .between
  }

  private var attributes: EntryAttributes {
    EntryAttributes(
      permissions: header.mode & 0o7777,
      uid: header.uid,
      gid: header.gid,
      mtime: header.mtime
    )
  }

  private var isTrailer: Bool {
    let word = NewcHeader.trailer
    guard nameCount == word.utf8CodeUnitCount + 1 else { return false }
    return word.withUTF8Buffer { letters in
      for index in letters.indices where unsafe name[index] != letters[index] {
        return false
      }
      return true
    }
  }

  /// How long the text is that ends at the first NUL among `count` bytes, or
  /// nil when there is none or something follows it.
  ///
  /// Names padded with NULs are how writers align the data that follow.
  private static func textCount(_ bytes: Span<UInt8>, _ count: Int) -> Int? {
    var length = 0
    while length < count, bytes[length] != 0 { length += 1 }
    guard length < count else { return nil }
    for index in length..<count where bytes[index] != 0 { return nil }
    return length
  }

  private static func isSafe(_ name: Span<UInt8>) -> Bool {
    guard name[0] != 0x2f else { return false }
    var dots = 0
    var others = 0
    for index in 0...name.count {
      if index == name.count || name[index] == 0x2f {
        if dots == 2, others == 0 { return false }
        dots = 0
        others = 0
      } else if name[index] == 0x2e {
        dots += 1
      } else {
        others += 1
      }
    }
    return true
  }
}
