// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Holding
import Linux

/// `oldmemd hold`: keeps the stage two of an image in this system's memory until
/// it is ended, and a record of where.
enum Hold {
  private static let usualRecord: Path = "/run/oldmem/held"
  /// How often is looked whether pages have moved, or the image is another, in
  /// milliseconds.
  private static let period: Int32 = 10_000
  /// Somebody has put another image in the place of the one that is held: this
  /// has to be started again (EX_TEMPFAIL).
  private static let replaced: Int32 = 75

  static func run(_ arguments: [Path]) -> Never {
    var image: Path?
    var record = usualRecord
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case _ where word.equals("--record"):
        guard let value = rest.popFirst() else {
          Usage.fail("\(word) needs a value")
        }
        record = value
      case _ where word.hasPrefix("-"): Usage.fail("no option \"\(word)\"")
      default:
        guard image == nil else { Usage.fail("hold takes one image") }
        image = word
      }
    }
    guard let image else { Usage.fail("hold needs an image") }
    do throws(HoldError) {
      Process.exit(try hold(image, record))
    } catch {
      Console.say("\(image): \(error.sentence)", to: .standardError)
      Process.exit(1)
    }
  }

  private static func hold(
    _ image: Path,
    _ path: Path
  ) throws(HoldError) -> Int32 {
    let source = try opened(image)
    let held = try HeldMemory(imageAt: image)
    var record = try held.record()
    if path.equals("/run/oldmem/held") {
      try? Files.makeDirectory("/run/oldmem", mode: 0o700)
    }
    var file = try RecordFile(path, record)
    say(image, held)
    Process.notify("READY=1")
    var isSame = true
    while !Process.endIsRequested, isSame {
      _ = Poll.wait(for: [-1, -1, -1], milliseconds: period)
      isSame = source.isNamed(image)
      // A page that is about to move is nowhere for a moment.
      guard let now = try? held.record(), now != record else { continue }
      record = now
      try file.replace(with: record)
    }
    file.remove()
    return isSame ? 0 : replaced
  }

  /// The image, whose end as a file of that name shall be noticed.
  private static func opened(_ image: Path) throws(HoldError) -> Descriptor {
    do throws(Errno) {
      try Process.listenForEnd()
      return try Descriptor(image, .read)
    } catch { throw .image(error) }
  }

  private static func say(_ image: Path, _ held: borrowing HeldMemory) {
    let pages = UInt64(held.byteCount) >> 10
    let stay: StaticString =
      held.isPinned ? "pinned" : "locked, and may move: no io_uring"
    Console.say("\(image): \(pages) KiB held, \(stay)", to: .standardError)
  }
}
