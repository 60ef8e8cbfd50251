// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// The proof that writing through a mapping reaches old memory, and there the
/// frame that was meant.
///
/// The first and the last frame of every run are read through the mapping and
/// through /proc/vmcore, and must agree; only then are they written, and must
/// agree again. A mapping that turned out to be of something else would have
/// been found out before the first write.
public enum RouteProof {
  /// Why a route is refused.
  public enum Refusal: Error, Equatable, Sendable {
    /// Before anything was written, the two ways showed different bytes.
    case differs(FrameNumber)
    /// What was written through the mapping did not arrive.
    case lost(FrameNumber)
    /// /proc/vmcore could not be read there.
    case unreadable(FrameNumber, MemoryError)
    /// Copying takes so many times as long as in ordinary memory: the mapping
    /// is not cached.
    case slow(times: UInt64)

    /// The refusal as a sentence.
    public var sentence: Line {
      switch self {
      case .differs(let frame):
        """
        frame \(hex: frame.value) is not the same through the mapping and \
        through /proc/vmcore
        """
      case .lost(let frame):
        "what was written to frame \(hex: frame.value) did not arrive"
      case .unreadable(let frame, _):
        "frame \(hex: frame.value) cannot be read through /proc/vmcore"
      case .slow(let times):
        "writing is \(times) times slower than to ordinary memory"
      }
    }
  }

  /// How much slower than ordinary memory a route may be.
  ///
  /// Uncached memory is slower by a factor of 50 and more.
  static let tolerance: UInt64 = 16

  /// Proves the route of `frames`, which are `runs` in this order, and that a
  /// process can copy through it.
  ///
  /// What is written is made of `seed`; `progress` is called now and then.
  public static func prove<Core: PhysicalMemory & ~Copyable>(
    _ frames: borrowing PooledFrames,
    _ runs: Span<FrameRange>,
    against core: borrowing Core,
    seed: UInt64,
    progress: () -> Void
  ) throws(Refusal) {
    try proveContent(frames, runs, against: core, seed: seed, progress)
    try measure(frames)
  }

  /// Proves the route of `frames`, whatever its pace.
  public static func proveContent<
    Frames: FrameAccess & ~Copyable,
    Core: PhysicalMemory & ~Copyable
  >(
    _ frames: borrowing Frames,
    _ runs: Span<FrameRange>,
    against core: borrowing Core,
    seed: UInt64,
    _ progress: () -> Void
  ) throws(Refusal) {
    var slot: UInt32 = 0
    for index in runs.indices {
      let run = runs[index]
      guard !run.isEmpty else { continue }
      let last = UInt32(run.count) - 1
      try prove(frames, slot, is: run.start, core, seed)
      if last > 0 {
        let end = FrameNumber(run.start.value + UInt64(last))
        try prove(frames, slot + last, is: end, core, seed)
      }
      slot += last + 1
      if index % 64 == 0 { progress() }
    }
  }

  /// A frame's content, as words: looking at each byte of many frames takes
  /// longer than mapping them.
  private typealias Content = [UInt64]

  private static func prove<
    Frames: FrameAccess & ~Copyable,
    Core: PhysicalMemory & ~Copyable
  >(
    _ frames: borrowing Frames,
    _ slot: UInt32,
    is frame: FrameNumber,
    _ core: borrowing Core,
    _ seed: UInt64
  ) throws(Refusal) {
    guard read(frames, slot) == (try read(core, frame)) else {
      throw .differs(frame)
    }
    var written = Content(repeating: 0, count: Frame.size / 8)
    var state = seed ^ frame.value &* 0x9e37_79b9_7f4a_7c15
    for index in written.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // The high bits are the random ones.
      written[index] = state ^ state >> 32
    }
    // SAFETY: words have no padding that could leak.
    frames.write(slot, from: unsafe written.span.bytes)
    frames.fence()
    guard read(frames, slot) == written, try read(core, frame) == written else {
      throw .lost(frame)
    }
  }

  /// What the mapping shows.
  private static func read<Frames: FrameAccess & ~Copyable>(
    _ frames: borrowing Frames,
    _ slot: UInt32
  ) -> Content {
    var content = Content(repeating: 0, count: Frame.size / 8)
    var span = content.mutableSpan
    // SAFETY: words have no padding, and every pattern is a valid one.
    var raw = unsafe span.mutableBytes
    frames.read(slot, into: &raw)
    return content
  }

  /// What /proc/vmcore shows.
  private static func read<Core: PhysicalMemory & ~Copyable>(
    _ core: borrowing Core,
    _ frame: FrameNumber
  ) throws(Refusal) -> Content {
    guard let address = frame.address else { throw .differs(frame) }
    var content = Content(repeating: 0, count: Frame.size / 8)
    do throws(MemoryError) {
      var span = content.mutableSpan
      // SAFETY: as above.
      var raw = unsafe span.mutableBytes
      try core.read(address, into: &raw)
    } catch { throw .unreadable(frame, error) }
    return content
  }

  /// Compares the mapping's pace with that of ordinary memory.
  private static func measure(
    _ frames: borrowing PooledFrames
  ) throws(Refusal) {
    let count = min(frames.slotCount, 64)
    guard let ordinary = try? PooledFrames.anonymous(slotCount: count) else {
      return
    }
    let base = max(pace(of: ordinary), 1)
    let old = pace(of: frames)
    guard old / base < tolerance else { throw .slow(times: old / base) }
  }

  /// Nanoseconds for writing and reading 64 frames: the best of three, for
  /// an interrupt makes any one of them slow.
  private static func pace(of frames: borrowing PooledFrames) -> UInt64 {
    var bytes = [UInt8](repeating: 0x5a, count: Frame.size)
    let count = min(frames.slotCount, 64)
    var best = UInt64.max
    for _ in 0..<3 {
      let start = Clock.nanoseconds()
      for slot in 0..<count {
        var span = bytes.mutableSpan
        // SAFETY: bytes have no padding, and every pattern is a valid one.
        var raw = unsafe span.mutableBytes
        frames.write(slot, from: raw.bytes)
        frames.read(slot, into: &raw)
      }
      best = min(best, Clock.nanoseconds() - start)
    }
    return best
  }
}
