// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

extension MachineMemory {
  /// Bytes that could be had without swapping (MemAvailable of /proc/meminfo);
  /// nil where that is not told.
  public static func available(
    from path: Path = "/proc/meminfo"
  ) -> UInt64? {
    guard let text = try? Files.read(path, limit: 16 << 10) else { return nil }
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0a { end += 1 }
      let line = Path(text.span.extracting(start..<end))
      if line.hasPrefix("MemAvailable:") {
        var kibibytes: UInt64 = 0
        for byte in line.name where byte >= 0x30 && byte <= 0x39 {
          kibibytes = kibibytes &* 10 &+ UInt64(byte - 0x30)
        }
        return kibibytes &* 1024
      }
      start = end + 1
    }
    return nil
  }
}
