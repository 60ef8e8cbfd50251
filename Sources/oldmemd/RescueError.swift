// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import MemoryMap
import Rescue
import RescueStream
import VMCore

/// Why something was not saved in one of the places.
enum RescueError: Error {
  /// The place is none that is known.
  case unknownTarget
  /// The place takes no dump.
  case noDump
  /// The place is a disk, and `rescue-id` is not set.
  case noID
  /// The disk is not one that may be written to.
  case area(RescueAreaError)
  /// The place cannot be opened or written to.
  case target(Errno)
  /// The log cannot be read, or the place did not take it.
  case log(DmesgError)
  /// The vmcore cannot be opened.
  case vmcore(Errno)
  /// The vmcore is not understood.
  case core(CoreError)
  /// The crashed kernel's memory map is not understood.
  case map(MapError)
  /// So many KiB are needed for bitmaps, and fewer are there.
  case memory(UInt64, of: UInt64)
  /// There is memory above 16 TiB.
  case tooMuch
  /// The list of lent frames cannot be read or is damaged.
  case lentFrames(Path)
  /// The key that is wanted is not here.
  case noKey(Path)
  /// A dump goes nowhere over a network without a key.
  case noKeySet
  /// Nobody with the same key has taken all of it.
  case stream(StreamError)
  /// There is no room for more than what a dump begins with.
  case noRoom
  /// The disk has no place for a dump.
  case smallDisk

  var sentence: Line {
    switch self {
    case .unknownTarget: "is no place to save anything in"
    case .noDump: "takes no dump: a disk, a new file, tcp: or console does"
    case .noID: "needs the setting rescue-id"
    case .area(.notPrepared): "is not prepared: oldmem rescue-format does that"
    case .area(.otherID): "is prepared with another id than rescue-id"
    case .area(.unknownVersion(let version)):
      "is prepared by another oldmem, version \(version) of the format"
    case .area(.otherSize): "has another size than when it was prepared"
    case .target(let errno): "\(errno)"
    case .log(let error): error.sentence
    case .vmcore(let errno): "no dump, for the vmcore: \(errno)"
    case .core(let error): "no dump, for the vmcore: \(error.line)"
    case .map(let error): "no dump: \(error.line)"
    case .memory(let size, let available):
      "no dump: it takes \(size) KiB of memory, of which \(available) are there"
    case .tooMuch: "no dump: there is memory above 16 TiB"
    case .lentFrames(let path):
      "no dump: \(path): the list of lent frames cannot be read"
    case .noKey(let path): "the key is not here, or is none: \(path)"
    case .noKeySet: "takes no dump without the setting rescue-key"
    case .stream(let error): error.line
    case .noRoom: "has no room for a dump: its bitmaps alone are larger"
    case .smallDisk: "has no place for a dump: 16 MiB are needed"
    }
  }
}
