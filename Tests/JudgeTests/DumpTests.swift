// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import KdumpFile
import Memory
import TestPrograms
import Testing

/// Dumps of real kernels, judged by makedumpfile.
@Suite(.serialized) struct DumpTests {
  /// What both leave out is the same, but for what makedumpfile before 1.7.6
  /// does not see in Linux 6.12 (docs/page-classes.md), and the slab pages
  /// that it loses by mistake.
  @Test(arguments: [31, 16]) func aDumpHasWhatMakedumpfilesHas(
    level: Int
  ) throws {
    for vmcore in try CapturedVMCore.all() {
      let theirs = try vmcore.dump(level: level)
      let path = TemporaryPath("dump")
      _ = try vmcore.oldmemDump(["--level", "\(level)"], to: path.path)
      let ours = try KdumpFile(path: path.path)
      #expect(ours.dumpLevel == level)
      #expect(ours.frameCount == theirs.frameCount)
      let scan = try vmcore.scan(level: level, makedumpfile: "1.8.0")
      var classes: [String: Int] = [:]
      for run in scan.reusable + scan.kept {
        for frame in run.start..<run.start + run.count {
          let number = FrameNumber(frame)
          #expect(ours.exists(number) == theirs.exists(number))
          guard ours.dumps(number) != theirs.dumps(number) else { continue }
          let word = run.words.split(separator: " ").first ?? ""
          let sign = ours.dumps(number) ? "+" : "-"
          classes[sign + word, default: 0] += 1
        }
      }
      let known = [
        "-large-anonymous", "-large-cache", "-dirty-cache", "-private-cache",
        "-hugetlb",
        "+slab",
      ]
      let unknown = classes.filter { !known.contains($0.key) }
      #expect(unknown == [:], "\(vmcore.name), level \(level)")
      if vmcore.name.hasPrefix("6.1.") { #expect(classes == [:]) }
    }
  }

  @Test func aFlattenedDumpIsTheSameFile() throws {
    let vmcore = try #require(try CapturedVMCore.all().first)
    let (file, flat) = (TemporaryPath("file"), TemporaryPath("flat"))
    _ = try vmcore.oldmemDump(["--threads", "1"], to: file.path)
    _ = try CapturedVMCore.run([
      "bash", "-c", "set -o pipefail; \"$@\" - | makedumpfile -R \"$0\"",
      flat.path, CapturedVMCore.oldmem, "dump", "--threads", "1", vmcore.path,
    ])
    let same = try CapturedVMCore.run(["cmp", file.path, flat.path])
    #expect(same == "")
  }

  /// A disk that is full: what there is can be read, and says that it is not
  /// all.
  @Test func aDumpThatIsCutOffIsValidAndSaysSo() throws {
    let vmcore = try #require(try CapturedVMCore.all().first)
    let path = TemporaryPath("dump")
    let script = "trap '' XFSZ; ulimit -f 20000; ! \"$@\""
    let said = try CapturedVMCore.run([
      "bash", "-c", script, "bash", CapturedVMCore.oldmem, "dump",
      "--compress", "zlib", vmcore.path, path.path,
    ])
    #expect(said.contains("incomplete"), "\(said)")
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path.path))
    let head = try #require(try file.read(upToCount: 4096))
    // DUMP_DH_COMPRESSED_INCOMPLETE and _ZLIB.
    #expect(head[424] == 9)
    let log = TemporaryPath("log")
    _ = try CapturedVMCore.run([
      "bash", "-c", "makedumpfile --dump-dmesg \"$0\" \"$1\" || true",
      path.path, log.path,
    ])
    #expect(try KdumpFile(path: path.path).dumpedCount > 1000)
  }

  @Test func aFileThatIsThereStays() throws {
    let vmcore = try #require(try CapturedVMCore.all().first)
    let path = TemporaryPath("dump")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path.path))
    #expect(throws: ProgramRun.Failure.self) {
      try vmcore.oldmemDump([], to: path.path)
    }
    let text = try String(contentsOfFile: path.path, encoding: .utf8)
    #expect(text == "mine")
  }
}

extension CapturedVMCore {
  /// Lets oldmem dump the file.
  func oldmemDump(_ options: [String], to output: String) throws -> String {
    try Self.run([Self.oldmem, "dump"] + options + [path, output])
  }
}
