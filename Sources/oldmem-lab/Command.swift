// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation

/// A program of the host that is run to its end, within a time limit.
enum Command {
  /// What it wrote to both outputs; throws when the status is not zero.
  ///
  /// - Parameter saying: what people are told when it takes long.
  @discardableResult
  static func run(
    _ words: [String],
    in folder: String? = nil,
    seconds: Int = 120,
    saying: String? = nil
  ) throws -> String {
    let program = words[0]
    guard let path = path(of: program) else {
      throw LabError.missingProgram(program)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "\(seconds)", path] + words.dropFirst()
    if let folder {
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
    }
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = read(pipe.fileHandleForReading, saying: saying)
    process.waitUntilExit()
    let output = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw LabError.command(
        words.joined(separator: " "),
        status: process.terminationStatus,
        output: output
      )
    }
    return output
  }

  /// All that comes out of a pipe, with the seconds counted meanwhile.
  private static func read(_ pipe: FileHandle, saying: String?) -> Data {
    guard let saying else {
      return (try? pipe.readToEnd()) ?? Data()
    }
    var ticker = Ticker(saying)
    defer { ticker.finish() }
    var data = Data()
    while true {
      ticker.tick()
      guard Fifo.isReadable(pipe.fileDescriptor, within: 500) else { continue }
      let part = pipe.availableData
      guard !part.isEmpty else { return data }
      data += part
    }
  }

  /// Where a program is; nil when it is not installed.
  static func path(of program: String) -> String? {
    if program.contains("/") { return program }
    // sbin is not on everybody's path.
    return ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
      .map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
