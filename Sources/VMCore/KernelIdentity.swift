// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Which kernel it is: what OSRELEASE and BUILD-ID say.
public struct KernelIdentity: Equatable, Sendable {
  /// uname -r, as bytes.
  public let release: [UInt8]
  /// The build ID in hexadecimal digits; nil where it is not to be trusted.
  public let buildID: [UInt8]?

  /// Takes the identity as it is, but for a build ID that cannot be one.
  public init(release: [UInt8], buildID: [UInt8]?) {
    self.release = release
    self.buildID = buildID.flatMap { Self.isBuildID($0) ? $0 : nil }
  }

  /// The identity that a text in the form of VMCOREINFO states.
  public init?(_ info: borrowing VMCoreInfo) {
    guard let release = info.string("OSRELEASE"), !release.isEmpty else {
      return nil
    }
    self.init(release: release, buildID: info.string("BUILD-ID"))
  }

  /// Whether `text` can be a build ID.
  ///
  /// Stable kernels that have "lib/buildid: harden build ID parsing logic"
  /// but not its correction "lib/buildid: Fix build ID parsing logic"
  /// (5.15.168 on, 6.1.113 to 118, 6.6.55 to 62, 6.10.14, 6.11.3 to 9) copy
  /// 12 bytes too early: the size 20, the type 3 and the name "GNU" of the
  /// note come first. What they print begins alike everywhere.
  static func isBuildID(_ text: [UInt8]) -> Bool {
    let garbage: StaticString = "1400000003000000474e5500"
    guard (16...64).contains(text.count) else { return false }
    for digit in text {
      switch digit {
      case 0x30...0x39, 0x61...0x66: continue
      default: return false
      }
    }
    let start = text.span.extracting(0..<min(24, text.count))
    return !garbage.matches(start)
  }

  /// Whether both are known and the same.
  public func isSame(as other: KernelIdentity) -> Bool {
    guard let buildID, let theirs = other.buildID else { return false }
    return release == other.release && buildID == theirs
  }

  /// The build ID in the notes that are `count` bytes from `base` on, such
  /// as /sys/kernel/notes has them: NT_GNU_BUILD_ID of "GNU".
  public static func buildID<Source: ByteSource & ~Copyable>(
    inNotesAt base: UInt64,
    count: UInt64,
    of source: borrowing Source
  ) throws(LayoutError) -> [UInt8]? {
    var notes = try SourceWindow(at: base, count: count, of: source)
    var place: UInt64 = 0
    while place &+ 12 <= notes.count {
      let name = UInt64(try notes.u32(at: place, source))
      let size = UInt64(try notes.u32(at: place + 4, source))
      let type = try notes.u32(at: place + 8, source)
      let text = place + 12 + (name + 3) & ~3
      if type == 3, name == 4, (8...32).contains(size),
        try notes.u32(at: place + 12, source) == 0x0055_4e47
      {
        var digits: [UInt8] = []
        for index in 0..<size {
          let byte = try notes.u8(at: text + index, source)
          digits.append(digit(byte >> 4))
          digits.append(digit(byte & 15))
        }
        return digits
      }
      place = text + (size + 3) & ~3
    }
    return nil
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
  }
}
