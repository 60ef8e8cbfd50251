// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Devices
internal import Foundation
internal import Linux
internal import Memory

/// The store without a frontend, one thread, requests of 64 KiB in random
/// places of a device of 256 MiB, against memcpy of as many bytes between the
/// same buffer and the same frames, in turn.
struct StoreBench {
  static let blocks: UInt32 = 65_536
  static let request: UInt32 = 16
  static let seed: UInt64 = 0x5eed

  private typealias Store = BlockStore<FrameWindow>

  static func table(rounds: Int) throws -> String {
    var lines = [
      "| 256 MiB, 64 KiB a request | GB/s | of memcpy | goal |",
      "|---|---|---|---|",
    ]
    var figures: [String] = []
    for copies in [2, 1, 3, 4] {
      let bench = StoreBench(copies: copies)
      lines += try bench.rows(rounds: rounds, &figures)
    }
    try FiguresFile.write("store", figures)
    return lines.joined(separator: "\n")
  }

  private let copies: Int
  private let places = (0..<Self.blocks / Self.request).shuffled()
    .map { $0 * Self.request }

  private init(copies: Int) { self.copies = copies }

  private func rows(
    rounds: Int,
    _ figures: inout [String]
  ) throws -> [String] {
    let shape = try StoreShape(
      blocks: Self.blocks,
      copies: copies,
      slotsPerShelf: Self.blocks
    )
    let pool = try PooledFrames.anonymous(slotCount: shape.slotCount)
    let tables = try Mapping.anonymous(byteCount: shape.tableByteCount)
    let region = unsafe UnsafeMutableRawBufferPointer(
      start: tables.base,
      count: tables.byteCount
    )
    // SAFETY: page aligned, zeroed, nobody else's; it and the pool are there
    // for longer.
    var store = try unsafe Store(
      formatting: region,
      shape: shape,
      seed: Self.seed,
      frames: pool.window
    )
    var buffer = try Mapping.anonymous(
      byteCount: Int(Self.request) * Frame.size
    )
    var content = buffer.bytes
    content.fill()
    let plain = try Mapping.anonymous(
      byteCount: Int(Self.blocks) * Frame.size
    )
    // Block n in slot n, so that neither side has its frames in order.
    let inOrder = places.sorted()
    _ = try write(inOrder, &store, buffer)
    _ = copy(inOrder, plain, buffer, out: false)

    var copying: [Double] = []
    var filling: [Double] = []
    var writes: [Double] = []
    var reads: [Double] = []
    var scrubs: [Double] = []
    var successions: [Double] = []
    for _ in 0..<rounds {
      copying.append(copy(places, plain, buffer, out: true))
      reads.append(try read(places, &store, &buffer))
      filling.append(copy(places, plain, buffer, out: false))
      writes.append(try write(places, &store, buffer))
      scrubs.append(scrub(&store))
      let start = Clock.nanoseconds()
      // SAFETY: as above, and the store before it is used no more.
      store = try unsafe Store(
        continuing: region,
        shape: shape,
        seed: Self.seed,
        frames: pool.window
      )
      successions.append(seconds(since: start))
    }
    guard store.counters.mismatches == 0 else {
      throw BenchError("the store found damage")
    }
    let bytes = Double(Self.blocks) * Double(Frame.size)
    let all = Double(copies)
    let isGoal = copies == 2
    if isGoal {
      figures += against("verified reads", bytes, reads, copying, goal: 0.6)
      figures += against("writes", bytes, writes, filling, goal: 0.3)
      figures.append(
        FiguresFile.line(
          "scrubbing, 2 copies",
          "oldmem",
          "GB/s",
          more: true,
          scrubs.map { bytes * all / $0 / 1e9 }
        )
      )
    }
    let rows = [
      row("verified reads", bytes, reads, copying, isGoal ? "60 %" : ""),
      row("writes", bytes, writes, filling, isGoal ? "30 %" : ""),
      row(
        "scrubbing",
        bytes * all,
        scrubs,
        copying.map { $0 * all },
        isGoal ? "1 GB/s" : ""
      ),
      "| going on with the tables, \(copies) | \(milliseconds(successions)) | | |",
    ]
    return withExtendedLifetime(tables) { withExtendedLifetime(pool) { rows } }
  }

  /// The lines of a figure against memcpy.
  private func against(
    _ name: String,
    _ bytes: Double,
    _ times: [Double],
    _ peer: [Double],
    goal: Double
  ) -> [String] {
    let group = "\(name), \(copies) copies, 64 KiB"
    return [("oldmem", times), ("memcpy", peer)].map { subject, times in
      FiguresFile.line(
        group,
        subject,
        "GB/s",
        more: true,
        times.map { bytes / $0 / 1e9 }
      )
    } + [FiguresFile.goal(group, goal, "memcpy")]
  }

  private func read(
    _ places: [UInt32],
    _ store: inout Store,
    _ buffer: inout Mapping
  ) throws -> Double {
    let start = Clock.nanoseconds()
    for place in places {
      let range = BlockRange(start: BlockNumber(place), count: Self.request)
      var bytes = buffer.bytes
      try store.read(range, into: &bytes)
    }
    return seconds(since: start)
  }

  private func write(
    _ places: [UInt32],
    _ store: inout Store,
    _ buffer: borrowing Mapping
  ) throws -> Double {
    let start = Clock.nanoseconds()
    for place in places {
      let range = BlockRange(start: BlockNumber(place), count: Self.request)
      try store.write(range, from: buffer.readOnly)
    }
    return seconds(since: start)
  }

  private func scrub(_ store: inout Store) -> Double {
    let start = Clock.nanoseconds()
    while store.scrub() != .passed {}
    return seconds(since: start)
  }

  /// memcpy of all requests, in the order in which the store gets them.
  private func copy(
    _ places: [UInt32],
    _ plain: borrowing Mapping,
    _ buffer: borrowing Mapping,
    out: Bool
  ) -> Double {
    let start = Clock.nanoseconds()
    let size = Int(Self.request) * Frame.size
    for place in places {
      let offset = Int(place) * Frame.size
      // SAFETY: both mappings are that large, and nobody else's.
      let (target, source) =
        unsafe out
        ? (buffer.base, plain.base + offset)
        : (plain.base + offset, buffer.base)
      unsafe target.copyMemory(from: source, byteCount: size)
    }
    return seconds(since: start)
  }

  private func row(
    _ name: String,
    _ bytes: Double,
    _ times: [Double],
    _ peer: [Double],
    _ goal: String
  ) -> String {
    let ratios = zip(peer, times).map { $0 / $1 }
    let plural = copies == 1 ? "copy" : "copies"
    return """
      | \(name), \(copies) \(plural) | \(gigabytes(bytes / median(times))) \
      | \(Int((median(ratios) * 100).rounded())) % | \(goal) |
      """
  }

  private func seconds(since start: UInt64) -> Double {
    Double(Clock.nanoseconds() - start) / 1e9
  }
}

extension MutableRawSpan {
  /// Makes all bytes random, and none of them zero.
  @_lifetime(self: copy self)
  fileprivate mutating func fill() {
    for offset in 0..<byteCount {
      storeBytes(
        of: UInt8.random(in: 1...255),
        toByteOffset: offset,
        as: UInt8.self
      )
    }
  }
}
