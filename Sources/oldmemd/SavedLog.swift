// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Devices
import Linux
import Memory
import Rescue
import VMCore

/// The crashed kernel's log, once all of it has been written somewhere.
struct SavedLog: ~Copyable {
  /// Where it was written.
  var sink: Outlet
  /// What is missing in it.
  let report: LogReport

  private init(_ sink: consuming Outlet, _ report: LogReport) {
    self.sink = sink
    self.report = report
  }

  /// Writes the log in the vmcore `path`; `target` is where to, for messages.
  static func write(
    _ path: Path,
    to sink: consuming Outlet,
    _ style: LogStyle,
    _ target: Path?
  ) throws(DmesgError) -> SavedLog {
    let file = try attempt({ DmesgError.vmcore(path, $0) }) {
      () throws(Errno) in
      // /proc/vmcore alone cannot shrink.
      try VMCoreFile(path, canShrink: !path.equals("/proc/vmcore"))
    }
    let core = try Self.open(file, path)
    let info = try attempt({ DmesgError.log(path, .core($0)) }) {
      () throws(CoreError) in try core.vmcoreInfo()
    }
    var log = LogText(sink, style)
    let report: LogReport
    do throws(LogError) {
      report = try KernelLog.read(of: core, info, KernelLayout(info), &log)
    } catch { throw .log(path, error) }
    guard let sink = log.finish() else { throw .target(target, nil) }
    return SavedLog(sink, report)
  }

  private static func open(
    _ file: consuming VMCoreFile,
    _ path: Path
  ) throws(DmesgError) -> CoreFile<VMCoreFile> {
    do throws(CoreError) { return try CoreFile(file) } catch {
      throw .log(path, .core(error))
    }
  }
}

/// Why a log could not be saved, by what was at fault.
enum DmesgError: Error {
  case vmcore(Path, Errno)
  case log(Path, LogError)
  /// nil for standard output; nil where no errno says why.
  case target(Path?, Errno?)

  var sentence: Line {
    switch self {
    case .vmcore(let path, let errno): "dmesg: \(path): \(errno)"
    case .log(let path, let error): "dmesg: \(path): \(error.line)"
    case .target(let path, nil):
      "dmesg: \(path ?? "standard output") did not take all of it"
    case .target(let path, let errno?):
      "dmesg: \(path ?? "standard output"): \(errno)"
    }
  }
}

extension LogError {
  /// The error in words: where, and what is wrong there.
  var line: Line {
    switch self {
    case .noLog: "VMCOREINFO names no log"
    case .missing(let kind, let name):
      "VMCOREINFO lacks \(kind.prefix)(\(name))"
    case .implausible(let kind, let name, let value):
      "VMCOREINFO has \(kind.prefix)(\(name))=\(hex: value)"
    case .damaged(let part, let value):
      "the log's \(part.name) is \(hex: value)"
    case .core(let error): error.line
    }
  }
}
