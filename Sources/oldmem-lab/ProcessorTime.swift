// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Glibc

/// The processor time of a machine's QEMU: what it took, however busy the host
/// is with other things.
enum ProcessorTime {
  /// Seconds so far, of the youngest descendant of `process`; nil once it has
  /// ended.
  static func seconds(below process: Int32) -> Double? {
    var last = process
    while let child = child(of: last) { last = child }
    guard let stat = try? text(of: "/proc/\(last)/stat"),
      let name = stat.lastIndex(of: ")")
    else { return nil }
    // proc(5): fields 14 and 15, of which the name is the second.
    let fields = stat[name...].split(separator: " ").dropFirst()
    guard fields.count > 13, last != process,
      let user = Double(fields[fields.startIndex + 11]),
      let system = Double(fields[fields.startIndex + 12])
    else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func child(of process: Int32) -> Int32? {
    let path = "/proc/\(process)/task/\(process)/children"
    guard let children = try? text(of: path) else { return nil }
    return children.split(separator: " ").last.flatMap { Int32($0) }
  }
}
