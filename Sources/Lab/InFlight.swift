// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a device still moves when the kernel panics, and goes on moving.
///
/// The disk `slow` is throttled, and on virtio, for which the capture kernel
/// gets no driver; so nobody stops it. What the lab itself needs after the
/// panic is therefore not on virtio: its disks are NVMe's, and messages go
/// over a second serial line.
public struct InFlight: Sendable, Equatable {
  /// Which way, and where from or to; lab/guest/inflight.c starts it.
  public enum Kind: String, Sendable {
    /// Reads of 1 MiB each past the page cache, into pages of 4 KiB.
    case smallReads = "small"
    /// The same into huge pages.
    case hugeReads = "huge"
    /// Page cache under writeback.
    case writes
  }

  /// What is under way.
  public let kind: Kind
  /// Mebibytes of free memory at the panic; huge pages in use take the rest,
  /// and so what is lent must be page cache and anonymous memory.
  public let spare: Int
  /// Seconds of the capture kernel's time in which it is waited for.
  public let seconds: Int

  /// Something under way.
  public init(_ kind: Kind, spare: Int, seconds: Int) {
    self.kind = kind
    self.spare = spare
    self.seconds = seconds
  }

  /// The makedumpfile that would write the dump: one that knows large folios,
  /// which an older one dumps, so that they may be lent here.
  public static let makedumpfile = "1.7.7"

  /// What the capture kernel's command line gains: where virtio's driver is
  /// built in, it must not start.
  public var words: String {
    "initcall_blacklist=virtio_pci_driver_init lab.seconds=\(seconds)"
  }

  /// The disks that it takes, all but the slow one small or copies of memory.
  ///
  /// `transfers` is the list of frames, `pageflags` what each page was at the
  /// panic, `frames` what oldmem lent.
  public static func disks(bytesPerSecond: Int) -> [Disk] {
    let small = MemorySize(mebibytes: 16)
    return [
      .throttled(name: "slow", size: small, bytesPerSecond: bytesPerSecond),
      .raw(name: "transfers", size: small),
      .raw(name: "pageflags", size: small),
      .raw(name: "frames", size: small),
      .data,
    ]
  }
}
