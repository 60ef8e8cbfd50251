// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Health
import TestPrograms
import Testing

@testable import Status

/// What people and programs read, judged by other programs' readers.
@Suite struct FormatTests {
  @Test func theTableIsForPeople() throws {
    let text = Sample.text(try Sample.status().writeTable)
    #expect(
      text == """
        health      degraded since 12.345 s: 5 frames were damaged within 60 s
        device      /dev/ublkb3, 256 MiB, 2 copies
        server      process 93, heard of 1.000 s ago, number 2
        frames      140000, 1009 used, 1008 quarantined
        damaged     5 in all, 5 within 60 s, 1 side by side
        copies      1006 repaired, 1010 moved, 0 blocks with fewer than 2
        scrubbing   1013 frames looked at, 1014 rounds
        blocks      1001 read, 1002 written, 1004 zeroed, 1003 discarded
        errors      0 reads lost, 0 writes refused
        on failing  a program will be run

        """
    )
  }

  @Test func theTableHoldsTheLargestNumbers() throws {
    var status = try Sample.status()
    status.counters.reads = .max
    status.counters.writes = .max
    status.counters.zeroes = .max
    status.counters.discards = .max
    status.figures.damaged = .max
    status.slotsPerShelf = .max
    status.copies = 4
    let text = Sample.text(status.writeTable)
    #expect(text.contains("\(UInt64.max) read, \(UInt64.max) written, "))
    #expect(text.contains("17179869180, "))
  }

  @Test func jsonHasTheDocumentedKeys() throws {
    let text = Sample.text(try Sample.status().writeJSON)
    let root = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
    )
    let expected: NSDictionary = [
      "version": 1,
      "now": 13.345,
      "health": [
        "state": "degraded", "reason": "recent", "since": 12.345, "changes": 1,
      ],
      "damage": ["total": 5, "recent": 5, "run": 1, "thin": 0],
      "limits": [
        "degraded": ["total": 8, "recent": 4, "run": 2],
        "failing": ["total": 1024, "recent": 256, "run": 128],
        "window": 60, "quiet": 300,
      ],
      "device": [
        "path": "/dev/ublkb3", "number": 3,
        "blocks": 65_536, "copies": 2, "framesPerCopy": 70_000,
      ],
      "server": [
        "process": 93, "count": 2, "updated": 12.345, "witness": 94,
      ],
      "counters": [
        "reads": 1001, "writes": 1002, "discards": 1003, "zeroes": 1004,
        "mismatches": 5, "repaired": 1006, "lost": 0, "refused": 0,
        "eventsMissed": 1007, "quarantined": 1008, "slotsUsed": 1009,
        "relocated": 1010, "metadataRepaired": 1011, "canariesBroken": 0,
        "scrubbed": 1013, "passes": 1014,
      ],
      "onFailing": "waiting",
    ]
    #expect(root == expected, "\(text)")
  }

  /// docs/status-json.md names every key, and no other.
  @Test func theDocumentNamesEveryKey() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/status-json.md").standardizedFileURL
    let page = try String(contentsOf: path, encoding: .utf8)
    let status = try Sample.status(lost: 1, damaged: 9)
    for text in [
      Sample.text(status.writeJSON), Sample.text(status.writeEvents),
    ] {
      for part in text.split(separator: "\"").filter({
        text.contains("\"\($0)\":")
      }) {
        #expect(page.contains("\"\(part)\""), "\(part)")
      }
    }
    for line in Sample.text(status.writePrometheus).split(separator: "\n")
    where line.hasPrefix("# TYPE ") {
      let name = String(line.split(separator: " ")[2])
      #expect(page.contains(name), "\(name)")
    }
  }

  @Test func eventsAreLinesOfJSON() throws {
    let status = try Sample.status(lost: 7, damaged: 9)
    let lines = Sample.text(status.writeEvents).split(separator: "\n")
    try #require(lines.count == 1)
    let event = try #require(
      JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? NSDictionary
    )
    let expected: NSDictionary = [
      "event": "health", "number": 0, "seconds": 12.345, "from": "healthy",
      "to": "failing", "reason": "lost", "damaged": 9, "recent": 9, "run": 1,
      "lost": 7, "refused": 0, "thin": 0,
    ]
    #expect(event == expected, "\(lines[0])")
  }

  @Test func theKernelsLogGetsOneLine() throws {
    let status = try Sample.status(lost: 7, damaged: 9)
    let text = Sample.text { $0(status.latest[0].sentence(status.limits)) }
    #expect(
      text == """
        health: failing: a block has no good copy; 9 frames damaged in all, \
        9 of them within 60 s, 1 side by side; 7 reads lost, \
        0 writes refused, 0 blocks with fewer copies
        """
    )
  }

  /// The reader of Prometheus's own client library, and the conventions that
  /// it does not enforce.
  @Test func prometheusReadsIt() throws {
    let text = Sample.text(try Sample.status().writePrometheus)
    // Debian's, which has the library by `make setup`.
    let command = ["/usr/bin/python3", "-c", Self.judge]
    let found = try ProgramRun(succeeding: command, input: text).output
    let samples = try #require(
      JSONSerialization.jsonObject(with: Data(found.utf8)) as? [String: Double]
    )
    let expected: [String: Double] = [
      "oldmem_health_state{healthy}": 0, "oldmem_health_state{degraded}": 1,
      "oldmem_health_state{failing}": 0,
      "oldmem_health_since_seconds": 12.345, "oldmem_updated_seconds": 12.345,
      "oldmem_now_seconds": 13.345, "oldmem_frames_damaged_total": 5,
      "oldmem_frames_damaged_recent": 5, "oldmem_frames_damaged_run": 1,
      "oldmem_blocks_thin": 0, "oldmem_health_changes_total": 1,
      "oldmem_servers_total": 2, "oldmem_device_bytes": 268_435_456,
      "oldmem_copies": 2, "oldmem_frames": 140_000,
      "oldmem_blocks_read_total": 1001, "oldmem_blocks_written_total": 1002,
      "oldmem_blocks_discarded_total": 1003,
      "oldmem_blocks_zeroed_total": 1004, "oldmem_copies_damaged_total": 5,
      "oldmem_copies_repaired_total": 1006, "oldmem_reads_lost_total": 0,
      "oldmem_writes_refused_total": 0, "oldmem_events_missed_total": 1007,
      "oldmem_frames_quarantined": 1008, "oldmem_frames_used": 1009,
      "oldmem_copies_moved_total": 1010,
      "oldmem_entries_repaired_total": 1011,
      "oldmem_canaries_broken_total": 0, "oldmem_frames_scrubbed_total": 1013,
      "oldmem_scrub_passes_total": 1014,
    ]
    #expect(samples == expected)
  }

  private static let judge = """
    import json, re, sys
    from prometheus_client.parser import text_string_to_metric_families
    text = sys.stdin.read()
    assert text.endswith("\\n")
    assert all(re.fullmatch("[ -~]+", line) for line in text.splitlines())
    found, seen = {}, set()
    for family in text_string_to_metric_families(text):
        assert family.name not in seen, "twice: " + family.name
        seen.add(family.name)
        assert family.name.startswith("oldmem_")
        assert family.type in ("counter", "gauge"), family.name
        assert family.documentation.endswith("."), family.name
        assert family.samples, "no sample: " + family.name
        for sample in family.samples:
            # The parser takes _total off a counter's family.
            isCounter = sample.name.endswith("_total")
            assert isCounter == (family.type == "counter"), sample.name
            label = "".join("{%s}" % v for v in sample.labels.values())
            assert sample.name + label not in found
            found[sample.name + label] = sample.value
    for kind in ("HELP", "TYPE"):
        heads = re.findall("# %s (\\\\w+)" % kind, text)
        assert len(heads) == len(set(heads)) == len(seen), kind
    json.dump(found, sys.stdout)
    """
}
