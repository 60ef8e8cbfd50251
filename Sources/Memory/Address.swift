// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A byte's place in the machine's physical memory.
public struct PhysicalAddress: Equatable, Comparable, Sendable {
  /// The address in bytes from physical zero.
  public var value: UInt64

  /// Makes an address out of a byte offset from physical zero.
  @inlinable
  public init(_ value: UInt64) { self.value = value }

  /// Orders addresses by where they lie in memory.
  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

  /// The address `distance` bytes further, or nil where that overflows.
  @inlinable
  public func advanced(by distance: UInt64) -> PhysicalAddress? {
    let (sum, overflow) = value.addingReportingOverflow(distance)
    return overflow ? nil : PhysicalAddress(sum)
  }
}

/// An address as the crashed kernel's own code used it.
public struct VirtualAddress: Equatable, Comparable, Sendable {
  /// The canonical 64-bit address.
  public var value: UInt64

  /// Makes an address out of the crashed kernel's pointer value.
  @inlinable
  public init(_ value: UInt64) { self.value = value }

  /// Orders addresses as unsigned numbers.
  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

  /// The address `distance` bytes further, or nil where that overflows.
  @inlinable
  public func advanced(by distance: UInt64) -> VirtualAddress? {
    let (sum, overflow) = value.addingReportingOverflow(distance)
    return overflow ? nil : VirtualAddress(sum)
  }
}
