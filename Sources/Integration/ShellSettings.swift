// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// What variables are worth after sh has read a file of settings, as
/// kdump-config reads /etc/default/kdump-tools.
///
/// Nobody but a shell knows that for sure: the file may read others and ask
/// questions.
struct ShellSettings {
  private let values: [String: String]

  /// Reads `file`, or is nil where the shell fails.
  ///
  /// - Parameter environment: what the shell finds already set.
  init?(
    _ file: String,
    variables: [String],
    environment: [String: String] = [:]
  ) {
    // What the file prints must not be taken for values.
    let script = """
      exec 3>&1 >/dev/null 2>&1 </dev/null
      . "$1"
      shift
      for name; do eval "printf '%s\\\\0' \\"\\$$name\\" >&3"; done
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh", file] + variables
    process.environment = environment.merging(
      ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    ) { own, _ in own }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let found = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\0", omittingEmptySubsequences: false)
    guard process.terminationStatus == 0, found.count == variables.count + 1
    else { return nil }
    values = Dictionary(
      zip(variables, found.map(String.init)),
      uniquingKeysWith: { $1 }
    )
  }

  /// The value, empty where the variable is not set.
  subscript(name: String) -> String { values[name] ?? "" }
}
