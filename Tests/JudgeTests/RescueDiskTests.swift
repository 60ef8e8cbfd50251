// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// What oldmemd saves on a disk of its own, judged by makedumpfile.
@Suite(.serialized) struct RescueDiskTests {
  private static let id = "00112233445566778899aabbccddeeff"

  /// Prepares a file below /dev, saves the log of a vmcore in it, and prints
  /// what was saved, then the last command's status.
  private func rescued(
    _ vmcore: CapturedVMCore,
    size: String,
    spoiling: String = ":"
  ) throws -> String {
    let disk = "/dev/shm/oldmem-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: disk) }
    let oldmem = URL(filePath: CapturedVMCore.oldmemd)
      .deletingLastPathComponent().appending(path: "oldmem").path
    let script = """
      truncate -s \(size) "$2"
      "$0" rescue-format --id \(Self.id) "$2" > /dev/null
      disk=$2; \(spoiling)
      "$1" rescue --id \(Self.id) --vmcore "$3" "$2" 2> /dev/null
      "$0" rescue-read "$2" 2> /dev/null
      echo "status $?"
      """
    return try CapturedVMCore.run([
      "bash", "-c", script, oldmem, CapturedVMCore.oldmemd, disk, vmcore.path,
    ])
  }

  @Test func theLogComesBackWhole() throws {
    for vmcore in try CapturedVMCore.all() {
      let text = try vmcore.oldmem(["dmesg"])
      let saved = try rescued(vmcore, size: "1M")
      let isWhole = saved == text + "status 0\n"
      #expect(isWhole, "\(vmcore.name)")
    }
  }

  @Test func ofALogThatIsTooLargeTheEndIsKept() throws {
    for vmcore in try CapturedVMCore.all() {
      let text = Array(try vmcore.oldmem(["dmesg"]).utf8)
      let saved = Array(try rescued(vmcore, size: "12K").utf8)
      let isEnd = saved == Array(text.suffix(8192)) + Array("status 3\n".utf8)
      #expect(isEnd, "\(vmcore.name)")
    }
  }

  /// A dump by oldmemd, to a disk and to a file, next to one by `oldmem dump`.
  @Test func aDumpIsTheSameAsOneMadeOnAHost() throws {
    for vmcore in try CapturedVMCore.all() {
      let folder = "/dev/shm/oldmem-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let script = """
        set -e
        mkdir "$2"
        truncate -s 400M "$2/disk"
        "$0" rescue-format --id \(Self.id) "$2/disk" > /dev/null
        disk=$(losetup --find --show "$2/disk")
        trap 'losetup -d "$disk"' EXIT
        "$1" rescue --id \(Self.id) --vmcore "$3" "$disk" "dump:$disk" \
          "dump:$2/file" 2> /dev/null
        "$0" rescue-read "$disk" > "$2/log" 2> /dev/null
        "$0" rescue-read --dump "$2/read" "$disk" 2> /dev/null
        "$0" dump --compress none --threads 1 "$3" "$2/host" 2> /dev/null
        cmp "$2/read" "$2/file"
        cmp "$2/read" "$2/host"
        makedumpfile --dump-dmesg "$2/read" "$2/dmesg" &> /dev/null
        cmp "$2/log" "$2/dmesg"
        makedumpfile -l -d 31 "$2/read" "$2/again" &> /dev/null
        echo same
        """
      let said = try CapturedVMCore.run([
        "bash", "-c", script, CapturedVMCore.oldmem, CapturedVMCore.oldmemd,
        folder, vmcore.path,
      ])
      #expect(said == "same\n", "\(vmcore.name)")
    }
  }

  @Test(arguments: [
    // Another owner's superblock, another size, another disk's id.
    "printf x | dd of=$disk bs=1 seek=512 conv=notrunc status=none",
    "truncate -s 2M $disk",
    "\"$0\" rescue-format --id ffffffffffffffffffffffffffffffff $disk > /dev/null",
  ])
  func whatIsNotAsItWasPreparedIsNotWrittenTo(spoiling: String) throws {
    let vmcore = try #require(try CapturedVMCore.all().first)
    let saved = try rescued(vmcore, size: "1M", spoiling: spoiling)
    #expect(saved == "status 3\n" || saved == "status 1\n")
  }
}
