// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// `oldmem receive` on this machine, at an address that the guest reaches.
final class ReceivingEnd {
  /// Where the guest finds it, at `DebianGuest.server`.
  static let port = 4040

  private let process = Process()
  private let received: String
  private let place: String

  /// Starts it with the key that the guest has.
  init(oldmem: String, folder: String) throws {
    received = folder + "/received.files"
    let key = folder + "/key"
    try Workspace.make(folder: received)
    try write(Array((Trial.sealingKey + "\n").utf8), to: key)
    try Command.run(["chmod", "600", key])
    let said = Pipe()
    process.executableURL = URL(filePath: oldmem)
    process.arguments = [
      "receive", "--listen", "127.0.0.1:0", "--key", key, received,
    ]
    process.standardError = said
    process.standardOutput = said
    try process.run()
    // "listening at 127.0.0.1:PORT for ..."
    var line = ""
    while !line.contains("\n"),
      let data = try said.fileHandleForReading.read(upToCount: 1),
      !data.isEmpty
    {
      line += String(decoding: data, as: UTF8.self)
    }
    guard
      let word = line.split(separator: " ").first(where: {
        $0.hasPrefix("127.0.0.1:")
      })
    else { throw LabError.emulator("oldmem receive: \(line)") }
    place = word.split(separator: ":")[1].description
  }

  deinit { stop() }

  /// What serves one connection of the guest's: it passes all on.
  var service: (port: Int, command: [String]) {
    let relay =
      "exec 3<>/dev/tcp/127.0.0.1/\(place); cat <&3 & cat >&3; kill $!"
    return (Self.port, ["/bin/bash", "-c", relay])
  }

  /// Ends it; what has come, by the end of its name.
  func files() throws -> (log: String?, dump: String?) {
    stop()
    let names = try FileManager.default.contentsOfDirectory(atPath: received)
    let path = { (end: String) in
      names.first { $0.hasSuffix(end) }.map { self.received + "/" + $0 }
    }
    return (path(".log"), path(".dump"))
  }

  private func stop() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
