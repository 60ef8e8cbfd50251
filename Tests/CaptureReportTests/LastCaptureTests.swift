// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Report
import Testing

@testable import CaptureReport

/// What `oldmem status --last` says.
@Suite struct LastCaptureTests {
  @Test func theNewestCaptureIsTheLast() throws {
    let folder = try CaptureFolder()
    #expect(LastCapture(below: folder.path) == nil)
    #expect(LastCapture(below: folder.path + "/nowhere") == nil)
    try folder.write("202611300001/dump.1", CaptureFolder.dump(), minute: 1)
    try folder.write("202611300002/dump-incomplete", [], minute: 2)
    try folder.write("202611300000/dump.0", CaptureFolder.dump())
    try folder.write("kexec_cmd", "not a capture", minute: 9)
    let last = try #require(LastCapture(below: folder.path))
    #expect(last.folder == folder.path + "/202611300002")
    #expect(last.verdict == .incomplete && !last.isGood)
    // A folder of a capture may be named itself.
    let first = try #require(
      LastCapture(below: folder.path + "/202611300001")
    )
    #expect(first.verdict == .complete && first.isGood)
  }

  @Test func theTableIsForPeople() throws {
    let folder = try CaptureFolder()
    try folder.write("1/dump.1", CaptureFolder.dump())
    try folder.write("1/oldmem-record.json", CaptureFolder.record)
    let last = try #require(LastCapture(below: folder.path))
    #expect(
      last.lines.joined(separator: "\n") == """
        capture     2026-11-30 00:53:20 UTC, \(folder.path)/1
        dump        complete, dump.1, 24 KiB, level 31
        lent        256 MiB lent, 2 copies, 3 runs
        swap        27.3 MiB at most
        health      degraded, 308 frames damaged, 0 reads lost, 0 writes refused
        time        60 s for the dump
        """
    )
    #expect(last.isGood)
    try folder.write("1/HOLDS-LENT-FRAMES", "")
    let marked = try #require(LastCapture(below: folder.path))
    #expect(!marked.isGood && marked.lines.contains { $0.contains("MARKED") })
  }

  @Test func aMissingRecordIsSaid() throws {
    let folder = try CaptureFolder()
    try folder.write("1/dump.1", CaptureFolder.dump())
    let last = try #require(LastCapture(below: folder.path))
    #expect(last.isGood && last.record == nil)
    #expect(last.lines.last == "record      none: what oldmem did is not known")
    // So is one that makes no sense, or only in part.
    for text in ["", "{", "[]", "{\"samples\": 7, \"log\": [1], \"saved\": 5}"]
    {
      try folder.write("1/oldmem-record.json", text)
      let last = try #require(LastCapture(below: folder.path))
      #expect(last.verdict == .complete && !last.lines.isEmpty)
    }
  }

  /// What was saved elsewhere, or nowhere, has left a copy of its record here.
  @Test func aCaptureWithoutAFolderIsKnownByItsRecord() throws {
    let folder = try CaptureFolder()
    try folder.write("crash/1/dump.1", CaptureFolder.dump(), minute: -60)
    let own = folder.path + "/own.json"
    let crash = folder.path + "/crash"
    func last() throws -> LastCapture {
      try #require(LastCapture(below: crash, own: own))
    }
    #expect(try last().verdict == .complete)
    try folder.write("own.json", CaptureFolder.record)
    #expect(try last().verdict == .elsewhere && last().isGood)
    try folder.write(
      "own.json",
      CaptureFolder.record.replacing("\"status\": 0", with: "\"status\": 1")
    )
    #expect(try last().verdict == .missing && !last().isGood)
    #expect(
      try last().lines[1]
        == "dump        NONE: it was to go to /var/crash, status 1"
    )
    // It is the same capture as the folder's, if it is the same record.
    try folder.write("own.json", CaptureFolder.record)
    try folder.write("crash/2/dump.1", CaptureFolder.dump(), minute: -30)
    try folder.write("crash/2/oldmem-record.json", CaptureFolder.record)
    #expect(try last().folder == crash + "/2")
  }

  @Test func figuresAreThereWhereTheyAreKnown() throws {
    let folder = try CaptureFolder()
    try folder.write("1/dump.1", CaptureFolder.dump(status: 9))
    func text() throws -> String {
      var metrics = Metrics()
      try #require(LastCapture(below: folder.path)).add(to: &metrics)
      return metrics.text
    }
    #expect(try text().contains("\noldmem_last_capture_complete 0\n"))
    #expect(try !text().contains("lost_reads"))
    try folder.write("1/oldmem-record.json", CaptureFolder.record)
    let full = try text()
    for line in [
      "oldmem_last_capture_seconds 1796000000",
      "oldmem_last_capture_marked 0",
      "oldmem_last_capture_dump_bytes 24576",
      "oldmem_last_capture_lent_bytes 65536",
      "oldmem_last_capture_swap_bytes 28573696",
      "oldmem_last_capture_damaged_frames 308",
      "oldmem_last_capture_lost_reads 0",
    ] { #expect(full.contains("\n" + line + "\n"), "\(line)") }
  }
}
