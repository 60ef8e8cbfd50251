// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Memory

/// What the administrator wants for tools that spool.
public struct ScratchSpace: Sendable {
  /// Where it is mounted in the capture system (`scratch`).
  public var place: Path = "/scratch"
  /// How many bytes it has, in addition to swap (`scratch-size`).
  public var size: UInt64 = 256 << 20

  /// The place that a setting names; nil for what cannot be one: where every
  /// initramfs mounts something itself, scratch would be hidden at once.
  static func place(_ value: Span<UInt8>) -> Path? {
    let path = Path(value)
    guard path.hasPrefix("/"), path.count > 1, value[value.count - 1] != 0x2f
    else { return nil }
    for taken: Path in ["/dev", "/proc", "/run", "/sys"] {
      guard path.name.starts(with: taken.name) else { continue }
      if path.count == taken.count || value[taken.count] == 0x2f {
        return nil
      }
    }
    // An empty part, or one that leads elsewhere.
    var start = 1
    for index in 1...value.count
    where index == value.count || value[index] == 0x2f {
      let part = Path(value.extracting(start..<index))
      if part.count == 0 || part.equals(".") || part.equals("..") {
        return nil
      }
      start = index + 1
    }
    return path
  }

  /// How many bytes a tmpfs may take in its stead, when `swapBytes` are there
  /// to swap its pages to, or `ownBytes` more that nobody else counts on.
  func tmpfsLimit(swapBytes: UInt64, ownBytes: UInt64?) -> UInt64 {
    // A tmpfs that takes all of swap leaves none to what fills it.
    ownBytes ?? min(size, swapBytes / 2 / 4096 * 4096)
  }
}

extension Settings {
  /// The device's size in bytes: what swap gets and what scratch gets.
  public var deviceSize: UInt64 { size + (scratch?.size ?? 0) }
}
