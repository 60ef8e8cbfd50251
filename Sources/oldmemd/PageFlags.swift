// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Devices
import Linux
import Memory
import VMCore

/// Where the crashed kernel has the page flags that VMCOREINFO lacks.
///
/// Three sources, the cheapest first: the layout file of the image, this
/// kernel's own types if it is the same kernel, the types in the crashed
/// kernel's memory.
enum PageFlags {
  private static let types: Path = "/sys/kernel/btf/vmlinux"

  /// The layout by the layout file of the image; nil where there is none, or
  /// one of another kernel.
  ///
  /// This source costs nothing, so free pages are judged by it too.
  static func packed(
    _ info: borrowing VMCoreInfo,
    _ kernel: KernelLayout
  ) -> FlagLayout? {
    let path = Path(stringLiteral: ImageLayout.flagLayout)
    guard let text = try? Files.read(path, limit: 16 << 10),
      let layout = try? FlagLayout(text: text),
      (try? layout.validate(kernel: KernelIdentity(info))) != nil,
      (try? layout.validate(against: kernel)) != nil
    else { return nil }
    return layout
  }

  /// The layout by the first source that has one, `packed` before all others,
  /// or nil; which one it was, or that there was none, is said in one line.
  static func find(
    packed: FlagLayout?,
    _ core: borrowing CoreFile<VMCoreFile>,
    _ info: borrowing VMCoreInfo,
    _ kernel: KernelLayout
  ) -> FlagLayout? {
    if let packed {
      Console.say("page flags by the layout file of the image")
      return packed
    }
    let crashed = KernelIdentity(info)
    if let layout = try? own(crashed, kernel) {
      Console.say("page flags by this kernel's types, for it is the same")
      return layout
    }
    do throws(LayoutError) {
      var types = try BTF(of: core, info, kernel)
      let layout = try FlagLayout(&types, of: crashed, in: core.source)
      try layout.validate(against: kernel)
      Console.say("page flags by the crashed kernel's types")
      return layout
    } catch {
      Console.say("page flags not known: only free memory is lent", .problem)
      return nil
    }
  }

  private static func own(
    _ crashed: KernelIdentity?,
    _ kernel: KernelLayout
  ) throws(LayoutError) -> FlagLayout {
    guard let crashed, let running = RunningKernel.identity,
      running.isSame(as: crashed), let file = try? VMCoreFile(types)
    else { throw .otherKernel }
    var types = try BTF(at: 0, count: file.byteCount, of: file)
    let layout = try FlagLayout(&types, of: running, in: file)
    try layout.validate(against: kernel)
    return layout
  }
}

/// The kernel that runs here.
private enum RunningKernel {
  /// Its release and build ID, nil where it does not tell.
  static var identity: KernelIdentity? {
    guard
      var release = try? Files.read("/proc/sys/kernel/osrelease", limit: 256),
      let file = try? VMCoreFile("/sys/kernel/notes"),
      let digits = try? KernelIdentity.buildID(
        inNotesAt: 0,
        count: file.byteCount,
        of: file
      )
    else { return nil }
    if release.last == 0x0a { release.removeLast() }
    return KernelIdentity(release: release, buildID: digits)
  }
}
