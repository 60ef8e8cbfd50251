// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

// From the frames up, where blocks are checked and there are two copies:
//
//     oldmem            mirror      reads one copy, and the other on an error
//     oldmem-checked0   integrity   a checksum for each block of 4096 bytes
//     oldmem-copy0      linear      the frames of one shelf, in order
//     pmem0             a window of physical memory

/// A block device of just the chosen frames, put together by the kernel: no
/// process has to live for it.
public struct StitchedDevice: ~Copyable {
  /// What it is to be like.
  public struct Shape: Sendable {
    /// Whether each block has a checksum.
    public var isChecked: Bool
    /// The frames of each copy.
    public var copies: [[FrameRange]]

    /// The frames of each copy, and whether their blocks have checksums.
    public init(isChecked: Bool, copies: [[FrameRange]]) {
      self.isChecked = isChecked
      self.copies = copies
    }
  }

  /// Why there is no device.
  public enum Failure: Error, Sendable {
    /// No window shows this frame.
    case outside(FrameNumber)
    /// The kernel refused a part of it.
    case refused(DeviceMapperError)
    /// It cannot be filled with zeros.
    case clear(Errno)

    /// The failure as a sentence.
    public var sentence: Line {
      switch self {
      case .outside(let frame): "frame \(hex: frame.value) is in no window"
      case .refused(let error): error.sentence
      case .clear(let errno): "the device cannot be cleared: \(errno)"
      }
    }
  }

  /// The device on top.
  public private(set) var name = DeviceName.mapped(0)
  /// Its size in bytes.
  public private(set) var byteCount: UInt64 = 0
  // From the lowest up.
  private var parts: [Path] = []

  /// Makes the device; a failure leaves none of its parts behind.
  ///
  /// - Parameter progress: called now and then.
  public init(
    _ shape: Shape,
    in windows: [MemoryWindow],
    progress: () -> Void
  ) throws(Failure) {
    do throws(Failure) {
      var tops: [Part] = []
      for index in shape.copies.indices {
        let part = try add(
          StitchedDevice.table(
            StitchedDevice.copy(index),
            shape.copies[index],
            in: windows
          )
        )
        tops.append(
          shape.isChecked
            ? try addChecked(StitchedDevice.checked(index), on: part) : part
        )
      }
      var top = tops[0]
      if tops.count > 1 { top = try add(StitchedDevice.mirror(of: tops)) }
      name = .mapped(top.number.minor)
      byteCount = top.sectors << 9
      if shape.isChecked { try clear(progress) }
    } catch {
      remove()
      throw error
    }
  }

  /// Writes zeros to every block.
  ///
  /// One that was never written has no checksum that fits, and dm-mirror gives
  /// a copy up for good once a block of it could not be read: whoever only
  /// looked at what is on the device would end it.
  private func clear(_ progress: () -> Void) throws(Failure) {
    do throws(Errno) {
      let file = try Descriptor(name.path, .readWrite)
      var start: UInt64 = 0
      while start < byteCount {
        let count = min(16 << 20, byteCount - start)
        try file.zero(start..<start + count)
        start += count
        progress()
      }
    } catch { throw .clear(error) }
  }

  /// Takes it away, unless somebody uses it.
  public func remove() {
    for part in parts.reversed() { MappedDevice.remove(part) }
  }

  /// Takes away whatever a process left behind that was killed: nobody else
  /// would.
  public static func removeAll() {
    MappedDevice.remove(proof)
    MappedDevice.remove(top)
    for index in 0..<mostCopies { MappedDevice.remove(checked(index)) }
    for index in 0..<mostCopies { MappedDevice.remove(copy(index)) }
  }

  /// As the setting `copies` allows.
  private static var mostCopies: Int { 4 }

  /// All frames side by side, to prove the way to them.
  public static var proof: Path { "oldmem-proof" }
  private static var top: Path { "oldmem" }
  private static func checked(_ index: Int) -> Path {
    Path("oldmem-checked\(index)")
  }
  private static func copy(_ index: Int) -> Path { Path("oldmem-copy\(index)") }

  private struct Part {
    let number: DeviceNumber
    let sectors: UInt64
  }

  private mutating func add(
    _ table: DeviceTable
  ) throws(Failure) -> Part {
    do throws(DeviceMapperError) {
      let device = try MappedDevice(table)
      parts.append(table.name)
      return Part(number: device.number, sectors: table.sectors)
    } catch { throw .refused(error) }
  }

  private mutating func addChecked(
    _ name: Path,
    on lower: Part
  ) throws(Failure) -> Part {
    let sectors: UInt64
    do throws(DeviceMapperError) {
      sectors = try IntegrityDevice.format(name, on: lower.number)
    } catch { throw .refused(error) }
    return try add(
      IntegrityDevice.table(name, lower.number, sectors: sectors)
    )
  }

  /// The frames of `runs` side by side.
  public static func table(
    _ name: Path,
    _ runs: [FrameRange],
    in windows: [MemoryWindow]
  ) throws(Failure) -> DeviceTable {
    var table = DeviceTable(of: name)
    table.reserve(targets: runs.count)
    for run in runs {
      var done: UInt64 = 0
      while done < run.count {
        let frame = FrameNumber(run.start.value + done)
        var found: (device: DeviceNumber, sector: UInt64, count: UInt64)?
        for window in windows {
          guard let place = window.place(of: frame) else { continue }
          found = (window.device, place.sector, place.count)
        }
        guard let found else { throw .outside(frame) }
        let count = min(found.count, run.count - done)
        table.append(
          linear: found.device,
          first: found.sector,
          sectors: count << 3
        )
        done += count
      }
    }
    return table
  }

  /// Copies of equal content: there is none yet, so nothing has to be made
  /// equal first (nosync).
  private static func mirror(of copies: [Part]) -> DeviceTable {
    var sectors = UInt64.max
    var list: Line = "core 2 1024 nosync \(copies.count)"
    for copy in copies {
      sectors = min(sectors, copy.sectors)
      list.append(line: " \(copy.number.text) 0")
    }
    list.append(" 1 handle_errors")
    var table = DeviceTable(of: StitchedDevice.top)
    table.append("mirror", sectors: sectors, list)
    return table
  }
}
