// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
internal import Synchronization

// A page of numbers of 8 bytes, shared by a server and those who stand by:
//
//     0   beats      moved by the server, at least once a second
//     8   committed  1 once the device is in use: its end is a loss now
//     16  retired    1 once nobody is wanted any more
//     24  ready      1 once somebody is ready to take over
//     32  server     the process that serves, or is about to
//     40  spare      the process that takes over from it
//     48  reserve    the process that becomes the next spare
//     56  serving    the process that has last begun to serve
//     64  failures   how many of the last ones died at once
//     72  attempts   how many spares in a row never became ready
//     80  device     which device it is, one added: 0 as long as there is none

/// What a server and those who may follow it know of one another.
public struct Succession: ~Copyable {
  let page: Mapping

  /// A number on the page, at eight times this from its start.
  public enum Field: Int, Sendable {
    /// How often the server has come round.
    case beats
    /// Not zero: the device is in use, so a dead server must be replaced.
    case committed
    /// Not zero: nobody is wanted any more.
    case retired
    /// Not zero: somebody is ready to take over.
    case ready
    /// The number of the process that serves.
    case server
    /// The number of the process that takes over from it.
    case spare
    /// The number of the process that becomes the next spare.
    case reserve
    /// The number of the process that has last begun to serve.
    case serving
    /// How many servers in a row have died before they came to serve.
    case failures
    /// How many spares in a row have not become ready.
    case attempts
    /// The code of the device's name, and one; 0 is none.
    case device
  }

  /// A page on which nothing has happened yet.
  public init() throws(Errno) {
    page = try Mapping.anonymous(byteCount: 4096, shared: true)
  }

  /// Says that the server has come round once more; at least once a second.
  @inline(__always)
  public func beat() {
    // SAFETY: the page is zeroed, aligned and lives as long as `self`; each
    // place is only ever used as this one atomic number, in all processes.
    unsafe page.base.assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.wrappingAdd(1, ordering: .relaxed)
  }

  /// What the page says.
  public func value(_ field: Field) -> UInt64 {
    // SAFETY: as in `beat`.
    unsafe (page.base + field.rawValue * 8)
      .assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.load(ordering: .acquiring)
  }

  /// Changes what the page says, for all.
  public func set(_ field: Field, _ value: UInt64) {
    // SAFETY: as in `beat`.
    unsafe (page.base + field.rawValue * 8)
      .assumingMemoryBound(to: Atomic<UInt64>.self)
      .pointee.store(value, ordering: .releasing)
  }

  /// The device that is served; nil as long as there is none.
  public var device: DeviceName? {
    get {
      let code = value(.device)
      guard code > 0 else { return nil }
      return DeviceName(code: UInt32(truncatingIfNeeded: code &- 1))
    }
    nonmutating set { set(.device, newValue.map { UInt64($0.code) + 1 } ?? 0) }
  }

  /// Whether the page says so.
  public func isSet(_ field: Field) -> Bool { value(field) != 0 }
}
