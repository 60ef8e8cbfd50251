// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BlockStore
import Devices
import Linux
import Supervisor
import Ublk

/// The store behind its device: what runs from `swapon` to the reboot.
struct Server: ~Copyable {
  typealias Store = BlockStore<PooledFrames>

  var device: UblkDevice
  var store: Store
  let heartbeat: Heartbeat
  // The store's tables lie in it: it must not go before the store.
  let tables: Mapping

  /// Makes a store on `frames`, and a device in front of it, and keeps all
  /// memory of this process where it is.
  static func make(
    blocks: UInt32,
    copies: Int,
    slotsPerShelf: UInt32,
    on frames: consuming PooledFrames,
    depth: UInt16,
    bufferBytes: UInt32,
    heartbeat: consuming Heartbeat
  ) throws(ServerError) -> Server {
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
    let store: Store
    do throws(StoreError) {
      // SAFETY: the mapping is page aligned, zeroed, used by nobody else, and
      // kept next to the store for as long as that lives.
      store = try unsafe Store(
        formatting: UnsafeMutableRawBufferPointer(
          start: tables.base,
          count: tables.byteCount
        ),
        shape: shape,
        seed: Kernel.randomSeed(),
        frames: frames
      )
    } catch { throw .store(error) }
    let device: UblkDevice
    do throws(UblkError) {
      device = try UblkDevice(
        UblkDevice.Shape(
          blocks: shape.blocks,
          depth: depth,
          bufferBytes: bufferBytes
        )
      )
    } catch { throw .device(error) }
    try attempt(ServerError.lock) { () throws(Errno) in
      try Kernel.lockMemory(.atOnce)
    }
    return Server(
      device: device,
      store: store,
      heartbeat: heartbeat,
      tables: tables
    )
  }

  /// Serves until the end was requested and the device is gone; `started` is
  /// called once, when /dev/ublkbN is there.
  mutating func run(
    started: (UInt32) -> Void,
    log target: Log.Target
  ) throws(ServerError) {
    var log = EventLog(target)
    var isStopping = false
    do throws(UblkError) {
      try device.start()
      var round = UblkDevice.Round.served
      while round != .gone {
        if Process.endIsRequested, !isStopping {
          isStopping = true
          try device.stop()
        }
        round = try serveRound(&device, &store, heartbeat)
        if round == .started { started(device.number) }
        while let event = store.takeEvent() { log.say(event) }
      }
    } catch { throw .device(error) }
    guard isStopping else { throw .gone }
  }

  /// Leaves nothing of the device behind.
  consuming func end() throws(ServerError) {
    do throws(UblkError) { try device.delete() } catch {
      throw .device(error)
    }
  }
}

/// One round of requests.
///
/// Nothing that it calls allocates: the compiler proves it, for a server that
/// waits for memory while the kernel waits for the server is a deadlock.
#if hasFeature(Embedded)
  @_noAllocation
#endif
func serveRound(
  _ device: inout UblkDevice,
  _ store: inout Server.Store,
  _ heartbeat: borrowing Heartbeat
) throws(UblkError) -> UblkDevice.Round {
  heartbeat.beat()
  return try device.serve(&store)
}

/// Why there is no server.
enum ServerError: Error {
  /// No memory for the store's tables.
  case tables(Errno)
  /// The store refused its shape or its frames.
  case store(StoreError)
  /// This process cannot be made fit to serve.
  case process(Errno)
  /// No block device.
  case device(UblkError)
  /// The driver has taken the device away.
  case gone
  /// The server's memory cannot be kept from being swapped out.
  case lock(Errno)

  /// The error as a sentence.
  var sentence: Line {
    switch self {
    case .tables(let errno): "no memory for the store's tables: \(errno)"
    case .store: "the store refused its shape"
    case .process(let errno): "this process may not serve I/O: \(errno)"
    case .device(let error): error.sentence
    case .gone: "ublk: the driver has taken the device away"
    case .lock(let errno): "memory cannot be locked: \(errno)"
    }
  }
}
