// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import NBD
import Rescue

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
      var saved = try SavedLog.write(vmcore, to: sink, style, target)
      do throws(RescueError) { try saved.sink.end() } catch {
        guard case .target(let errno) = error else {
          throw .target(target, nil)
        }
        throw .target(target, errno)
      }
      warn(saved.report)
    } catch {
      Console.say(error.sentence, to: .standardError)
      Process.exit(1)
    }
    Process.exit(0)
  }

  private static func open(_ target: Path?) -> Outlet {
    guard let target else {
      return Outlet(Descriptor(owning: 1))
    }
    do throws(Errno) {
      if let place = Place(target) {
        return Outlet(try place.connect(seconds: patience))
      }
      // What is there already, a file apart, may be a device of any sort.
      let kind = try Files.kind(of: target)
      if case .other = kind {
        let device = try Descriptor(target, .write)
        guard (try? device.deviceByteCount()) == nil else {
          // A disk without a file system may still hold somebody's database.
          Console.say(
            "dmesg: \(target) is a disk: see oldmemd rescue",
            to: .standardError
          )
          Process.exit(1)
        }
        return Outlet(device)
      }
      return Outlet(try Descriptor(target, .create(mode: 0o600)))
    } catch {
      Console.say("dmesg: \(target): \(error)", to: .standardError)
      Process.exit(1)
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
