// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import Testing

@testable import VMCore

/// The flag layout, judged by bpftool: the types that we find in a crashed
/// kernel's memory are BTF to it too, and it reads the same in them.
@Suite(.serialized) struct FlagLayoutJudgeTests {
  @Test func bpftoolReadsTheSameInTheCrashedKernelsTypes() throws {
    for vmcore in try CapturedVMCore.all() {
      let core = try CoreFile(FileBytes(vmcore.path))
      let info = try core.vmcoreInfo()
      let kernel = KernelLayout(info)
      var symbols = try SymbolTable(core, info, kernel)
      let found = try symbols.addresses(
        of: ["__start_BTF", "__stop_BTF"],
        in: core
      )
      let start = try #require(found[0])
      let stop = try #require(found[1])
      let place = try KernelImage(kernel).place(of: start, in: core)
      let bytes = try core.source.bytes(
        at: place.offset,
        count: Int(stop.value - start.value)
      )
      let file = TemporaryPath("btf")
      try Data(bytes).write(to: URL(fileURLWithPath: file.path))

      var btf = try BTF(of: core, info, kernel)
      let layout = try FlagLayout(&btf, of: nil, in: core.source)
      try layout.validate(against: kernel)
      try compare(layout, with: file.path, vmcore.name)
    }
  }

  @Test func bpftoolReadsTheSameInTheRunningKernelsTypes() throws {
    let path = "/sys/kernel/btf/vmlinux"
    // A kernel without BTF has no such file, and nothing to compare.
    guard FileManager.default.fileExists(atPath: path) else { return }
    let file = try FileBytes(path)
    var btf = try BTF(file: file)
    let layout = try FlagLayout(&btf, of: nil, in: file)
    try compare(layout, with: path, "the running kernel")
  }

  private func compare(
    _ layout: FlagLayout,
    with path: String,
    _ name: String
  ) throws {
    let text = try CapturedVMCore.run(
      ["bpftool", "btf", "dump", "file", path, "format", "raw"]
    )
    let types = DumpedTypes(text)
    let flags = try #require(types.members(of: "ENUM 'pageflags'"))
    for flag in FlagLayout.Flag.allCases {
      #expect(
        layout.number(flag).map { Int($0) } == flags["\(flag.name)"],
        "\(flag.name) of \(name)"
      )
    }
    let page = types.offsets(in: "STRUCT 'page'")
    let folio = types.offsets(in: "STRUCT 'folio'")
    let pins = folio["_pincount"] ?? page["compound_pincount"].map { $0 + 64 }
    #expect(layout[.pins] == pins, "\(name)")
    #expect(layout[.pins] != nil, "\(name)")
    let maps =
      folio["_entire_mapcount"] ?? page["compound_mapcount"].map { $0 + 64 }
    #expect(layout[.entireMaps] == maps, "\(name)")
    #expect(layout[.allMaps] == folio["_large_mapcount"], "\(name)")
  }
}

/// What `bpftool btf dump format raw` prints: a line `[7] STRUCT 'page' ...`
/// for each type, then one with a tab for each member.
private struct DumpedTypes {
  private let lines: [Substring]
  private let places: [Substring: Int]

  init(_ text: String) {
    lines = text.split(separator: "\n")
    var places: [Substring: Int] = [:]
    for (index, line) in lines.enumerated() where line.hasPrefix("[") {
      places[line.prefix { $0 != " " }] = index
    }
    self.places = places
  }

  private func members(at place: Int) -> ArraySlice<Substring> {
    lines[(place + 1)...].prefix { $0.hasPrefix("\t") }
  }

  /// The values of an enum.
  func members(of title: String) -> [String: Int]? {
    guard let place = lines.firstIndex(where: { $0.contains(title + " ") })
    else { return nil }
    var values: [String: Int] = [:]
    for line in members(at: place) {
      let parts = line.split(separator: "'")
      values[String(parts[1])] = Int(line.split(separator: "=").last ?? "")
    }
    return values
  }

  /// The offsets in bytes of a struct's members and of those of its
  /// anonymous ones.
  func offsets(in title: String) -> [String: Int] {
    var offsets: [String: Int] = [:]
    if let place = lines.firstIndex(where: { $0.contains(title + " ") }) {
      add(place, 0, &offsets)
    }
    return offsets
  }

  private func add(_ place: Int, _ bits: Int, _ offsets: inout [String: Int]) {
    for line in members(at: place) {
      let words = line.split(separator: " ")
      func number(_ key: String) -> Int? {
        words.first { $0.hasPrefix(key + "=") }
          .flatMap { Int($0.dropFirst(key.count + 1)) }
      }
      guard let type = number("type_id"), let at = number("bits_offset")
      else { continue }
      let name = line.split(separator: "'")
      if name.count > 1, name[1] != "(anon)" {
        offsets[String(name[1])] = (bits + at) / 8
      } else if let inner = places["[\(type)]"] {
        add(inner, bits + at, &offsets)
      }
    }
  }
}
