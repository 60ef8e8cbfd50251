// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// Errors say what happened, where, and what to do; the exit status says whose
/// fault it is, as oldmem(1) has it.
@Suite struct MessageTests {
  /// What oldmem says on standard error, and its exit status.
  private func failure(_ arguments: [String]) throws -> (String, Int32) {
    let program = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "oldmem")
    let done = try ProgramRun([program.path] + arguments)
    return (done.errors, done.status)
  }

  @Test(arguments: [
    (["scan", "/bin/true"], "/bin/true: ", "an ELF core file is needed"),
    (["scan", "/dev/null"], "/dev/null: ", "not a regular file"),
    (["inspect", "/none"], "/none: ", "No such file"),
    (["dmesg", "/etc/hostname"], "/etc/hostname: ", "for crash and drgn"),
    (["level", "--config", "/none", "-d 31"], "/none: ", "No such file"),
    (
      ["layout", "--btf", "/bin/true", "--release", "6"], "/bin/true", "vmlinux"
    ),
    (["layout", "--output", "/none/x"], "/none/x: ", "cannot be written: "),
    (["rescue-read", "/etc/hostname"], "/etc/hostname: ", "rescue-format"),
    (["status", "--root", "/none"], "kdump-tools", "install it"),
    (["rescue-format", "/none"], "/none: ", "No such file"),
    (["map", "/dev/null"], "/dev/null: ", "not a regular file"),
    (
      ["map", "--output", "/etc/hostname", "/none"], "/etc/hostname: ",
      "--force"
    ),
    (
      ["receive", "--listen", "127.0.0.1:0", "/none"], "/none: ", "is no folder"
    ),
    (["rescue-key", "/none/key"], "/none/key", "No such file"),
  ])
  func whatWentWrongIsNamedWithItsPlace(
    _ arguments: [String],
    _ place: String,
    _ advice: String
  ) throws {
    let (text, status) = try failure(arguments)
    #expect(status == 1)
    #expect(text.hasPrefix("Error: " + place), "\(text)")
    #expect(text.contains(advice), "\(text)")
    #expect(text.split(separator: "\n").count == 1, "\(text)")
  }

  @Test(arguments: [
    ["scan"], ["bake"], ["scan", "--copies", "5", "x"], ["status", "--frob"],
    ["status", "--json", "--prometheus"], ["dump", "--level", "32", "a", "b"],
    ["pack", "--output", "x", "--kernel-modules", "y"],
    ["rescue-format", "--id", "1", "x"], ["layout", "--release", "6"],
    ["map", "--html", "--svg", "x"], ["receive", "x"], ["rescue-key"],
    ["receive", "--console", "x", "--key", "y", "z"],
  ])
  func usageThatMakesNoSenseIsStatus2(_ arguments: [String]) throws {
    let (text, status) = try failure(arguments)
    #expect(status == 2)
    #expect(text.contains("Usage: oldmem "), "\(text)")
  }
}
