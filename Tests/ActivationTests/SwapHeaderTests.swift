// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

@testable import Activation

@Suite struct SwapHeaderTests {
  /// blkid(8) knows the format from util-linux, as the kernel does.
  @Test func blkidSeesASwapArea() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("oldmem-swap-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    var area = Data(SwapHeader.page(pages: 256, seed: 0x0123_4567_89ab_cdef))
    area.append(Data(count: 255 * 4096))
    try area.write(to: file)

    let blkid = Foundation.Process()
    blkid.executableURL = URL(fileURLWithPath: "/usr/sbin/blkid")
    blkid.arguments = ["--probe", "--output", "export", file.path]
    let output = Pipe()
    blkid.standardOutput = output
    try blkid.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(),
      as: UTF8.self
    )
    blkid.waitUntilExit()
    #expect(blkid.terminationStatus == 0)
    #expect(text.contains("TYPE=swap"))
    #expect(text.contains("LABEL=oldmem"))
    #expect(text.contains("VERSION=1"))
    #expect(text.contains("UUID=efcdab89-6745-4301-"))
  }
}
