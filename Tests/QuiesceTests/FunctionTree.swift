// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Linux

/// Folders like those of /sys/bus/pci/devices, gone with their owner.
///
/// Nobody answers to what is written here, so configuration space stays as it
/// is unless a test changes it: as on a machine where a call had no effect.
final class FunctionTree: Sendable {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var path: Path { Path(Array(folder.utf8).span) }

  /// Adds a function that masters the bus and has no driver, unless told
  /// otherwise.
  func add(
    _ address: String,
    class classText: String = "0x010802",
    command: UInt16 = 0x0406,
    headerType: UInt8 = 0,
    users: String = "0",
    driver: Bool = false
  ) throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/\(address)",
      withIntermediateDirectories: true
    )
    try write("\(classText)\n", to: "\(address)/class")
    try write("\(users)\n", to: "\(address)/enable")
    var header = [UInt8](repeating: 0, count: 64)
    header[4] = UInt8(command & 0xff)
    header[5] = UInt8(command >> 8)
    header[14] = headerType
    try Data(header).write(to: url("\(address)/config"))
    guard driver else { return }
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/\(address)/driver",
      withDestinationPath: "../../bus/pci/drivers/nvme"
    )
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url(name))
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url(name))
  }

  func url(_ name: String) -> URL {
    URL(fileURLWithPath: "\(folder)/\(name)")
  }
}

func text(_ path: Path) -> String { String(decoding: path.name, as: UTF8.self) }

func text(_ line: Line) -> String { text(Path(line)) }
