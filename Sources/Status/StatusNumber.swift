// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Health
internal import Linux

/// One number, as JSON and Prometheus have it.
struct StatusNumber {
  /// Whether it only ever grows.
  enum Kind { case counter, gauge }

  let kind: Kind
  /// Its key among `counters` in JSON.
  let key: StaticString
  /// Prometheus's name, without `oldmem_`.
  let name: StaticString
  let help: StaticString
  let value: UInt64

  init(
    _ kind: Kind,
    _ key: StaticString,
    _ name: StaticString,
    _ help: StaticString,
    _ value: UInt64
  ) {
    self.kind = kind
    self.key = key
    self.name = name
    self.help = help
    self.value = value
  }
}

extension Status {
  /// The store's counters, by their place; nil behind the last.
  ///
  /// No closure is called for each: the compiler makes a copy of all of it for
  /// each closure.
  func counter(_ index: Int) -> StatusNumber? {
    let all = counters
    switch index {
    case 0:
      return StatusNumber(
        .counter,
        "reads",
        "blocks_read_total",
        "Blocks read.",
        all.reads
      )
    case 1:
      return StatusNumber(
        .counter,
        "writes",
        "blocks_written_total",
        "Blocks written.",
        all.writes
      )
    case 2:
      return StatusNumber(
        .counter,
        "discards",
        "blocks_discarded_total",
        "Blocks discarded.",
        all.discards
      )
    case 3:
      return StatusNumber(
        .counter,
        "zeroes",
        "blocks_zeroed_total",
        "Blocks made zero.",
        all.zeroes
      )
    case 4:
      return StatusNumber(
        .counter,
        "mismatches",
        "copies_damaged_total",
        "Copies that were not what had been written.",
        all.mismatches
      )
    case 5:
      return StatusNumber(
        .counter,
        "repaired",
        "copies_repaired_total",
        "Copies rewritten from a good one.",
        all.repaired
      )
    case 6:
      return StatusNumber(
        .counter,
        "lost",
        "reads_lost_total",
        "Reads that found no good copy.",
        all.lost
      )
    case 7:
      return StatusNumber(
        .counter,
        "refused",
        "writes_refused_total",
        "Writes that found no frame.",
        all.refused
      )
    case 8:
      return StatusNumber(
        .counter,
        "eventsMissed",
        "events_missed_total",
        "Events of the store that nobody took in time.",
        all.eventsMissed
      )
    case 9:
      return StatusNumber(
        .counter,
        "relocated",
        "copies_moved_total",
        "Copies moved to another frame, because theirs failed again.",
        all.relocated
      )
    case 10:
      return StatusNumber(
        .counter,
        "metadataRepaired",
        "entries_repaired_total",
        "Entries of the tables that were damaged.",
        all.metadataRepaired
      )
    case 11:
      return StatusNumber(
        .counter,
        "canariesBroken",
        "canaries_broken_total",
        "Frames without content that changed by themselves.",
        all.canariesBroken
      )
    case 12:
      return StatusNumber(
        .counter,
        "scrubbed",
        "frames_scrubbed_total",
        "Frames that the scrubber has looked at.",
        all.scrubbed
      )
    case 13:
      return StatusNumber(
        .counter,
        "passes",
        "scrub_passes_total",
        "Times that the scrubber has come round.",
        all.passes
      )
    case 14:
      return StatusNumber(
        .gauge,
        "quarantined",
        "frames_quarantined",
        "Frames out of use.",
        all.quarantined
      )
    case 15:
      return StatusNumber(
        .gauge,
        "slotsUsed",
        "frames_used",
        "Frames that hold a copy.",
        all.slotsUsed
      )
    default: return nil
    }
  }

  /// How many there are of the other numbers.
  static var gauges: Int { 9 }

  /// The other numbers, as Prometheus has them; JSON has groups for them.
  func gauge(_ index: Int) -> StatusNumber? {
    switch index {
    case 0:
      return StatusNumber(
        .counter,
        "",
        "frames_damaged_total",
        "Frames found damaged, in use or not.",
        figures.damaged
      )
    case 1:
      return StatusNumber(
        .gauge,
        "",
        "frames_damaged_recent",
        "Frames found damaged within the window.",
        recent
      )
    case 2:
      return StatusNumber(
        .gauge,
        "",
        "frames_damaged_run",
        "Frames side by side found damaged within the window.",
        run
      )
    case 3:
      return StatusNumber(
        .gauge,
        "",
        "blocks_thin",
        "Blocks with fewer copies than they are to have.",
        figures.thin
      )
    case 4:
      return StatusNumber(
        .counter,
        "",
        "health_changes_total",
        "Changes of state.",
        changes
      )
    case 5:
      return StatusNumber(
        .counter,
        "",
        "servers_total",
        "Processes that have served so far.",
        servers
      )
    case 6:
      return StatusNumber(
        .gauge,
        "",
        "device_bytes",
        "The size of the device.",
        UInt64(blocks) &* 4096
      )
    case 7:
      return StatusNumber(
        .gauge,
        "",
        "copies",
        "Copies that each block is to have.",
        UInt64(copies)
      )
    case 8:
      return StatusNumber(
        .gauge,
        "",
        "frames",
        "Frames for all copies.",
        UInt64(copies) &* UInt64(slotsPerShelf)
      )
    default: return nil
    }
  }
}
