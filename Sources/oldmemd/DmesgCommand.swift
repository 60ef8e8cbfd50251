// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Devices
import Linux
import Memory
import NBD
import Rescue
import VMCore

/// `oldmemd dmesg`: the log of the kernel that crashed, to a terminal or to
/// where it is safe, in memory that does not grow with it.
enum DmesgCommand {
  /// How long a peer may take for anything.
  private static let patience: Int32 = 30

  static func run(_ arguments: [Path]) -> Never {
    var vmcore: Path = "/proc/vmcore"
    var style = LogStyle()
    var target: Path?
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case _ where word.equals("--vmcore"):
        guard let value = rest.popFirst() else {
          Usage.fail("\(word) needs a value")
        }
        vmcore = value
      case _ where word.equals("--decode"): style.showsLevel = true
      case _ where word.equals("--caller"): style.showsCaller = true
      case _ where word.hasPrefix("-"): Usage.fail("no option \"\(word)\"")
      case _ where target != nil: Usage.fail("only one target, not \"\(word)\"")
      default: target = word
      }
    }
    // Who has gone away is an error like others.
    try? Process.ignore(signal: 13)
    let sink = open(target)
    do throws(DmesgError) {
      let report = try write(vmcore, sink, style, target)
      warn(report)
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  private static func open(_ target: Path?) -> DescriptorSink {
    guard let target else {
      return DescriptorSink(Descriptor(owning: 1), isDevice: false)
    }
    do throws(Errno) {
      if let place = Place(target) {
        return DescriptorSink(
          try place.connect(seconds: patience),
          isDevice: false
        )
      }
      // What is there already, a file apart, may be a device of any sort.
      let kind = try Files.kind(of: target)
      if case .other = kind {
        return DescriptorSink(try Descriptor(target, .write), isDevice: true)
      }
      return DescriptorSink(
        try Descriptor(target, .create(mode: 0o600)),
        isDevice: false
      )
    } catch {
      Console.say("dmesg: \(target): \(error)", to: .standardError)
      Process.exit(1)
    }
  }

  private static func write(
    _ path: Path,
    _ sink: consuming DescriptorSink,
    _ style: LogStyle,
    _ target: Path?
  ) throws(DmesgError) -> LogReport {
    let file = try attempt({ DmesgError.vmcore(path, $0) }) {
      () throws(Errno) in
      // /proc/vmcore alone cannot shrink.
      try VMCoreFile(path, canShrink: !path.equals("/proc/vmcore"))
    }
    let core = try open(file, path)
    let info = try attempt({ DmesgError.log(path, .core($0)) }) {
      () throws(CoreError) in try core.vmcoreInfo()
    }
    var log = LogText(sink, style)
    let report: LogReport
    do throws(LogError) {
      report = try KernelLog.read(in: core, info, KernelLayout(info), &log)
    } catch { throw .log(path, error) }
    guard var sink = log.finish() else { throw .target(target, nil) }
    do throws(Errno) { try sink.end() } catch { throw .target(target, error) }
    return report
  }

  private static func open(
    _ file: consuming VMCoreFile,
    _ path: Path
  ) throws(DmesgError) -> CoreFile<VMCoreFile> {
    do throws(CoreError) { return try CoreFile(file) } catch {
      throw .log(path, .core(error))
    }
  }

  private static func warn(_ report: LogReport) {
    if report.isSalvaged || report.damaged > 0 {
      Console.say(
        "dmesg: the log is damaged: \(report.damaged) messages are missing",
        to: .standardError
      )
    }
    if report.unfinished > 0 {
      Console.say(
        "dmesg: \(report.unfinished) messages were being written",
        to: .standardError
      )
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
