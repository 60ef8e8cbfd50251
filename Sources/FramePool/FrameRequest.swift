// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How much memory is wanted, and in what pieces.
public struct FrameRequest: Equatable, Sendable {
  /// How many frames each copy needs: one for each logical block.
  public let blocks: UInt32
  /// How many copies there are, each with a shelf of its own: 1 to 4.
  public let copies: Int
  /// Further frames for each shelf, to take the place of damaged ones.
  public let reserve: UInt32
  /// Runs of fewer frames than this are left alone, and all that are chosen
  /// have a multiple of it.
  public let minimumRun: UInt32
  /// The most runs that may be chosen: each is a mapping, and a process may
  /// have 65,530 of them (vm.max_map_count).
  public let maximumRuns: Int

  /// Wants so many blocks in so many copies, or throws what is impossible.
  public init(
    blocks: UInt32,
    copies: Int,
    reserve: UInt32 = 0,
    minimumRun: UInt32 = 16,
    maximumRuns: Int = 8192
  ) throws(FramePoolError) {
    guard (1...4).contains(copies) else { throw .copies(copies) }
    guard minimumRun > 0 else { throw .minimumRun }
    guard (copies...65_530).contains(maximumRuns) else {
      throw .maximumRuns(maximumRuns)
    }
    self.blocks = blocks
    self.copies = copies
    self.reserve = reserve
    self.minimumRun = minimumRun
    self.maximumRuns = maximumRuns
  }

  /// The reserve for a shelf of so many blocks where frames are watched before
  /// they are used: a 64th, and a MiB at least.
  public static func reserve(watching blocks: UInt32) -> UInt32 {
    max(blocks / 64, 256)
  }

  /// The frames wanted of each shelf: blocks and reserve, rounded up to whole
  /// minimum runs, and what 32-bit slot numbers can name at most.
  public var framesPerShelf: UInt64 {
    let unit = UInt64(minimumRun)
    let exact = UInt64(blocks) + UInt64(reserve)
    let most = UInt64(UInt32.max) / UInt64(copies) / unit * unit
    return min((exact + unit - 1) / unit * unit, most)
  }

  /// The frames wanted of all shelves together.
  public var frames: UInt64 { UInt64(copies) * framesPerShelf }

  /// How much of a shelf of `frames` is for blocks: all that are wanted, or
  /// the same part of it as of the shelf that was wanted.
  func blocks(of frames: UInt32) -> UInt32 {
    let wanted = UInt64(blocks) + UInt64(reserve)
    guard UInt64(frames) < wanted else { return blocks }
    let reserve = UInt64(frames) * UInt64(self.reserve) / wanted
    return frames - UInt32(reserve)
  }
}

/// Why no frames can be picked for a request.
public enum FramePoolError: Error, Equatable, Sendable {
  /// There can be 1 to 4 copies, not so many.
  case copies(Int)
  /// The shortest run must have a frame at least.
  case minimumRun
  /// There can be as many runs as copies at least and 65,530 at most.
  case maximumRuns(Int)
}
