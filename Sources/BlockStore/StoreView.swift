// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A store that another process serves, to be looked at.
///
/// Each number is whole; numbers that belong together may be of two moments.
public struct StoreView: ~Copyable {
  private let tables: StoreTables

  /// Looks at a store's region, which must outlive the view.
  @unsafe
  public init(_ region: UnsafeRawBufferPointer) throws(StoreError) {
    tables = try unsafe StoreTables(viewing: region)
  }

  /// How many blocks, copies and slots there are.
  public var shape: StoreShape { tables.shape }

  /// What the store has done so far.
  public var counters: StoreCounters { tables.counters }
}
