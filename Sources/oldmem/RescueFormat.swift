// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Rescue

/// `oldmem rescue-format`: prepares a disk for what may have to be saved.
struct RescueFormat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue-format",
    abstract: "Prepares a disk or partition for what is saved of a crash.",
    discussion: """
      All that is on it is given up. Prints the settings for /etc/oldmem.conf; \
      without that ID nothing is ever written there.

      Example: oldmem rescue-format /dev/disk/by-partlabel/rescue
      """
  )

  @Argument(help: "The disk, partition or file.", completion: .file())
  var device: String

  @Option(help: "The ID, 32 hexadecimal digits. (default: a random one)")
  var id: String?

  @Flag(help: "Even if there is something on it that looks like data.")
  var force = false

  func validate() throws {
    if let id, RescueID(Array(id.utf8).span) == nil {
      throw ValidationError("--id must be 32 hexadecimal digits.")
    }
  }

  func run() throws {
    let text =
      id?.lowercased()
      ?? (0..<16).map { _ in
        String(format: "%02x", UInt8.random(in: 0...255))
      }.joined()
    guard let id = RescueID(Array(text.utf8).span) else {
      throw BadInput(path: device, sentence: "has no ID")
    }
    let disk = try HostDisk(device, writing: true)
    let head = try disk.head()
    let isOurs = (try? RescueArea(head.span)) != nil
    if !force, !isOurs, let what = try disk.content() {
      throw BadInput(
        path: device,
        sentence: "is not empty: \(what); --force gives up what is there"
      )
    }
    guard let area = RescueArea(id: id, size: disk.size) else {
      throw BadInput(
        path: device,
        sentence: "is smaller than 8192 bytes; name a larger one"
      )
    }
    try disk.write(area.bytes)
    print("rescue = \(device)\nrescue-id = \(text)")
  }
}
