// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import ImagePacker
import Testing

/// The file that both ends have their key in.
@Suite struct RescueKeyFileTests {
  private let path = NSTemporaryDirectory() + "oldmem-key-\(UUID().uuidString)"

  @Test func whatIsMadeIsReadAndItsOwnersAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try RescueKeyFile.make(path)
    #expect(try RescueKeyFile.read(path).count == 65)
    let mode = try FileManager.default.attributesOfItem(atPath: path)
    #expect(mode[.posixPermissions] as? Int == 0o600)
    // It is not made again: somebody has the old one.
    #expect(throws: PackError.self) { try RescueKeyFile.make(path) }
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
  func whatOthersMayReadIsRefused(mode: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try RescueKeyFile.make(path)
    try FileManager.default.setAttributes(
      [.posixPermissions: mode],
      ofItemAtPath: path
    )
    #expect(throws: PackError.openKey(file: path)) {
      try RescueKeyFile.read(path)
    }
  }

  @Test(arguments: ["", "00", String(repeating: "g", count: 64)])
  func whatIsNoKeyIsRefused(text: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = FileManager.default.createFile(
      atPath: path,
      contents: Data(text.utf8),
      attributes: [.posixPermissions: 0o600]
    )
    #expect(throws: PackError.notKey(file: path)) {
      try RescueKeyFile.read(path)
    }
  }
}
