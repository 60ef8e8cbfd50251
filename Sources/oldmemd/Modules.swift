// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Linux

/// The kernel modules that travel with us.
enum Modules {
  /// Loads them all, in the order of their names, which the packer made the
  /// order of their dependencies.
  static func load() throws(LendError) {
    let folder = Path(stringLiteral: ImageLayout.modules)
    var names: [Path] = []
    Files.forEachEntry(of: folder) { names.append($0) }
    names.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for name in names {
      do throws(Errno) {
        let file = try Descriptor(folder.appending(name), .read)
        try Kernel.loadModule(file, parameters: parameters(for: name))
      } catch  where error == .exists {
        continue
      } catch { throw .module(name, error) }
    }
  }

  /// One device of NBD is all that is needed; each has queues of its own.
  private static func parameters(for name: Path) -> Path {
    name.hasSuffix("-nbd.ko") ? "nbds_max=1" : ""
  }
}
