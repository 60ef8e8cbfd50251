// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Health
import Linux
import Status
import Supervisor
import Ublk

/// All that a process needs to serve, whether it is the first one or takes
/// over: it is made once, in memory that is shared, and inherited by fork.
struct Estate: ~Copyable {
  var rest: Rest
  let registration: UblkRegistration

  /// Puts together what was taken apart.
  init(rest: consuming Rest, registration: consuming UblkRegistration) {
    self.rest = rest
    self.registration = registration
  }

  /// What is left when a device has taken the registration.
  struct Rest: ~Copyable {
    let shape: StoreShape
    let seed: UInt64
    // The store's frames and tables: neither must go before the store.
    var frames: PooledFrames
    let tables: Mapping
    let succession: Succession
    /// Seconds in which the scrubber comes round; 0 for no scrubbing.
    let scrubTime: UInt32
    let health: SharedHealth
    let limits: HealthLimits
    /// Where the permit of PID 1 comes from, in a capture kernel.
    let report: StepReport?
    // Opened while there is a /dev and a /proc to open it in.
    let voice: Voice
    let readahead: Readahead
  }

  /// Makes a device for a store.
  init(
    _ rest: consuming Rest,
    depth: UInt16,
    bufferBytes: UInt32
  ) throws(ServerError) {
    let blocks = rest.shape.blocks
    let registration = try attempt(ServerError.device) { () throws(UblkError) in
      try UblkRegistration(
        UblkDevice.Shape(
          blocks: blocks,
          depth: depth,
          bufferBytes: bufferBytes
        )
      )
    }
    self.init(rest: rest, registration: registration)
  }
}

extension Estate.Rest {
  /// Makes tables for a store on `frames`.
  init(
    blocks: UInt32,
    copies: Int,
    slotsPerShelf: UInt32,
    on frames: consuming PooledFrames,
    scrubTime: UInt32,
    health: consuming SharedHealth,
    limits: HealthLimits,
    report: consuming StepReport?,
    voice: consuming Voice,
    readahead: consuming Readahead
  ) throws(ServerError) {
    let shape: StoreShape
    do throws(StoreError) {
      shape = try StoreShape(
        blocks: blocks,
        copies: copies,
        slotsPerShelf: slotsPerShelf
      )
    } catch { throw .store(error) }
    let tables = try attempt(ServerError.tables) { () throws(Errno) in
      try Mapping.anonymous(byteCount: shape.tableByteCount, shared: true)
    }
    let succession = try attempt(ServerError.tables) { () throws(Errno) in
      try Succession()
    }
    self.init(
      shape: shape,
      seed: Kernel.randomSeed(),
      frames: frames,
      tables: tables,
      succession: succession,
      scrubTime: scrubTime,
      health: health,
      limits: limits,
      report: report,
      voice: voice,
      readahead: readahead
    )
    // Nobody has to say that an ordinary machine may use it.
    if !isLent { self.succession.set(.committed, 1) }
  }
}

extension Estate.Rest {
  /// An empty store that leaves some slots alone.
  func format(
    without slots: Span<UInt32>
  ) throws(ServerError) -> Server.Store {
    do throws(StoreError) {
      // SAFETY: the mapping is page aligned, zeroed, and used by the server
      // alone; it and the frames are kept for as long as the store lives.
      var store = try unsafe Server.Store(
        formatting: region,
        shape: shape,
        seed: seed,
        frames: frames.window
      )
      for index in slots.indices { store.quarantine(slots[index]) }
      return store
    } catch { throw .store(error) }
  }

  /// The store that a dead server has left.
  func recover() throws(ServerError) -> Server.Store {
    do throws(StoreError) {
      // SAFETY: as in `format`: the former server is no more.
      return try unsafe Server.Store(
        continuing: region,
        shape: shape,
        seed: seed,
        frames: frames.window
      )
    } catch { throw .store(error) }
  }

  /// The report that this process goes on with.
  func healthReport() -> HealthReport {
    HealthReport(on: health.page, shape: shape, limits: limits)
  }

  @unsafe private var region: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(
      start: tables.base,
      count: tables.byteCount
    )
  }
}

extension Server {
  /// Starts a server on an empty store, with a process that stands by, and
  /// keeps all memory of this one where it is.
  static func make(
    _ estate: consuming Estate,
    without slots: Span<UInt32>
  ) throws(ServerError) -> Server {
    let store = try estate.rest.format(without: slots)
    estate.rest.succession.set(.server, UInt64(Process.own.magnitude))
    try attempt(ServerError.spare) { () throws(Errno) in
      try Process.ignore(signal: Heir.childEnded)
    }
    // Before /dev/ublkcN is open, which nobody else may have.
    let server = Process.own
    do throws(Errno) {
      if try Process.fork() == nil { Heir.standBy(estate, server: server) }
    } catch { throw .spare(error) }
    try attempt(ServerError.lock) { () throws(Errno) in
      try Kernel.lockMemory(.atOnce)
    }
    // Before all ordinary processes: they wait for it, and when it dies, it
    // has to be gone before somebody else can serve.
    try? estate.rest.standToAttention(.spare)
    let device: UblkDevice
    do throws(UblkError) {
      let standby = try UblkStandby(estate.registration)
      device = try standby.start()
    } catch { throw .device(error) }
    let health = estate.rest.healthReport()
    return Server(
      device: device,
      store: store,
      health: health,
      estate: estate.rest
    )
  }
}
