// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory

/// The least free memory, which the kernel keeps back for those who must not wait
/// for any.
///
/// A reply by a socket needs some. Who serves swap and goes before ordinary
/// processes gets it down to half of the zone's minimum (ALLOC_MIN_RESERVE in
/// mm/page_alloc.c), while whoever swaps out, and waits for that reply, may
/// take all that is left; so there must be more below that half than those take.
enum Watermark {
  /// What the minimum is raised by, in KiB.
  private static let more: UInt64 = 1024

  /// Raises the minimum, and keeps the kernel from raising it by itself, for
  /// ever more, as memory becomes fragmented: that would put all that is left
  /// below the half.
  static func raise() {
    set("/proc/sys/vm/watermark_boost_factor", to: 0)
    let knob: Path = "/proc/sys/vm/min_free_kbytes"
    guard let text = try? Files.read(knob, limit: 32) else { return }
    var digits = text.count
    while digits > 0, text[digits - 1] == 0x0a { digits -= 1 }
    guard let least = ByteSize.parse(text.span.extracting(first: digits)) else {
      return
    }
    set(knob, to: least + more)
  }

  private static func set(_ knob: Path, to number: UInt64) {
    do throws(Errno) { try Files.write("\(number)\n", to: knob) } catch {
      Console.say("serve: \(knob): \(error)", .problem)
    }
  }
}
