// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The numbers are those of include/uapi/linux/nbd-netlink.h and nbd.h.

public import Linux

/// A /dev/nbdN whose requests come through two sockets of ours: the kernel's
/// ends of connections on which the handshake is over, or never takes place.
///
/// With one alone the kernel fails a request whose reply breaks off in the
/// middle (nbd_read_stat in drivers/block/nbd.c); with two it sends it again.
public struct KernelDevice: ~Copyable {
  /// The number: N of /dev/nbdN.
  public let number: UInt32
  private var netlink: Netlink
  private let family: UInt16

  /// What the kernel has to know of a device.
  public struct Shape: Sendable {
    /// How many blocks of 4096 bytes it has.
    public var blocks: UInt32
    /// What the server can do: the transmission flags of the protocol.
    public var flags: UInt16
    /// Seconds that a request may take; a connection on which one takes
    /// longer is dead.
    ///
    /// That is also how long those wait that a server had when it died.
    public var timeout: UInt32 = 10
    /// Seconds for which requests wait for another connection when theirs is
    /// dead.
    public var patience = Shape.patience

    /// The same, where nobody says otherwise.
    public static let patience: UInt32 = 60

    /// A device of so many blocks whose server can do this.
    public init(blocks: UInt32, flags: UInt16) {
      self.blocks = blocks
      self.flags = flags
    }
  }

  /// What a server whose store is in memory can do: NBD_FLAG_HAS_FLAGS,
  /// NBD_FLAG_SEND_TRIM, NBD_FLAG_SEND_WRITE_ZEROES and
  /// NBD_FLAG_CAN_MULTI_CONN.
  ///
  /// Nothing has to be flushed, so the kernel is not told to.
  public static let memoryFlags: UInt16 = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 8

  enum Command {
    static let connect: UInt8 = 1
    static let disconnect: UInt8 = 2
    static let reconfigure: UInt8 = 3
  }

  enum Attribute {
    static let index: UInt16 = 1
    static let sizeBytes: UInt16 = 2
    static let blockSizeBytes: UInt16 = 3
    static let timeout: UInt16 = 4
    static let serverFlags: UInt16 = 5
    static let sockets: UInt16 = 7
    static let deadConnectionTimeout: UInt16 = 8
    static let socketItem: UInt16 = 1
    static let socketFile: UInt16 = 1
  }

  /// Has the kernel make a device of its ends of two connections.
  ///
  /// The kernel keeps the sockets; the caller may close its descriptors.
  public init(
    _ shape: Shape,
    over first: borrowing Descriptor,
    _ second: borrowing Descriptor
  ) throws(NBDKernelError) {
    var netlink = try attempt(NBDKernelError.noSocket) { () throws(Errno) in
      try Netlink()
    }
    let family: UInt16
    do throws(Errno) { family = try netlink.family("nbd") } catch {
      throw .noDriver(error)
    }
    var message = NetlinkMessage(to: family, command: Command.connect)
    message.append(Attribute.sizeBytes, UInt64(shape.blocks) << 12)
    message.append(Attribute.blockSizeBytes, UInt64(4096))
    message.append(Attribute.timeout, UInt64(shape.timeout))
    message.append(Attribute.deadConnectionTimeout, UInt64(shape.patience))
    message.append(Attribute.serverFlags, UInt64(shape.flags))
    message.append(first, second)
    let answer = try KernelDevice.ask(&netlink, message, .connect)
    guard let number = answer.u32(Attribute.index) else {
      throw .refused(.connect, .invalid)
    }
    self.number = number
    self.netlink = netlink
    self.family = family
  }

  /// Whether this kernel has the driver.
  public static var hasDriver: Bool {
    do throws(Errno) {
      var netlink = try Netlink()
      _ = try netlink.family("nbd")
      return true
    } catch { return false }
  }

  /// Gives the device other connections when its own are dead; requests that
  /// were not answered are sent again.
  public mutating func reconnect(
    over first: borrowing Descriptor,
    _ second: borrowing Descriptor
  ) throws(NBDKernelError) {
    var message = NetlinkMessage(to: family, command: Command.reconfigure)
    message.append(Attribute.index, number)
    message.append(first, second)
    _ = try KernelDevice.ask(&netlink, message, .reconnect)
  }

  /// Has requests wait so many seconds for another connection from now on.
  public mutating func wait(seconds: UInt32) throws(NBDKernelError) {
    var message = NetlinkMessage(to: family, command: Command.reconfigure)
    message.append(Attribute.index, number)
    message.append(Attribute.deadConnectionTimeout, UInt64(seconds))
    _ = try KernelDevice.ask(&netlink, message, .reconnect)
  }

  /// Whether the driver has it still.
  public var isThere: Bool { Files.exists(Path("/sys/block/nbd\(number)/pid")) }

  /// Takes the device away; requests that are not answered fail.
  public mutating func disconnect() throws(NBDKernelError) {
    var message = NetlinkMessage(to: family, command: Command.disconnect)
    message.append(Attribute.index, number)
    _ = try KernelDevice.ask(&netlink, message, .disconnect)
  }

  private static func ask(
    _ netlink: inout Netlink,
    _ message: NetlinkMessage,
    _ step: NBDKernelError.Step
  ) throws(NBDKernelError) -> Netlink.Answer {
    do throws(Errno) { return try netlink.ask(message) } catch {
      throw .refused(step, error)
    }
  }
}

extension NetlinkMessage {
  /// Appends the list of sockets.
  fileprivate mutating func append(
    _ first: borrowing Descriptor,
    _ second: borrowing Descriptor
  ) {
    let files =
      [first.number, second.number] as InlineArray<2, Int32>
    append(KernelDevice.Attribute.sockets) { list in
      for index in files.indices {
        list.append(KernelDevice.Attribute.socketItem) { item in
          item.append(
            KernelDevice.Attribute.socketFile,
            UInt32(bitPattern: files[index])
          )
        }
      }
    }
  }
}
