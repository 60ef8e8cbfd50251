// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Compares the dump that makedumpfile writes in a guest with the one that it
/// writes here, of a copy of /proc/vmcore from before oldmem's first step.
///
/// Both are in its own format. Its ELF files (-E) are no judge: they leave out
/// pages only where 256 of them are side by side (PFN_EXCLUDED in
/// makedumpfile.h), and have the content of all others, lent or not.
struct DumpComparison {
  /// The folder with the disk `vmcore`.
  let folder: String

  /// Adds the checksum of what is written here as `dump-sha256-before`, where
  /// the guest has told its own.
  func judge(_ observation: inout Observation) throws {
    let core = folder + "/vmcore.disk"
    guard observation.facts["dump-sha256"] != nil,
      let size = observation.facts["vmcore-bytes"].flatMap(Int.init)
    else { return }
    // A disk is longer than what was copied to it.
    try Command.run(["truncate", "-s", "\(size)", core])
    let sum = try Command.run(
      [
        "bash", "-c",
        "set -o pipefail; makedumpfile -F -d 31 --cyclic-buffer 1024 "
          + "\"$0\" 2> /dev/null | sha256sum",
        core,
      ],
      seconds: 600,
      saying: "writing the dump that it should have been"
    )
    observation.facts["dump-sha256-before"] = String(
      sum.prefix { $0 != " " }
    )
  }
}
