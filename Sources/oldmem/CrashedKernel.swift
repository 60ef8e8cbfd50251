// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// A core file and what its kernel says of itself.
struct CrashedKernel: ~Copyable {
  let path: String
  let core: CoreFile<HostFile>
  let info: VMCoreInfo
  let layout: KernelLayout

  init(_ path: String) throws(BadInput) {
    let file = try HostFile(path)
    let core = try Self.open(file, path)
    let info = try Self.describe(core, path)
    self.path = path
    self.core = core
    self.info = info
    layout = KernelLayout(info)
  }

  /// The text after `key`, such as OSRELEASE, with what a terminal would
  /// take for commands replaced.
  func string(_ key: StaticString) -> String? {
    guard let bytes = info.string(key) else { return nil }
    return String(
      decoding: bytes.map { (0x20...0x7e).contains($0) ? $0 : 0x3f },
      as: UTF8.self
    )
  }

  private static func open(
    _ file: consuming HostFile,
    _ path: String
  ) throws(BadInput) -> CoreFile<HostFile> {
    do throws(CoreError) {
      return try CoreFile(file)
    } catch {
      throw BadInput(path: path, sentence: error.sentence + error.advice)
    }
  }

  private static func describe(
    _ core: borrowing CoreFile<HostFile>,
    _ path: String
  ) throws(BadInput) -> VMCoreInfo {
    do throws(CoreError) {
      return try core.vmcoreInfo()
    } catch {
      throw BadInput(path: path, sentence: error.sentence + error.advice)
    }
  }
}

extension CoreError {
  /// What to do about a file that is no core of a kernel's; empty where nothing
  /// helps but another file.
  fileprivate var advice: String {
    switch self {
    case .wrong(.magic, _, _), .wrong(.type, _, _),
      .unreadable(.header, .endOfSource):
      """
      ; an ELF core file is needed, such as /proc/vmcore is; what makedumpfile \
      or oldmem dump made is for crash and drgn
      """
    case .wrong(.machine, _, _), .wrong(.fileClass, _, _):
      "; only x86-64 is supported"
    case .truncated, .unreadable: "; it is cut short: copy it again"
    case .noVMCoreInfo: "; is it the core of a process?"
    default: ""
    }
  }
}
