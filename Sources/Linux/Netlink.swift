// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CLinux
internal import Memory

/// A way to ask families of generic netlink for something.
public struct Netlink: ~Copyable {
  private let descriptor: Descriptor
  private var number: UInt32 = 0

  /// What the kernel has to say beyond "done": the answer's attributes.
  public struct Answer: Sendable {
    fileprivate var bytes = InlineArray<2048, UInt8>(repeating: 0)
    fileprivate var count = 0

    init() {}

    /// Keeps the attributes of a message.
    init(_ attributes: RawSpan) {
      let reader = ByteReader(attributes)
      count = min(attributes.byteCount, 2048)
      for index in 0..<count { bytes[index] = (try? reader.u8(at: index)) ?? 0 }
    }
  }

  private enum Kind {
    /// NLMSG_ERROR: an errno, or 0 for success.
    static let error: UInt16 = 2
    /// GENL_ID_CTRL: the family that knows the others.
    static let control: UInt16 = 0x10
  }

  private enum Control {
    static let getFamily: UInt8 = 3
    static let familyNumber: UInt16 = 1
    static let familyName: UInt16 = 2
  }

  /// Opens a socket.
  ///
  /// The corresponding C function is `socket` with NETLINK_GENERIC.
  public init() throws(Errno) {
    descriptor = Descriptor(owning: try checked(om_netlink_open()))
  }

  /// The number of the family with this name; throws ENOENT when there is
  /// none.
  public mutating func family(_ name: Path) throws(Errno) -> UInt16 {
    var message = NetlinkMessage(
      to: Kind.control,
      command: Control.getFamily
    )
    message.append(Control.familyName, name)
    let answer = try ask(message)
    guard let number = answer.u16(Control.familyNumber) else {
      throw .invalid
    }
    return number
  }

  /// Sends a request and waits until the kernel has done what it asks for.
  public mutating func ask(
    _ message: NetlinkMessage
  ) throws(Errno) -> Answer {
    number &+= 1
    var message = message
    message.stamp(number: number)
    let file = descriptor.number
    let sent = unsafe message.bytes.span.bytes.extracting(first: message.count)
      .withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the message.
        unsafe om_send(file, buffer.baseAddress, buffer.count)
      }
    guard try checked(sent) == message.count else { throw .inputOutput }
    var answer = Answer()
    while true {
      var bytes = InlineArray<4096, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      let got = unsafe span.withUnsafeMutableBytes { buffer in
        // SAFETY: the kernel writes at most `count` bytes into the span.
        unsafe om_receive(file, buffer.baseAddress, buffer.count)
      }
      let count = try checked(got)
      guard count > 0 else { throw .inputOutput }
      // SAFETY: bytes have no padding that could leak.
      let message = unsafe bytes.span.bytes.extracting(first: count)
      if let end = take(message, &answer) {
        guard end == 0 else { throw Errno(end) }
        return answer
      }
    }
  }

  /// Looks through what has come: an errno, or 0, once the request is done.
  private func take(_ bytes: RawSpan, _ answer: inout Answer) -> Int32? {
    let reader = ByteReader(bytes)
    var offset = 0
    while let length = try? reader.u32(at: offset),
      length >= 16, Int(length) <= bytes.byteCount - offset,
      let kind = try? reader.u16(at: offset + 4),
      let its = try? reader.u32(at: offset + 8)
    {
      if its == number {
        if kind == Kind.error {
          let errno = (try? reader.u32(at: offset + 16)) ?? 0
          return 0 &- Int32(bitPattern: errno)
        }
        let end = offset + Int(length)
        if end >= offset + 20 {
          answer = Answer(bytes.extracting((offset + 20)..<end))
        }
      }
      offset += (Int(length) + 3) & ~3
    }
    return nil
  }
}

extension Netlink.Answer {
  /// The attribute of this type, where it has 16 bits.
  public func u16(_ type: UInt16) -> UInt16? {
    // SAFETY: bytes have no padding that could leak.
    let reader = unsafe ByteReader(bytes.span.bytes)
    guard let place = place(of: type, byteCount: 2) else { return nil }
    return try? reader.u16(at: place)
  }

  /// The attribute of this type, where it has 32 bits.
  public func u32(_ type: UInt16) -> UInt32? {
    // SAFETY: bytes have no padding that could leak.
    let reader = unsafe ByteReader(bytes.span.bytes)
    guard let place = place(of: type, byteCount: 4) else { return nil }
    return try? reader.u32(at: place)
  }

  private func place(of type: UInt16, byteCount: Int) -> Int? {
    // SAFETY: bytes have no padding that could leak.
    let reader = unsafe ByteReader(bytes.span.bytes)
    var offset = 0
    while offset + 4 <= count, let length = try? reader.u16(at: offset),
      length >= 4, offset + Int(length) <= count,
      let found = try? reader.u16(at: offset + 2)
    {
      // The two highest bits say how the value is made.
      if found & 0x3fff == type, Int(length) == 4 + byteCount {
        return offset + 4
      }
      offset += (Int(length) + 3) & ~3
    }
    return nil
  }
}
