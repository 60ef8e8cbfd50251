// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

// A two-stage image may end in a second archive (`ImageLayout`):
//
//     first archive, to a multiple of 512 bytes    stage one with stage two
//     second archive, the same                     settings, flag layout
//
// The kernel unpacks both, and the later file wins. Where the running system
// holds stage two, the first archive has no parts of it, and the second one the
// record of where they are.

/// A two-stage image that somebody has made before.
public struct PackedImage {
  private let bytes: [UInt8]
  private var places = [String: Range<Int>]()
  /// The entries of the first archive and its trailer, in their order.
  private var entries = [(name: String, bytes: Range<Int>)]()
  /// Where the first archive ends, with its padding.
  private var bodyEnd = 0

  /// Takes the bytes of a file; nil where it is no image of ours.
  public init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    var position = 0
    while position + NewcHeader.size <= bytes.count {
      guard bytes[position] != 0 else {
        position += 1
        continue
      }
      guard let entry = Self.entry(of: bytes, at: position) else { return nil }
      if bodyEnd == 0 {
        let end = min(entry.end, bytes.count)
        entries.append(("/" + entry.name, position..<end))
      }
      position = entry.end
      if entry.name == "\(NewcHeader.trailer)" {
        if bodyEnd == 0 { bodyEnd = (position + 511) / 512 * 512 }
      } else {
        places["/" + entry.name] = entry.data
      }
    }
    guard bodyEnd > 0, bodyEnd <= bytes.count,
      places["\(ImageLayout.daemon)"] != nil,
      places["\(ImageLayout.manifest)"] != nil
    else { return nil }
  }

  /// Whether the bytes begin as those of an image of ours do, whatever becomes
  /// of them later: its first folder is `/oldmem`.
  public static func begins(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= NewcHeader.size,
      let entry = entry(of: bytes, at: 0)
    else { return false }
    return "/" + entry.name == "\(ImageLayout.folder)"
  }

  /// The absolute paths of all that it holds.
  public var paths: [String] { places.keys.sorted() }

  /// All its bytes.
  public var whole: [UInt8] { bytes }

  /// The size of the image.
  public var byteCount: Int { bytes.count }

  /// The file at an absolute path, as the kernel would leave it.
  public func file(_ path: String) -> [UInt8]? {
    places[path].map { Array(bytes[$0]) }
  }

  /// The settings that hold in it.
  public var settings: [UInt8]? { file("\(ImageLayout.configuration)") }

  /// The flag layout in it.
  public var flagLayout: [UInt8]? { file("\(ImageLayout.flagLayout)") }

  /// Whether stage two is in it, and not only what it must be.
  public var hasStageTwo: Bool { places.keys.contains(where: Self.isPart) }

  /// Where the running system held stage two, as the record says that is in it.
  public var heldRecord: [UInt8]? { file("\(ImageLayout.heldRecord)") }

  /// What stage two must be.
  public var manifest: [UInt8]? { file("\(ImageLayout.manifest)") }

  /// The parts of stage two, in their order.
  public var stageTwo: [ArraySlice<UInt8>] {
    entries.compactMap { entry in
      Self.isPart(entry.name) ? places[entry.name].map { bytes[$0] } : nil
    }
  }

  /// What stage two takes once it is unpacked, in bytes; nil where that cannot
  /// be read.
  public var unpackedSize: UInt64? {
    guard let manifest = manifest else { return nil }
    return (try? Manifest(manifest.span))?.unpackedSize
  }

  /// What was written down of what it was made of.
  public var origin: String? {
    file("\(ImageLayout.origin)").map { String(decoding: $0, as: UTF8.self) }
  }

  /// The modules that it loads, by name.
  public var modules: [String] {
    let folder = "\(ImageLayout.modules)/"
    return paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(".ko") }
      .map { String($0.dropFirst(folder.count + 3).dropLast(3)) }
  }

  /// The same image with other settings and another flag layout.
  ///
  /// - Parameter held: where the running system holds stage two, which is not
  ///   in the image then.
  public func replacing(
    settings: [UInt8],
    flagLayout: [UInt8]?,
    held: [UInt8]? = nil
  ) throws(PackError) -> [UInt8] {
    var tail = StageOne()
    try tail.add("\(ImageLayout.configuration)", settings)
    if let flagLayout { try tail.add("\(ImageLayout.flagLayout)", flagLayout) }
    guard let held else { return Array(bytes[..<bodyEnd]) + tail.finish() }
    try tail.add("\(ImageLayout.heldRecord)", held)
    return archive { !Self.isPart($0) } + tail.finish()
  }

  /// The image in two archives: what runs first, and the parts of stage two.
  ///
  /// One behind the other they are the image again.
  public var halves: (stageOne: [UInt8], stageTwo: [UInt8]) {
    let tail = bytes[bodyEnd...]
    return (
      archive { !Self.isPart($0) } + tail,
      archive { Self.isPart($0) || $0 == "/\(NewcHeader.trailer)" }
    )
  }

  /// Those entries of the first archive, a multiple of 512 bytes.
  ///
  /// Each has a multiple of four bytes, so they fit together in any choice.
  private func archive(of includes: (String) -> Bool) -> [UInt8] {
    var archive = entries.filter { includes($0.name) }
      .reduce(into: [UInt8]()) { $0 += bytes[$1.bytes] }
    let padding = (512 - archive.count % 512) % 512
    archive += [UInt8](repeating: 0, count: padding)
    return archive
  }

  private static func isPart(_ path: String) -> Bool {
    path.hasPrefix("\(ImageLayout.stageTwo)/")
      && path != "\(ImageLayout.manifest)"
  }

  private static func entry(
    of bytes: [UInt8],
    at start: Int
  ) -> (name: String, data: Range<Int>, end: Int)? {
    let head = bytes.span.extracting(start..<start + NewcHeader.size)
    guard let header = try? NewcHeader(head, at: UInt64(start)) else {
      return nil
    }
    let nameStart = start + NewcHeader.size
    let nameEnd = nameStart + Int(header.nameSize)
    let data = nameEnd + NewcHeader.padding(after: UInt64(nameEnd))
    let dataEnd = data + Int(header.size)
    guard header.nameSize > 0, dataEnd <= bytes.count else { return nil }
    let name = String(decoding: bytes[nameStart..<nameEnd - 1], as: UTF8.self)
    let end = dataEnd + NewcHeader.padding(after: UInt64(dataEnd))
    return (name, data..<dataEnd, end)
  }
}
