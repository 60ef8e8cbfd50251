// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Memory

/// Why the kernel has not made a device.
public enum DeviceMapperError: Error, Sendable {
  /// There is no device-mapper: /dev/mapper/control.
  case noDriver(Errno)
  /// A device of that name could not be made.
  case create(Path, Errno)
  /// Its table was refused.
  case table(Path, Errno)
  /// It could not be put to use.
  case resume(Path, Errno)

  /// The error as a sentence.
  public var sentence: Line {
    switch self {
    case .noDriver(let errno): "device-mapper: \(errno)"
    case .create(let name, let errno): "device-mapper: \(name): \(errno)"
    case .table(let name, let errno):
      "device-mapper: the table of \(name) is refused: \(errno)"
    case .resume(let name, let errno):
      "device-mapper: \(name) cannot begin: \(errno)"
    }
  }
}

/// A device of device-mapper's: /dev/dm-N.
///
/// It stays until `remove` takes it away: nothing but the kernel has to be
/// there for it.
public struct MappedDevice: Sendable {
  /// Its number.
  public let number: DeviceNumber

  private enum Command: UInt32 {
    case create = 3
    case remove = 4
    case suspend = 6
    case load = 9

    /// _IOWR(DM_IOCTL, n, struct dm_ioctl).
    var request: UInt32 {
      3 << 30 | UInt32(DeviceTable.headerSize) << 16 | 0xfd << 8 | rawValue
    }
  }

  /// Makes a device out of its table.
  public init(_ table: DeviceTable) throws(DeviceMapperError) {
    let name = table.name
    let control = try attempt(DeviceMapperError.noDriver) { () throws(Errno) in
      try Descriptor("/dev/mapper/control", .readWrite)
    }
    var answer = DeviceTable(of: name)
    do throws(Errno) {
      try control.control(Command.create.request, &answer.bytes)
    } catch { throw .create(name, error) }
    number = DeviceNumber(encoded: answer.deviceNumber)
    var table = table
    do throws(Errno) {
      try control.control(Command.load.request, &table.bytes)
    } catch {
      MappedDevice.remove(name)
      throw .table(name, error)
    }
    var resume = DeviceTable(of: name)
    do throws(Errno) {
      try control.control(Command.suspend.request, &resume.bytes)
    } catch {
      MappedDevice.remove(name)
      throw .resume(name, error)
    }
  }

  /// Takes the device of that name away, unless somebody uses it.
  public static func remove(_ name: Path) {
    var request = DeviceTable(of: name)
    let control = try? Descriptor("/dev/mapper/control", .readWrite)
    try? control?.control(Command.remove.request, &request.bytes)
  }
}

extension DeviceTable {
  /// The device's number in an answer, as the kernel writes it (huge_encode_dev).
  var deviceNumber: UInt64 {
    // SAFETY: bytes have no padding that could leak.
    let reader = ByteReader(unsafe bytes.span.bytes)
    return (try? reader.u64(at: 40)) ?? 0
  }
}
