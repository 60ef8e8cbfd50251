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
  /// The store's counters, one a line.
  func forEachCounter(_ visit: (StatusNumber) -> Void) {
    let all = counters
    func counter(
      _ key: StaticString,
      _ name: StaticString,
      _ help: StaticString,
      _ value: UInt64
    ) { visit(StatusNumber(.counter, key, name, help, value)) }
    func gauge(
      _ key: StaticString,
      _ name: StaticString,
      _ help: StaticString,
      _ value: UInt64
    ) { visit(StatusNumber(.gauge, key, name, help, value)) }
    counter("reads", "blocks_read_total", "Blocks read.", all.reads)
    counter("writes", "blocks_written_total", "Blocks written.", all.writes)
    counter(
      "discards",
      "blocks_discarded_total",
      "Blocks discarded.",
      all.discards
    )
    counter("zeroes", "blocks_zeroed_total", "Blocks made zero.", all.zeroes)
    counter(
      "mismatches",
      "copies_damaged_total",
      "Copies that were not what had been written.",
      all.mismatches
    )
    counter(
      "repaired",
      "copies_repaired_total",
      "Copies rewritten from a good one.",
      all.repaired
    )
    counter(
      "lost",
      "reads_lost_total",
      "Reads that found no good copy.",
      all.lost
    )
    counter(
      "refused",
      "writes_refused_total",
      "Writes that found no frame.",
      all.refused
    )
    counter(
      "eventsMissed",
      "events_missed_total",
      "Events of the store that nobody took in time.",
      all.eventsMissed
    )
    counter(
      "relocated",
      "copies_moved_total",
      "Copies moved to another frame, because theirs failed again.",
      all.relocated
    )
    counter(
      "metadataRepaired",
      "entries_repaired_total",
      "Entries of the tables that were damaged.",
      all.metadataRepaired
    )
    counter(
      "canariesBroken",
      "canaries_broken_total",
      "Frames without content that changed by themselves.",
      all.canariesBroken
    )
    counter(
      "scrubbed",
      "frames_scrubbed_total",
      "Frames that the scrubber has looked at.",
      all.scrubbed
    )
    counter(
      "passes",
      "scrub_passes_total",
      "Times that the scrubber has come round.",
      all.passes
    )
    gauge(
      "quarantined",
      "frames_quarantined",
      "Frames out of use.",
      all.quarantined
    )
    gauge("slotsUsed", "frames_used", "Frames that hold a copy.", all.slotsUsed)
  }

  /// The other numbers, as Prometheus has them; JSON has groups for them.
  func forEachGauge(_ visit: (StatusNumber) -> Void) {
    func number(
      _ kind: StatusNumber.Kind,
      _ name: StaticString,
      _ help: StaticString,
      _ value: UInt64
    ) { visit(StatusNumber(kind, "", name, help, value)) }
    number(
      .counter,
      "frames_damaged_total",
      "Frames found damaged, in use or not.",
      figures.damaged
    )
    number(
      .gauge,
      "frames_damaged_recent",
      "Frames found damaged within the window.",
      recent
    )
    number(
      .gauge,
      "frames_damaged_run",
      "Frames side by side found damaged within the window.",
      run
    )
    number(
      .gauge,
      "blocks_thin",
      "Blocks with fewer copies than they are to have.",
      figures.thin
    )
    number(
      .counter,
      "health_changes_total",
      "Changes of state.",
      changes
    )
    number(
      .counter,
      "servers_total",
      "Processes that have served so far.",
      servers
    )
    number(
      .gauge,
      "device_bytes",
      "The size of the device.",
      UInt64(blocks) &* 4096
    )
    number(
      .gauge,
      "copies",
      "Copies that each block is to have.",
      UInt64(copies)
    )
    number(
      .gauge,
      "frames",
      "Frames for all copies.",
      UInt64(copies) &* UInt64(slotsPerShelf)
    )
  }
}
