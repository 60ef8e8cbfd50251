// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Foundation
import Holding
import Linux
import TestPrograms
import Testing

/// A folder that is gone with its owner.
private final class Scratch: Sendable {
  let folder = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Runs a script in the folder, which must succeed.
  func bash(_ script: String) throws {
    try ProgramRun.bash(script, in: folder)
  }

  /// An image that cpio(1) made: parts of these sizes under these names.
  func image(_ parts: [(name: String, size: Int)]) throws -> Path {
    var script = "mkdir -p oldmem/stage2; : > oldmem/stage2/manifest\n"
    for part in parts {
      script += "head -c \(part.size) /dev/urandom > oldmem/\(part.name)\n"
    }
    let names = parts.map { "oldmem/\($0.name)" }.joined(separator: " ")
    script += "ls -d oldmem oldmem/stage2 oldmem/stage2/manifest \(names) "
    script += "| cpio --quiet -o -H newc > image"
    try bash(script)
    return path("image")
  }

  func path(_ name: String) -> Path {
    Path(Array("\(folder)/\(name)".utf8).span)
  }
}

private func refusal(_ path: Path) -> HoldError? {
  do throws(HoldError) {
    _ = try HeldMemory(imageAt: path)
    return nil
  } catch { return error }
}

@Suite struct HeldMemoryTests {
  @Test func eachPartBeginsWithAPageOfItsOwn() throws {
    let scratch = try Scratch()
    let image = try scratch.image([
      ("stage2/0000", 20_000), ("other", 9), ("stage2/0001", 20_000),
      ("stage2/0002", 1),
    ])
    let held = try HeldMemory(imageAt: image)
    // 4064 bytes in a page: five, five and one.
    #expect(held.byteCount == 11 * 4096)
  }

  @Test func anImageWithoutPartsHasNothingToHold() throws {
    let scratch = try Scratch()
    #expect(refusal(try scratch.image([("conf", 10)])) == .noParts)
    #expect(refusal(scratch.path("none")) == .image(.noEntry))
  }

  @Test(arguments: [
    [("stage2/0001", 10)], [("stage2/0000", 10), ("stage2/0002", 10)],
    [("stage2/0000", 10), ("stage2/0001", 11)],
    [("stage2/0000", 10), ("stage2/0001", 9), ("stage2/0002", 10)],
    [("stage2/0000", 0)], [("stage2/0000", (1 << 20) + 1)],
    [("stage2/0000", 10), ("stage2/0001", 0)],
  ])
  func partsThatAreNotAsTheyArePackedAreRefused(
    parts: [(name: String, size: Int)]
  ) throws {
    let scratch = try Scratch()
    let refused = try refusal(scratch.image(parts))
    #expect(refused == .badParts || refused == .noParts)
  }

  @Test func whatIsNoArchiveIsSaidToBeNone() throws {
    let scratch = try Scratch()
    let image = try scratch.image([("stage2/0000", 5000)])
    try scratch.bash("head -c 3000 image > cut; gzip < image > packed")
    #expect(refusal(scratch.path("packed")) == .notImage(at: 0))
    guard case .notImage = refusal(scratch.path("cut")) else {
      Issue.record("an image that is cut off was held")
      return
    }
    #expect(refusal(image) == nil)
  }
}

@Suite struct RecordFileTests {
  @Test func aRecordIsClaimedUntilItsHolderIsGone() throws {
    let scratch = try Scratch()
    let path = scratch.path("held")
    func isClaimed() throws -> Bool {
      let file = try Descriptor(path, .read)
      do throws(Errno) { try file.claim() } catch { return error == .tryAgain }
      return false
    }
    var record: RecordFile? = try RecordFile(path, [1, 2, 3])
    #expect(try isClaimed())
    try record?.replace(with: [4, 5])
    #expect(try Files.read(path, limit: 9) == [4, 5])
    #expect(try isClaimed())
    record = nil
    #expect(try !isClaimed())
  }

  @Test func onlyItsOwnerReadsIt() throws {
    let scratch = try Scratch()
    let record = try RecordFile(scratch.path("held"), [1])
    try scratch.bash("[ $(stat -c %a held) = 600 ]")
    record.remove()
    #expect(!Files.exists(scratch.path("held")))
  }

  @Test func aRecordOfSomebodyElsesStays() throws {
    let scratch = try Scratch()
    let first = try RecordFile(scratch.path("held"), [1])
    let second = try RecordFile(scratch.path("held"), [2])
    first.remove()
    #expect(try Files.read(scratch.path("held"), limit: 9) == [2])
    second.remove()
    #expect(!Files.exists(scratch.path("held")))
  }
}
