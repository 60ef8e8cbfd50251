// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

/// A process that could serve a device at once.
///
/// Its ring is set up and has been used, so that what the kernel allocates on
/// the way (requests, a worker thread) is there: when the server of the only
/// swap has died, nothing may be left to allocate that could have been had
/// before.
public struct UblkStandby: ~Copyable {
  var ring: Ring
  var registration: UblkRegistration

  /// How long the driver may take to notice that a server is gone, in
  /// milliseconds: at the worst as long as a request may take.
  static let patience: UInt64 = 40_000

  /// Sets up a ring for the device.
  public init(
    _ registration: consuming UblkRegistration
  ) throws(UblkError) {
    let depth = registration.shape.depth
    var ring = try attempt(UblkError.noRing) { () throws(Errno) in
      try Ring(entries: UInt32(depth) * 2)
    }
    // The last worker of a ring never goes again (io_wq_worker in 6.12).
    try? ring.limitWorkers(to: 1)
    self.ring = ring
    self.registration = registration
    warmUp()
  }

  /// Lets the kernel allocate what commands need, a command for each tag and
  /// one more at a time; it keeps all of that for the ring.
  private mutating func warmUp() {
    let room = try? Mapping.anonymous(byteCount: Frame.size)
    guard let room else { return }
    let command = controlCommand(
      device: .max,
      bufferAddress: UInt64(room.address),
      bufferLength: 8
    )
    var queued = 0
    for _ in 0...registration.shape.depth {
      let isQueued: ()? = try? ring.command(
        file: registration.control.number,
        operation: Operation.getFeatures,
        userData: UblkDevice.performing,
        command
      )
      if isQueued != nil { queued += 1 }
    }
    // What comes of them does not matter; that they are complete does.
    var rounds = 0
    while queued > 0, rounds < 100 {
      rounds += 1
      try? ring.wait(milliseconds: 100)
      while ring.next() != nil { queued -= 1 }
    }
  }

  /// Gives the registration back and closes the ring.
  public consuming func standDown() -> UblkRegistration { registration }

  /// Serves a device that nobody has served: /dev/ublkbN is there once `serve`
  /// has reported `started`.
  public consuming func start() throws(UblkError) -> UblkDevice {
    let characters: Descriptor
    do throws(UblkError) {
      characters = try registration.openWhenThere()
    } catch {
      try? deleteDevice(
        registration.number,
        control: registration.control,
        ring: &ring
      )
      throw error
    }
    var device = UblkDevice(self, characters: characters)
    try device.handOver(Operation.startDevice, as: UblkDevice.starting)
    return device
  }

  /// Serves a device whose server has died: requests come again once `serve`
  /// has reported `started`, those first that had not been answered.
  ///
  /// `meanwhile` is called again and again while the driver does not know yet
  /// that the server is gone.
  public consuming func recover(
    meanwhile: () -> Void = {}
  ) throws(UblkError) -> UblkDevice {
    let limit = Clock.nanoseconds() + UblkStandby.patience * 1_000_000
    while try !startRecovery() {
      guard Clock.nanoseconds() < limit else {
        throw .refused(.startRecovery, .busy)
      }
      meanwhile()
      Clock.sleep(milliseconds: 1)
    }
    let characters = try registration.openWhenThere()
    var device = UblkDevice(self, characters: characters)
    try device.handOver(Operation.endRecovery, as: UblkDevice.recovering)
    return device
  }

  /// Takes away a device whose server has died and that nobody needs.
  public consuming func abandon() {
    try? perform(
      Operation.stopDevice,
      controlCommand(device: registration.number),
      control: registration.control,
      ring: &ring
    )
    try? deleteDevice(
      registration.number,
      control: registration.control,
      ring: &ring
    )
  }

  /// Whether the driver has forgotten the old server.
  private mutating func startRecovery() throws(UblkError) -> Bool {
    do throws(Errno) {
      try perform(
        Operation.startRecovery,
        controlCommand(device: registration.number),
        control: registration.control,
        ring: &ring
      )
      return true
    } catch  where error == .busy {
      return false
    } catch  where error == .invalid {
      // Somebody got so far before he died too: no queue is ready any more.
      return true
    } catch { throw .refused(.startRecovery, error) }
  }
}

extension UblkRegistration {
  /// Opens /dev/ublkcN as soon as devtmpfs has it.
  fileprivate func openWhenThere() throws(UblkError) -> Descriptor {
    var last = Errno.noEntry
    for _ in 0..<100 {
      do throws(Errno) {
        return try Descriptor(name, .readWrite, in: devices)
      } catch { last = error }
      Clock.sleep(milliseconds: 20)
    }
    throw .noCharacterDevice(number, last)
  }
}
