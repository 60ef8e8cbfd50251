// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import VMCore

/// Where a flag layout came from, in the order in which they are tried.
struct KnownLayout {
  let layout: FlagLayout
  /// In a few words.
  let origin: String
}

extension CrashedKernel {
  /// The crashed kernel's release and build ID.
  var identity: KernelIdentity? { KernelIdentity(info) }

  /// The layout by the BTF in the crashed kernel's memory.
  func ownFlagLayout() throws(LayoutError) -> FlagLayout {
    var types = try BTF(of: core, info, layout)
    let found = try FlagLayout(&types, of: identity, in: core.source)
    try found.validate(against: layout)
    return found
  }

  /// The layout by a layout file, by the running kernel's BTF when the
  /// crashed one was the same, or by the crashed kernel's own; otherwise why
  /// there is none, in one line.
  func flagLayout(
    file: String?
  ) throws(BadInput) -> (known: KnownLayout?, why: String) {
    var reasons: [String] = []
    if let file {
      let text: [UInt8]
      do {
        text = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
      } catch { throw HostFile.unreadable(file) }
      do throws(LayoutError) {
        let layout = try FlagLayout(text: text)
        try layout.validate(kernel: identity)
        try layout.validate(against: self.layout)
        return (KnownLayout(layout: layout, origin: file), "")
      } catch { reasons.append("\(file): \(error.sentence)") }
    }
    if let running = RunningKernel.identity, let identity,
      running.isSame(as: identity),
      let file = try? HostFile(RunningKernel.btf),
      let layout = try? FlagLayout(file, of: running),
      (try? layout.validate(against: self.layout)) != nil
    {
      return (KnownLayout(layout: layout, origin: RunningKernel.btf), "")
    }
    do throws(LayoutError) {
      let layout = try ownFlagLayout()
      return (KnownLayout(layout: layout, origin: "the crashed kernel"), "")
    } catch { reasons.append("the crashed kernel's BTF: \(error.sentence)") }
    return (nil, reasons.joined(separator: "; "))
  }
}
