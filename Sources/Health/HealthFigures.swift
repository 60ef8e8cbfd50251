// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import BlockStore

/// What health is judged by: sums since the store was made, but for `thin`.
public struct HealthFigures: Equatable, Sendable {
  /// Copies that were read and not what had been written, and unused frames
  /// that changed by themselves.
  public var damaged: UInt64
  /// Reads that found no good copy.
  public var lost: UInt64
  /// Writes that found no frame.
  public var refused: UInt64
  /// Blocks that have fewer copies than they are to have, at the moment.
  public var thin: UInt64

  /// The figures, each as it is.
  public init(
    damaged: UInt64 = 0,
    lost: UInt64 = 0,
    refused: UInt64 = 0,
    thin: UInt64 = 0
  ) {
    self.damaged = damaged
    self.lost = lost
    self.refused = refused
    self.thin = thin
  }

  /// What a store's counters say.
  public init(_ counters: StoreCounters) {
    damaged = counters.mismatches &+ counters.canariesBroken
    lost = counters.lost
    refused = counters.refused
    thin = counters.thin
  }
}

extension StoreEvent {
  /// The slot of a frame that was found damaged.
  public var damagedSlot: UInt32? {
    switch self {
    case .mismatch(_, _, let slot, _): slot
    case .canary(let slot): slot
    case .lost, .relocated, .thinned, .metadata: nil
    }
  }
}
