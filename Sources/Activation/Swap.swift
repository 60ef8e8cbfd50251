// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Memory

/// Swapping to a block device of ours.
public enum Swap {
  /// Writes a swap header to the device and starts swapping to it.
  ///
  /// - Parameter seed: what the area's UUID is made of.
  public static func activate(_ device: Path, seed: UInt64) throws(Errno) {
    do {
      let file = try Descriptor(device, .readWrite)
      let pages = try file.deviceByteCount() / UInt64(Frame.size)
      let header = SwapHeader.page(
        pages: UInt32(clamping: pages),
        seed: seed
      )
      // SAFETY: bytes have no padding that could leak.
      try file.write(unsafe header.span.bytes, at: 0)
      try file.synchronize()
    }
    try Kernel.swapOn(device)
  }

  /// Whether the kernel swaps to `device` or a part of it now; true when that cannot be
  /// found out, for the answer decides whether its server may be ended.
  public static func isActive(_ device: Path) -> Bool {
    guard let text = try? Files.read("/proc/swaps", limit: 4096) else {
      return true
    }
    return isActive(device, in: text)
  }

  /// Whether a line of /proc/swaps begins with the device's name.
  static func isActive(_ device: Path, in text: [UInt8]) -> Bool {
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] > 0x20 { end += 1 }
      if names(text[start..<end], device) { return true }
      while end < text.count, text[end] != 0x0a { end += 1 }
      start = end + 1
    }
    return false
  }

  /// Whether a name of /proc/swaps is `device` or a partition of it, either
  /// of which may have disappeared since: then "\040(deleted)" follows it.
  static func names(_ entry: ArraySlice<UInt8>, _ device: Path) -> Bool {
    guard entry.starts(with: device.name) else { return false }
    var rest = entry.dropFirst(device.count)
    // The kernel puts a "p" between two numbers (bdev_set_name and the like).
    if rest.first == 0x70, let last = device.name.last, isDigit(last) {
      let number = rest.dropFirst().prefix(while: isDigit)
      if !number.isEmpty { rest = rest.dropFirst(1 + number.count) }
    }
    return rest.isEmpty || rest.first == 0x5c
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte)
  }
}
