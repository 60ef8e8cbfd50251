// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// A stretch of physical memory that a driver of the kernel's shows as a block
/// device.
public struct MemoryWindow: Equatable, Sendable {
  /// The frames, in the order in which the device has them.
  public let frames: FrameRange
  /// The device.
  public let device: DeviceNumber

  /// Frames that a device shows from its first sector on.
  public init(frames: FrameRange, device: DeviceNumber) {
    self.frames = frames
    self.device = device
  }

  /// Where a frame begins in the device, in sectors, and how many frames it
  /// has from there on; nil where it does not have it.
  public func place(
    of frame: FrameNumber
  ) -> (sector: UInt64, count: UInt64)? {
    guard frames.contains(frame) else { return nil }
    let offset = frame.value - frames.start.value
    return (offset << 3, frames.count - offset)
  }

  /// What nd_pmem shows: stretches that the command line has set apart with
  /// `memmap=SIZE!START`, and NVDIMMs.
  ///
  /// Of a device without an address, or with one that is not a frame's, there
  /// is none.
  public static func pmem(in folder: Path = "/sys/block") -> [MemoryWindow] {
    var windows: [MemoryWindow] = []
    Files.forEachEntry(of: folder) { name in
      guard name.hasPrefix("pmem") else { return }
      let block = folder.appending(name)
      guard let device = number(of: block),
        let text = try? Files.read(
          block.appending("device/resource"),
          limit: 32
        ),
        let start = Hex.parse(trimmed(text.span)),
        start % UInt64(Frame.size) == 0,
        let frames = frameCount(of: block)
      else { return }
      windows.append(
        MemoryWindow(
          frames: FrameRange(
            start: FrameNumber(start >> Frame.shift),
            count: frames
          ),
          device: device
        )
      )
    }
    return windows
  }

  /// What slram shows of each of `ranges`, for which it was loaded.
  public static func slram(
    _ ranges: [FrameRange],
    in folder: Path = "/sys/block"
  ) -> [MemoryWindow] {
    var windows: [MemoryWindow] = []
    for index in ranges.indices {
      let name: Path = Path("\(SlramPlan.name(index))\n")
      Files.forEachEntry(of: folder) { block in
        guard block.hasPrefix("mtdblock") else { return }
        let block = folder.appending(block)
        guard
          let text = try? Files.read(
            block.appending("device/name"),
            limit: 64
          ),
          text[...] == name.name,
          let device = number(of: block),
          frameCount(of: block) == ranges[index].count
        else { return }
        windows.append(MemoryWindow(frames: ranges[index], device: device))
      }
    }
    return windows
  }

  private static func number(of block: Path) -> DeviceNumber? {
    guard let text = try? Files.read(block.appending("dev"), limit: 32) else {
      return nil
    }
    return DeviceNumber(text.span)
  }

  private static func frameCount(of block: Path) -> UInt64? {
    guard let text = try? Files.read(block.appending("size"), limit: 32),
      let sectors = ByteSize.parse(trimmed(text.span))
    else { return nil }
    return sectors >> 3
  }

  /// Without the line's end.
  @_lifetime(copy text)
  private static func trimmed(_ text: Span<UInt8>) -> Span<UInt8> {
    var count = text.count
    while count > 0, text[count - 1] <= 0x20 { count -= 1 }
    return text.extracting(first: count)
  }
}
