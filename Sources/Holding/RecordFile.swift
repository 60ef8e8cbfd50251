// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// The record of what is held, claimed by whoever holds it: a record that
/// nobody claims is of memory that is free again.
public struct RecordFile: ~Copyable {
  private let path: Path
  private var file: Descriptor

  /// Writes a record that only its owner can read, in the place of another one.
  public init(_ path: Path, _ record: [UInt8]) throws(HoldError) {
    file = try Self.write(record, to: path)
    self.path = path
  }

  /// Puts another record in the place of this one.
  public mutating func replace(with record: [UInt8]) throws(HoldError) {
    file = try Self.write(record, to: path)
  }

  /// Takes the record away, if it is still this one.
  public func remove() {
    if file.isNamed(path) { try? Files.remove(path) }
  }

  /// Claimed before it has its name, so that nobody finds it unclaimed.
  private static func write(
    _ record: [UInt8],
    to path: Path
  ) throws(HoldError) -> Descriptor {
    var draft = path
    draft.append(".new")
    do throws(Errno) {
      try? Files.remove(draft)
      let file = try Descriptor(draft, .createNew(mode: 0o600))
      try file.claim()
      let span = record.span
      // SAFETY: bytes have no padding that could leak.
      try file.write(unsafe span.bytes)
      try Files.rename(draft, to: path)
      return file
    } catch { throw .record(error) }
  }
}
