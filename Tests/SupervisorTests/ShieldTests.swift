// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Supervisor

/// What a server does for its own protection, in a child.
@Suite(.serialized) struct ShieldTests {
  /// CAP_SYS_RESOURCE, which containers often lack and PID 1's children have.
  private static var isPrivileged: Bool {
    guard let status = try? Files.read("/proc/self/status", limit: 1 << 16)
    else { return false }
    return field("CapEff:", of: status).map { $0 & 1 << 24 != 0 } ?? false
  }

  /// A line of /proc/self/status with a hexadecimal number.
  private static func field(_ name: String, of status: [UInt8]) -> UInt64? {
    String(decoding: status, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(name) }
      .flatMap { UInt64($0.dropFirst(name.count + 1), radix: 16) }
  }

  @Test(.enabled(if: isPrivileged)) func aShieldedServerIsTheLastToBeKilled()
    throws
  {
    guard let process = try Process.fork() else { Process.exit(shielded()) }
    let end = try process.end(block: true)
    #expect(end == .exited(0))
    #expect(Files.exists("/proc/sys/kernel"))
  }

  /// A shielded child's status: which of its protections it lacks.
  private func shielded() -> Int32 {
    do {
      try Shield.raise()
      let score = try Files.read("/proc/self/oom_score_adj", limit: 16)
      guard score == Array("-1000\n".utf8) else { return 10 }
      let status = try Files.read("/proc/self/status", limit: 1 << 16)
      guard let mask = Self.field("SigIgn:", of: status) else { return 11 }
      for signal in [1, 2, 13, 15] where mask & 1 << (signal - 1) == 0 {
        return 12
      }
    } catch { return 1 }
    // A mount that nobody outside sees.
    do { try Mounts.mount("tmpfs", on: "/proc/sys") } catch { return 13 }
    return Files.exists("/proc/sys/kernel") ? 14 : 0
  }
}
