// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Why the lab cannot go on; a scenario that fails is not an error.
enum LabError: Error, CustomStringConvertible {
  /// The working folder is not a checkout of oldmem.
  case notACheckout(String)
  /// A program that `make setup` installs is not there.
  case missingProgram(String)
  /// A program ended with a non-zero status, or at its time limit.
  case command(String, status: Int32, output: String)
  /// A file that others build is not there.
  case missingFile(String, hint: String)
  /// apt does not know such a kernel.
  case unknownKernel(String, reason: String)
  /// A system call failed.
  case system(String, code: Int32)
  /// QEMU stopped before the guest wrote anything.
  case emulator(String)
  /// QEMU refused a command or did not answer.
  case monitor(String)

  var description: String {
    switch self {
    case .notACheckout(let folder):
      "\(folder) has no lab/guest: run oldmem-lab in a checkout of oldmem"
    case .missingProgram(let name):
      "\(name) is not installed; make setup installs it"
    case .command(let line, let status, let output):
      "\(line): exit status \(status)\n\(output.suffix(2000))"
    case .missingFile(let path, let hint): "\(path) is not there; \(hint)"
    case .unknownKernel(let name, let reason): "kernel \(name): \(reason)"
    case .system(let call, let code): "\(call): errno \(code)"
    case .emulator(let output): "QEMU did not start: \(output.suffix(2000))"
    case .monitor(let reason): "QEMU's monitor: \(reason)"
    }
  }
}
