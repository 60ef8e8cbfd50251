// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the crashed kernel says of itself, fact by fact.
///
/// A fact that is missing stays missing: nothing is guessed from a version.
/// Two facts follow from others on x86-64, and kernels before v5.9 and v5.14
/// do not state them.
public struct KernelLayout: Sendable {
  private var values: [UInt64?]

  /// The facts that `info` states.
  public init(_ info: borrowing VMCoreInfo) {
    values = []
    values.reserveCapacity(Key.allCases.count)
    for key in Key.allCases {
      let (kind, name) = key.spelling
      var value = info.value(kind, name)
      if value == nil, let other = key.otherName {
        value = info.value(kind, other)
      }
      values.append(value)
    }
    // arch/x86/include/asm/sparsemem.h. The length of mem_section, which is
    // always stated, must agree with both.
    if self[.sectionSizeBits] == nil {
      values[Int(Key.sectionSizeBits.rawValue)] = 27
    }
    if self[.maximumPhysicalBits] == nil, let five = self[.fiveLevels] {
      values[Int(Key.maximumPhysicalBits.rawValue)] = five == 0 ? 46 : 52
    }
  }

  /// The fact's value, negative numbers in two's complement; nil where
  /// VMCOREINFO does not state it.
  public subscript(key: Key) -> UInt64? { values[Int(key.rawValue)] }

  /// The fact's value, or an error that names the key.
  public func require(_ key: Key) throws(CoreError) -> UInt64 {
    guard let value = self[key] else { throw .missing(key) }
    return value
  }

  /// The fact's value where it lies in `range`, or an error that names it.
  public func require(
    _ key: Key,
    in range: ClosedRange<UInt64>
  ) throws(CoreError) -> Int {
    let value = try require(key)
    guard range.contains(value), value <= UInt64(Int.max) else {
      throw .implausible(key, value)
    }
    return Int(value)
  }

  /// The keys that VMCOREINFO lacks, in the order of `Key`.
  public func missingKeys() -> [Key] {
    var missing: [Key] = []
    for key in Key.allCases where self[key] == nil { missing.append(key) }
    return missing
  }

  /// Throws the first missing key without which nothing can be done.
  public func validate() throws(CoreError) {
    for key in Key.allCases where key.need == .always {
      _ = try require(key)
    }
  }
}
