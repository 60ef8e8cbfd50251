// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Linux

/// The kernel modules that travel with us.
enum Modules {
  /// Loads them all, in the order of their names, which the packer made the
  /// order of their dependencies.
  static func load(
    from place: StaticString = ImageLayout.modules,
    stopsAtFailure: Bool = true
  ) throws(LendError) {
    let folder = Path(stringLiteral: place)
    var names: [Path] = []
    Files.forEachEntry(of: folder) { names.append($0) }
    names.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for name in names {
      do throws(LendError) {
        try load(folder.appending(name), parameters(for: name))
      } catch  where name.hasSuffix("-oldmem.ko") || !stopsAtFailure {
        // Swap does not need oldmem.ko: who needs it says so.
        Console.say(error.sentence, .problem)
      }
    }
  }

  /// Loads the one of that path, unless it is there.
  static func load(_ path: Path, _ parameters: Path) throws(LendError) {
    do throws(Errno) {
      let file = try Descriptor(path, .read)
      try Kernel.loadModule(file, parameters: parameters)
    } catch  where error == .exists {
    } catch { throw .module(path, error) }
  }

  /// One device of NBD is all that is needed; each has queues of its own.
  private static func parameters(for name: Path) -> Path {
    name.hasSuffix("-nbd.ko") ? "nbds_max=1" : ""
  }
}
