// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore

/// What the tables must be like between two operations.
extension SoakMachine {
  /// Throws unless each slot is named once, states, counts and counters
  /// agree, and what was put out of use still is.
  ///
  /// `mayNameQuarantined` says that a process died, or that maps were damaged:
  /// a block may then name a frame that is out of use, and goes on naming it
  /// where the shelf has no other.
  mutating func checkTables(
    mayNameQuarantined: Bool
  ) throws(BrokenPromise) {
    var named: Set<UInt32> = []
    var thin: UInt64 = 0
    for block in 0..<shape.blocks {
      guard reader.isSealed(block) else {
        throw BrokenPromise("block \(block): not sealed")
      }
      let slots = reader.slots(block)
      if slots.count > 0, slots.count < shape.copies { thin += 1 }
      for slot in slots {
        guard named.insert(slot).inserted else {
          throw BrokenPromise("slot \(slot): named twice")
        }
        let state = reader.state(slot)
        guard
          state == .used || state == .quarantined && mayNameQuarantined
        else { throw BrokenPromise("slot \(slot): named and \(state)") }
      }
    }
    try checkMaps(named)
    let counters = store.counters
    guard counters.thin == thin else {
      throw BrokenPromise("thin: \(counters.thin) for \(thin)")
    }
  }

  private mutating func checkMaps(
    _ named: Set<UInt32>
  ) throws(BrokenPromise) {
    var out: Set<UInt32> = []
    var used: UInt64 = 0
    for shelf in 0..<shape.copies {
      var free: UInt32 = 0
      for index in 0..<shape.slotsPerShelf {
        let slot = UInt32(shelf) * shape.slotsPerShelf + index
        switch reader.state(slot) {
        case .free, .watched: free += 1
        case .quarantined: out.insert(slot)
        case .used:
          used += 1
          guard named.contains(slot) else {
            throw BrokenPromise("slot \(slot): used by nobody")
          }
        }
      }
      guard reader.freeSlots(shelf) == free else {
        throw BrokenPromise(
          "shelf \(shelf): \(reader.freeSlots(shelf)) free for \(free)"
        )
      }
    }
    let counters = store.counters
    guard counters.quarantined == UInt64(out.count) else {
      throw BrokenPromise(
        "quarantined: \(counters.quarantined) for \(out.count)"
      )
    }
    guard counters.slotsUsed == used else {
      throw BrokenPromise("used: \(counters.slotsUsed) for \(used)")
    }
    guard quarantined.isSubset(of: out) else {
      let back = quarantined.subtracting(out).sorted()
      throw BrokenPromise("slots \(back): in use again")
    }
    quarantined = out
  }
}
