// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Dispatch
internal import Foundation
public import Memory
public import Rescue
public import VMCore

/// A filtered dump on its way into a file, by several threads.
public final class DumpJob<
  Source: ByteSource & SendableMetatype & ~Copyable
>: @unchecked Sendable {
  // Read by all threads, changed by none.
  let core: CoreFile<Source>
  let plan: DumpPlan
  let facts: KernelFacts
  let file: DumpFile
  /// The most bytes that the file may have.
  let budget: UInt64
  private let threads: Int

  /// What a dump came to.
  public struct Result: Sendable {
    /// Frames that are in the dump.
    public let frames: UInt64
    /// Those of them that are zero, and take no room.
    public let zeroes: UInt64
    /// Those of them that could not be read, and are zero for that.
    public let unreadable: UInt64
    /// Frames that are not in the dump because of its budget.
    public let left: UInt64
    /// In which stage that began; nil where nothing is left.
    public let cut: DumpStage?
    /// Bytes that the file has.
    public let bytes: UInt64
  }

  /// Opens the output; `core` must be a source that several threads may read.
  public init(
    _ core: consuming CoreFile<Source>,
    _ plan: DumpPlan,
    _ facts: KernelFacts,
    to path: String,
    replaces: Bool,
    threads: Int,
    budget: UInt64 = .max
  ) throws(DumpError) {
    // Before a file that is there is replaced.
    let least = Self.leastBudget(plan, facts)
    guard budget >= least else { throw .budget(atLeast: least) }
    let file = try DumpFile(path, replaces: replaces)
    self.core = core
    self.plan = plan
    self.facts = facts
    self.file = file
    self.budget = budget
    self.threads = max(1, threads)
  }

  /// What the head of a dump takes, and a few pages.
  private static func leastBudget(
    _ plan: DumpPlan,
    _ facts: KernelFacts
  ) -> UInt64 {
    let header = KdumpHeader(
      .none,
      level: 0,
      frames: plan.present.count,
      facts
    )
    return header.descriptions + UInt64(16 * Frame.size)
  }

  /// How many frames there are to dump, if there is room for them.
  public var frameCount: UInt64 { plan.dumped.population }

  /// What came of a dump of `chunks`.
  func result(
    _ sums: Turnstile.Sums,
    _ chunks: Chunks,
    firstLeft: Int? = nil,
    bytes: UInt64
  ) -> Result {
    let next = chunks.pieceCount > 0 ? chunks.pieceCount - 1 : nil
    let left = plan.dumped.population - sums.frames
    let last = firstLeft ?? next
    return Result(
      frames: sums.frames,
      zeroes: sums.zeroes,
      unreadable: sums.unreadable,
      left: left,
      cut: left > 0 ? last.map { chunks.stage(ofPiece: $0) } : nil,
      bytes: bytes
    )
  }

  /// Runs `work` on all threads, and `tell` now and then with how many frames
  /// are done.
  func run(
    _ turnstile: Turnstile,
    _ tell: @escaping @Sendable (UInt64) -> Void,
    _ work: @escaping @Sendable () throws(DumpError) -> Void
  ) throws(DumpError) -> (Turnstile.Sums, end: UInt64) {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 0.5, repeating: 0.25)
    timer.setEventHandler { tell(turnstile.progress) }
    timer.activate()
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      do throws(DumpError) { try work() } catch { turnstile.fail(error) }
    }
    timer.cancel()
    return try turnstile.result()
  }

  /// Reads the frames of a piece, one after another, into `bytes`; which of
  /// them could not be read, and are zero.
  func read(_ parts: [Chunks.Part], into bytes: inout ByteBuffer) -> UInt64 {
    var raw = bytes.mutableBytes
    var place = 0
    var unreadable: UInt64 = 0
    for run in parts.map(\.frames) {
      let count = Int(run.count) * Frame.size
      var part = raw._mutatingExtracting(place..<place + count)
      place += count
      guard let address = run.start.address else { continue }
      if (try? core.read(address, into: &part)) != nil { continue }
      // A frame that the file has in part, or a source that fails.
      for index in 0..<Int(run.count) {
        let start = index * Frame.size
        let frame = FrameNumber(run.start.value + UInt64(index))
        var page = part._mutatingExtracting(start..<start + Frame.size)
        if !core.read(frame, into: &page) { unreadable += 1 }
      }
    }
    return unreadable
  }
}
