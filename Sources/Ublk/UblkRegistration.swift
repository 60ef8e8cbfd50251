// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

/// A device that the driver knows of, whoever serves it.
///
/// To be made before any process is forked that shall be able to serve the
/// device: all of them then have the control file open, and the same I/O
/// buffers at the same addresses.
public struct UblkRegistration: ~Copyable {
  let control: Descriptor
  // Shared with whoever is forked.
  var buffers: Mapping
  // Where the descriptors of requests will be seen.
  var descriptors: Mapping
  let shape: UblkDevice.Shape
  // /dev, for the name may not lead there any more: who removes the folder on
  // which it is mounted, as initramfs do, unmounts it for everybody.
  let devices: Descriptor
  // ublkcN, spelled beforehand.
  let name: Path
  /// The N of /dev/ublkbN.
  public let number: UInt32
  /// Whether the device outlives its server, for another one to go on with
  /// it.
  public let isRecoverable: Bool

  /// Registers a device with the driver; it can be used once a server has
  /// started it.
  public init(_ shape: UblkDevice.Shape) throws(UblkError) {
    let control = try UblkDevice.openControl()
    let devices = try attempt(UblkError.noDriver) { () throws(Errno) in
      try Descriptor("/dev", .read)
    }
    var ring = try attempt(UblkError.noRing) { () throws(Errno) in
      try Ring(entries: 4)
    }
    let table = Int(shape.depth) * Request.byteCount
    let descriptors = try attempt(UblkError.noMemory) { () throws(Errno) in
      try Mapping.anonymous(
        byteCount: (table + Frame.size - 1) / Frame.size * Frame.size
      )
    }
    let (number, flags) = try addDevice(shape, control: control, ring: &ring)
    let shape = shape.served(byUserCopy: flags & userCopy != 0)
    do throws(UblkError) {
      buffers = try makeBuffers(
        shape,
        for: number,
        control: control,
        ring: &ring
      )
    } catch {
      try? deleteDevice(number, control: control, ring: &ring)
      throw error
    }
    self.control = control
    self.descriptors = descriptors
    self.shape = shape
    self.number = number
    self.devices = devices
    name = Path("ublkc\(number)")
    isRecoverable = flags & userRecovery == userRecovery
  }

  /// How many requests may be under way, so that the server's death is
  /// noticed at once: the queue's depth, less one.
  ///
  /// The driver hears of it through the commands that wait for a request; when
  /// every tag has one, nothing waits, and only the requests' own timeout of
  /// 30 s tells (ublk_timeout in 6.12).
  public var requestLimit: UInt32 { UInt32(max(shape.depth, 2)) - 1 }
}

/// The memory through which a new device's data goes; the driver hears how
/// large requests may then be.
private func makeBuffers(
  _ shape: UblkDevice.Shape,
  for device: UInt32,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(UblkError) -> Mapping {
  try setParameters(shape, of: device, control: control, ring: &ring)
  return try attempt(UblkError.noMemory) { () throws(Errno) in
    try Mapping.anonymous(byteCount: shape.buffersByteCount, shared: true)
  }
}

/// DEL_DEV: not to wait for users of /dev/ublkbN, where the driver can do
/// that.
func deleteDevice(
  _ number: UInt32,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(Errno) {
  let command = controlCommand(device: number)
  do throws(Errno) {
    try perform(
      Operation.deleteDeviceLater,
      command,
      control: control,
      ring: &ring
    )
  } catch  where error == .notSupported {
    try perform(
      Operation.deleteDevice,
      command,
      control: control,
      ring: &ring
    )
  }
}
