// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

/// A block device of the kernel's whose requests come to this process.
///
/// One ring carries everything: the requests, and START_DEV or
/// END_USER_RECOVERY, which the kernel works on in a thread of its own while
/// requests are already being served here. All memory is there before the
/// device starts. `UblkStandby` makes it.
public struct UblkDevice: ~Copyable {
  var ring: Ring
  let control: Descriptor
  let characters: Descriptor
  var descriptors: Mapping
  var buffers: Mapping
  let shape: Shape
  /// The N of /dev/ublkbN.
  public let number: UInt32
  /// How many requests this process has answered.
  public internal(set) var answers: UInt64 = 0

  /// What a device's queue looks like.
  public struct Shape: Equatable, Sendable {
    /// How many requests may be under way at a time, 1 to 128.
    public var depth: UInt16
    /// The bytes of one I/O buffer, a multiple of 4096.
    public var bufferBytes: UInt32
    /// The device's size in blocks of 4096 bytes.
    public var blocks: UInt32
    /// Whether the server copies data by itself, through one buffer, piece by
    /// piece; otherwise the driver does, and each tag has a buffer.
    private(set) var isUserCopy = false

    /// Makes a shape; what the driver would not take is brought into range.
    public init(blocks: UInt32, depth: UInt16 = 16, bufferBytes: UInt32) {
      self.blocks = blocks
      self.depth = min(max(depth, 1), 128)
      let wanted = min(max(bufferBytes, 4096), 1 << 20)
      self.bufferBytes = wanted / 4096 * 4096
    }

    /// The same with data copied by the one or by the other.
    func served(byUserCopy: Bool) -> Shape {
      var shape = self
      shape.isUserCopy = byUserCopy
      return shape
    }

    /// The bytes of one request at most.
    ///
    /// With a buffer for each tag a request must fit into it; in pieces it may
    /// be larger, and costs no memory.
    var requestBytes: UInt32 {
      isUserCopy ? max(bufferBytes, 256 << 10) : bufferBytes
    }

    /// The bytes of all buffers.
    var buffersByteCount: Int {
      (isUserCopy ? 1 : Int(depth)) * Int(bufferBytes)
    }
  }

  /// User data of control commands' completions; tags are far below.
  static let starting: UInt64 = 1 << 32
  static let stopping: UInt64 = 2 << 32
  static let performing: UInt64 = 3 << 32
  static let recovering: UInt64 = 4 << 32

  /// Throws where there is no driver, or none for us.
  public static func findDriver() throws(UblkError) {
    _ = try openControl()
  }

  static func openControl() throws(UblkError) -> Descriptor {
    try attempt(UblkError.noDriver) { () throws(Errno) in
      try Descriptor("/dev/ublk-control", .readWrite)
    }
  }

  init(_ standby: consuming UblkStandby, characters: consuming Descriptor) {
    ring = standby.ring
    control = standby.registration.control
    descriptors = standby.registration.descriptors
    buffers = standby.registration.buffers
    shape = standby.registration.shape
    number = standby.registration.number
    self.characters = characters
  }

  /// Hands all tags to the driver, and the command that it answers once it has
  /// them; `serve` then reports `started`.
  mutating func handOver(
    _ operation: UInt32,
    as userData: UInt64
  ) throws(UblkError) {
    do throws(Errno) {
      for tag in 0..<shape.depth {
        try queue(Operation.fetch, tag: tag, result: 0)
      }
      let command = controlCommand(
        device: number,
        data: UInt64(Process.own.magnitude)
      )
      try ring.command(
        file: control.number,
        operation: operation,
        userData: userData,
        command
      )
      try ring.wait(milliseconds: 0)
    } catch { throw .refused(.fetch, error) }
    // Not before: whoever dies between the two leaves a driver that takes no
    // other process's mapping and has no server whose end it would notice.
    do throws(Errno) {
      try descriptors.replace(
        at: 0,
        byteCount: descriptors.byteCount,
        with: characters,
        fileOffset: 0,
        writable: false
      )
    } catch { throw .noCharacterDevice(number, error) }
  }

  /// Asks the driver to take /dev/ublkbN away, once the requests that are
  /// under way have been answered; `serve` then reports `gone`.
  public mutating func stop() throws(UblkError) {
    do throws(Errno) {
      try ring.command(
        file: control.number,
        operation: Operation.stopDevice,
        userData: UblkDevice.stopping,
        controlCommand(device: number)
      )
    } catch { throw .refused(.stopDevice, error) }
  }

  /// Takes /dev/ublkcN away, after `serve` has reported `gone`; the device's
  /// number is free again once nobody uses /dev/ublkbN any more.
  public consuming func delete() throws(UblkError) {
    // The driver waits for the last user of /dev/ublkcN, and that is us.
    close(characters, descriptors)
    do throws(Errno) {
      try deleteDevice(number, control: control, ring: &ring)
    } catch { throw .refused(.deleteDevice, error) }
  }

  /// Queues an I/O command for `tag`.
  mutating func queue(
    _ operation: UInt32,
    tag: UInt16,
    result: Int32
  ) throws(Errno) {
    // The driver wants no address where it does not copy.
    let offset = Int(tag) * Int(shape.bufferBytes)
    let command = inputOutputCommand(
      tag: tag,
      result: result,
      bufferAddress: shape.isUserCopy
        ? 0 : UInt64(buffers.address) + UInt64(offset)
    )
    try ring.command(
      file: characters.number,
      operation: operation,
      userData: UInt64(tag),
      command
    )
  }
}

/// Lets go of a device's files.
private func close(
  _ characters: consuming Descriptor,
  _ descriptors: consuming Mapping
) {}
