// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
public import VMCore

/// Why the crashed kernel's log cannot be read at all.
///
/// What is wrong with single records is counted in `LogReport` instead.
public enum LogError: Error, Sendable {
  /// VMCOREINFO names neither a ring (SYMBOL(prb)) nor a buffer of records
  /// (SYMBOL(log_buf)).
  case noLog
  /// VMCOREINFO lacks the key, or its value is not a number.
  case missing(VMCoreInfo.Kind, StaticString)
  /// VMCOREINFO's value of the key cannot be right.
  case implausible(VMCoreInfo.Kind, StaticString, UInt64)
  /// A variable of the log has a value that it cannot have.
  case damaged(Part, UInt64)
  /// The crashed kernel's memory could not be read there.
  case core(CoreError)

  /// A variable that the rest of the log is found by.
  public enum Part: UInt8, Sendable {
    /// prb_desc_ring.count_bits
    case countBits
    /// prb_data_ring.size_bits
    case sizeBits
    /// log_buf_len
    case bufferLength
  }
}

extension VMCoreInfo {
  /// The address behind SYMBOL(name).
  func address(_ name: StaticString) throws(LogError) -> VirtualAddress {
    guard let value = value(.symbol, name) else {
      throw .missing(.symbol, name)
    }
    return VirtualAddress(value)
  }

  /// An offset or a size that a structure of the log can have.
  func small(
    _ kind: Kind,
    _ name: StaticString,
    in range: ClosedRange<UInt64> = 0...4096
  ) throws(LogError) -> UInt64 {
    guard let value = value(kind, name) else { throw .missing(kind, name) }
    guard range.contains(value) else { throw .implausible(kind, name, value) }
    return value
  }
}
