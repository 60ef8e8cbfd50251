// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// What old memory is used for (`use`): a list such as `swap, hotplug`.
public struct Uses: Equatable, Sendable {
  /// A device that is swapped to.
  public var swap = true
  /// Space for tools that spool, on a part of that device.
  public var scratch = false
  /// RAM, by a module of ours.
  public var hotplug = false

  /// Swap alone.
  public init() {}

  /// The uses that a list names; nil for any other word, for a list with no
  /// use that stage two could be unpacked into, and for scratch without the
  /// device that it is a part of.
  init?(_ list: Span<UInt8>) {
    swap = false
    var start = 0
    while start <= list.count {
      var end = start
      while end < list.count, list[end] != 0x2c { end += 1 }
      let word = Path(trimmed(list.extracting(start..<end)))
      if word.equals("swap") {
        swap = true
      } else if word.equals("scratch") {
        scratch = true
      } else if word.equals("hotplug") {
        hotplug = true
      } else {
        return nil
      }
      start = end + 1
    }
    guard swap || hotplug, swap || !scratch else { return nil }
  }
}

/// How much old memory becomes RAM, and who may use it.
public struct HotplugSpace: Equatable, Sendable {
  /// How many bytes are wanted (`hotplug-size`).
  public var size: UInt64 = 256 << 20
  /// Whether only memory of processes and page cache may be put there, and
  /// nothing of the kernel's or of drivers (`hotplug-zone`).
  public var isMovable = false
}

extension Settings {
  /// Seconds for which frames are watched that will be RAM (`settle`; 2 where
  /// nobody has set it).
  ///
  /// What is swapped out there has a checksum, and what is RAM has none.
  public var hotplugSettleTime: UInt32 { setsSettleTime ? settleTime : 2 }
}
