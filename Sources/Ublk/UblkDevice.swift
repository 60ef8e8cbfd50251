// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

/// A block device of the kernel's whose requests come to this process.
///
/// One ring carries everything: the control commands of the set-up, the
/// requests, and START_DEV, which the kernel works on in a thread of its own
/// while its partition scan is already being served here. All memory is there
/// before the device starts.
public struct UblkDevice: ~Copyable {
  var ring: Ring
  let control: Descriptor
  let characters: Descriptor
  let descriptors: Mapping
  var buffers: Mapping
  let shape: Shape
  /// The N of /dev/ublkbN.
  public let number: UInt32

  /// What a device's queue looks like.
  public struct Shape: Equatable, Sendable {
    /// How many requests may be under way at a time, 1 to 128.
    public var depth: UInt16
    /// The bytes of one request at most, a multiple of 4096.
    public var bufferBytes: UInt32
    /// The device's size in blocks of 4096 bytes.
    public var blocks: UInt32

    /// Makes a shape; what the driver would not take is brought into range.
    public init(blocks: UInt32, depth: UInt16 = 16, bufferBytes: UInt32) {
      self.blocks = blocks
      self.depth = min(max(depth, 1), 128)
      let wanted = min(max(bufferBytes, 4096), 1 << 20)
      self.bufferBytes = wanted / 4096 * 4096
    }
  }

  /// User data of control commands' completions; tags are far below.
  static let starting: UInt64 = 1 << 32
  static let stopping: UInt64 = 2 << 32
  static let performing: UInt64 = 3 << 32

  /// Throws where there is no driver, or none for us.
  public static func findDriver() throws(UblkError) {
    _ = try openControl()
  }

  private static func openControl() throws(UblkError) -> Descriptor {
    try attempt(UblkError.noDriver) { () throws(Errno) in
      try Descriptor("/dev/ublk-control", .readWrite)
    }
  }

  /// Registers a device with the driver; it cannot be used before `start`.
  public init(_ shape: Shape) throws(UblkError) {
    let control = try UblkDevice.openControl()
    var ring = try attempt(UblkError.noRing) { () throws(Errno) in
      try Ring(entries: UInt32(shape.depth) * 2)
    }
    let buffers = try attempt(UblkError.noMemory) { () throws(Errno) in
      try Mapping.anonymous(
        byteCount: Int(shape.depth) * Int(shape.bufferBytes)
      )
    }
    let number = try addDevice(shape, control: control, ring: &ring)
    let queue: Queue
    do throws(UblkError) {
      try setParameters(shape, of: number, control: control, ring: &ring)
      queue = try Queue(of: number, depth: shape.depth)
    } catch {
      try? perform(
        Operation.deleteDevice,
        controlCommand(device: number),
        control: control,
        ring: &ring
      )
      throw error
    }
    self.shape = shape
    self.number = number
    self.control = control
    self.ring = ring
    self.buffers = buffers
    characters = queue.characters
    descriptors = queue.descriptors
  }

  /// Hands all tags to the driver and asks it to make /dev/ublkbN appear.
  ///
  /// The device is there once `serve` has reported `started`.
  public mutating func start() throws(UblkError) {
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
        operation: Operation.startDevice,
        userData: UblkDevice.starting,
        command
      )
    } catch { throw .refused(.fetch, error) }
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
    close(Queue(characters: characters, descriptors: descriptors))
    do throws(Errno) {
      do throws(Errno) {
        try perform(
          Operation.deleteDeviceLater,
          controlCommand(device: number),
          control: control,
          ring: &ring
        )
      } catch  where error == .notSupported {
        // Waits for the last user of either device.
        try perform(
          Operation.deleteDevice,
          controlCommand(device: number),
          control: control,
          ring: &ring
        )
      }
    } catch { throw .refused(.deleteDevice, error) }
  }

  /// Queues an I/O command for `tag`.
  mutating func queue(
    _ operation: UInt32,
    tag: UInt16,
    result: Int32
  ) throws(Errno) {
    let offset = Int(tag) * Int(shape.bufferBytes)
    let command = inputOutputCommand(
      tag: tag,
      result: result,
      bufferAddress: UInt64(buffers.address) + UInt64(offset)
    )
    try ring.command(
      file: characters.number,
      operation: operation,
      userData: UInt64(tag),
      command
    )
  }
}

/// What a queue needs of /dev/ublkcN.
private struct Queue: ~Copyable {
  let characters: Descriptor
  let descriptors: Mapping

  init(characters: consuming Descriptor, descriptors: consuming Mapping) {
    self.characters = characters
    self.descriptors = descriptors
  }

  /// Opens the device and maps the descriptors of its requests.
  init(of device: UInt32, depth: UInt16) throws(UblkError) {
    let characters = try attempt({ UblkError.noCharacterDevice(device, $0) }) {
      () throws(Errno) in try openWhenThere(device)
    }
    let table = Int(depth) * Request.byteCount
    let descriptors = try attempt({ UblkError.noCharacterDevice(device, $0) }) {
      () throws(Errno) in
      try Mapping.reading(
        characters,
        at: 0,
        byteCount: (table + Frame.size - 1) / Frame.size * Frame.size
      )
    }
    self.init(characters: characters, descriptors: descriptors)
  }
}

/// Lets go of the queue's device.
private func close(_ queue: consuming Queue) {}

/// Opens /dev/ublkcN as soon as devtmpfs has it.
private func openWhenThere(_ device: UInt32) throws(Errno) -> Descriptor {
  let path = Path("/dev/ublkc\(device)")
  var last = Errno.noEntry
  for _ in 0..<100 {
    do throws(Errno) { return try Descriptor(path, .readWrite) } catch {
      last = error
    }
    Clock.sleep(milliseconds: 20)
  }
  throw last
}
