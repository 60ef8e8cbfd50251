// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The start of a function's configuration space (PCI Local Bus 3.0, 6.1):
//
//     0   2  vendor
//     2   2  device
//     4   2  command: bit 2 is Bus Master
//     6   2  status
//     8   1  revision
//     9   3  class, which the kernel may know better
//     12  1  cache line size
//     13  1  latency timer
//     14  1  header type: 0 is a device, all else a bridge; bit 7 says that
//            there are more functions

public import Linux
internal import Memory

/// What sysfs shows of one function of a PCI device.
public struct PCIFunction: Sendable {
  /// Its folder.
  let folder: Path
  /// Where it is, as `0000:00:1f.2`.
  public let address: Path
  /// Base class, sub-class and programming interface, as `0x010802`.
  public let classText: Path
  /// The same as a number.
  let classCode: UInt64
  /// The lower seven bits of the header type.
  let headerType: UInt8
  /// The command register when it was looked at first.
  let command: UInt16
  /// How many users in this kernel have enabled it.
  let enableCount: UInt64
  /// Whether a driver of this kernel's is bound to it.
  let hasDriver: Bool

  /// The command register's bit that lets a function write to memory.
  static let busMaster: UInt16 = 1 << 2

  /// Looks at the function whose folder is `folder`.
  init(_ address: Path, in folder: Path) throws(Errno) {
    let folder = folder.appending(address)
    let classText = try PCIFunction.text(folder.appending("class"))
    let users = try PCIFunction.text(folder.appending("enable"))
    guard let classCode = Hex.parse(classText.text),
      let enableCount = ByteSize.parse(users.text)
    else { throw .invalid }
    self.folder = folder
    self.address = address
    self.classText = classText
    self.classCode = classCode
    self.enableCount = enableCount
    hasDriver = Files.exists(folder.appending("driver"))
    let header = try PCIFunction.header(folder)
    command = UInt16(header[4]) | UInt16(header[5]) << 8
    headerType = header[14] & 0x7f
  }

  /// Whether the function may read and write memory by itself, as its
  /// configuration space says now.
  func isBusMaster() throws(Errno) -> Bool {
    let header = try PCIFunction.header(folder)
    return UInt16(header[4]) & PCIFunction.busMaster != 0
  }

  /// Adds a user to the function, or takes one away.
  ///
  /// When the last user goes, the kernel clears Bus Master
  /// (do_pci_disable_device in drivers/pci/pci.c).
  func setEnabled(_ enabled: Bool) throws(Errno) {
    let file = try Descriptor(folder.appending("enable"), .write)
    let text: Line = enabled ? "1" : "0"
    try file.write(text.raw)
  }

  /// The first 16 bytes of configuration space.
  private static func header(
    _ folder: Path
  ) throws(Errno) -> InlineArray<16, UInt8> {
    let file = try Descriptor(folder.appending("config"), .read)
    var header = InlineArray<16, UInt8>(repeating: 0)
    var span = header.mutableSpan
    // SAFETY: bytes have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    guard try file.read(at: 0, into: &raw) == 16 else { throw .inputOutput }
    return header
  }

  /// The line that an attribute holds.
  private static func text(_ path: Path) throws(Errno) -> Path {
    var text = try Files.read(path, limit: 32)
    if text.last == 0x0a { text.removeLast() }
    return Path(text.span)
  }
}
