// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Foundation

/// The daemon that is shipped, serving NBD in a process of its own.
public final class NBDDaemon {
  /// Where it listens.
  public let path: String
  /// How many bytes it serves.
  public let exportSize: UInt64
  private let process = Process()
  private let errors: URL
  private let folder: URL

  /// Starts it, with options of its own, in a new folder.
  public init(
    program: URL,
    size: UInt64 = 64 << 20,
    copies: Int = 2,
    _ options: [String] = []
  ) throws {
    let temporary = FileManager.default.temporaryDirectory
    folder = temporary.appending(path: "oldmem-nbd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder,
      withIntermediateDirectories: true
    )
    path = folder.appending(path: "socket").path
    errors = folder.appending(path: "errors")
    exportSize = size
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.executableURL = program
    process.arguments =
      [
        "serve", "--nbd", "unix:\(path)", "--size", "\(size)", "--copies",
        "\(copies)", "--pool", "anonymous:\(size * UInt64(copies))",
      ] + options
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    // The line that says that it serves, or its end.
    let line = output.fileHandleForReading.availableData
    guard !line.isEmpty else {
      throw ClientError.unexpected("oldmemd does not serve: \(complaints)")
    }
  }

  deinit {
    if process.isRunning { process.terminate() }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Its number.
  public var number: Int32 { process.processIdentifier }

  /// Whether it still runs.
  public var isRunning: Bool { process.isRunning }

  /// What it has said on standard error of its clients: of several servers on
  /// one machine only the first can be asked for its status.
  public var complaints: String {
    let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("oldmem: status: ") }.joined(separator: "\n")
  }

  /// The memory that it has, in KiB.
  public var residentKiB: Int {
    let status =
      (try? String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8))
      ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") }
    return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }

  /// Asks it to end, and gives back its status.
  public func end() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }
}
