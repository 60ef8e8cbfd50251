// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import DumpWriter
import Foundation
import Memory
import PageClasses
import Rescue
import SyntheticVMCore
import TestPrograms
import Testing
import VMCore

/// A folder for a vmcore and what is made of it, removed with its owner.
final class Workshop {
  let path = NSTemporaryDirectory() + "oldmem-dump-\(UUID().uuidString)/"

  init() throws {
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Lets makedumpfile run on files of the folder; throws what it says.
  func makedumpfile(_ arguments: String...) throws {
    _ = try ProgramRun(succeeding: ["makedumpfile"] + arguments, in: path)
  }

  /// Dumps `vmcore` into the file `name` of the folder.
  func dump(
    _ vmcore: SyntheticVMCore,
    _ name: String,
    level: Int,
    _ compression: KdumpHeader.Compression = .zlib,
    elf: Bool = false,
    lent: [FrameRange] = [],
    budget: UInt64 = .max
  ) throws -> DumpJob<SyntheticVMCore>.Result {
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    let layout = KernelLayout(info)
    let level = try #require(DumpLevel(level))
    // The macro takes nothing that cannot be copied.
    let whole = DumpPlan(core, level)
    var plan = try #require(whole)
    try plan.classify(core, layout)
    for run in lent { _ = plan.leaveOut(lent: run) }
    let facts = try KernelFacts(core, info, layout)
    plan.order.find(core, info, layout, facts.notes)
    let job = try DumpJob(
      core,
      plan,
      facts,
      to: path + name,
      replaces: false,
      threads: 3,
      budget: budget
    )
    return elf
      ? try job.writeElf { _ in } : try job.writeKdump(compression) { _ in }
  }

  /// The bytes of a file of the folder.
  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + name)))
  }
}

extension SyntheticVMCore {
  /// The bytes of a frame.
  func page(_ frame: FrameNumber) throws -> [UInt8] {
    var bytes = ByteBuffer(count: Frame.size)
    var raw = bytes.mutableBytes
    let address = try #require(frame.address)
    try read(address, into: &raw)
    return bytes.bytes.withUnsafeBytes { Array($0) }
  }
}

/// An ELF core file in memory.
struct FileBytes: ByteSource {
  let bytes: [UInt8]

  var byteCount: UInt64 { UInt64(bytes.count) }

  func read(
    at offset: UInt64,
    into target: inout MutableRawSpan
  ) throws(SourceError) {
    let count = target.byteCount
    guard offset <= byteCount, UInt64(count) <= byteCount - offset else {
      throw .endOfSource(offset: offset, count: count)
    }
    let start = Int(offset)
    target.withUnsafeMutableBytes {
      $0.copyBytes(from: bytes[start..<start + count])
    }
  }
}
