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
      throw BadInput(path: path, sentence: error.sentence)
    }
  }

  private static func describe(
    _ core: borrowing CoreFile<HostFile>,
    _ path: String
  ) throws(BadInput) -> VMCoreInfo {
    do throws(CoreError) {
      return try core.vmcoreInfo()
    } catch {
      throw BadInput(path: path, sentence: error.sentence)
    }
  }
}
