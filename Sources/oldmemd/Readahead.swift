// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux

/// The pages that the kernel reads from swap around the one that it wants.
///
/// They come in one request, and ublk can refuse requests only as a whole. So
/// a block of which no copy is good takes up to seven others with it: a page
/// that could not be read stays in the swap cache and is not asked for again
/// (do_swap_page in mm/memory.c). Reading them is nearly twice as fast, though,
/// so it is ended only when something was damaged.
struct Readahead: ~Copyable {
  private let knob: Descriptor?

  /// The kernel's, opened while there is a /proc.
  static func ofTheKernel() -> Readahead {
    Readahead(knob: try? Descriptor("/proc/sys/vm/page-cluster", .write))
  }

  /// That of a machine whose swap is not ours.
  static func untouched() -> Readahead { Readahead(knob: nil) }

  /// Has each page read by itself from now on.
  func end() {
    let pages: Line = "0\n"
    switch knob {
    case .some(let knob): try? knob.write(pages.raw, at: 0)
    case nil: break
    }
  }
}
