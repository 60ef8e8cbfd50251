// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The kernel as a client of NBD. What a server has is memory that it shares with
// the process that made it: the store's frames and tables. That process keeps
// them, serves nothing, and has two others: one that serves, and one that is
// ready to, with all the memory that it will need. When the first dies, the
// keeper gives the kernel the other end of the second one's sockets.

import BlockStore
import Devices
import Linux
import NBDKernel
import Supervisor

/// Keeps the kernel's device over NBD, whatever becomes of its servers.
struct KernelClient: ~Copyable {
  var estate: Estate.Rest
  private let bufferBytes: Int
  private let unused: [UInt32]
  private var device: KernelDevice?
  private(set) var server: Process?
  var spare: Candidate?
  /// Whose turn it is when the server is dead.
  var heir: Candidate?
  /// Who watches over the server.
  var vigil = Vigil(over: Process.own, asksForPermit: false)
  /// Whether requests wait only a moment for another server.
  private var isOnTrial = false
  /// Why no spare could be made, if none could.
  private var trouble = Errno.tryAgain

  /// Who can serve, and the kernel's ends of its sockets.
  struct Candidate: ~Copyable {
    let process: Process
    let watch: ProcessWatch
    let first: Descriptor
    let second: Descriptor
  }

  /// How often the kernel is asked to take a connection.
  private static let attempts = 5
  /// A buffer for where memory is short, in bytes; no request is longer.
  static let smallBuffer = 64 << 10
  /// What may be on its way in a socket where memory is short, in bytes.
  ///
  /// The kernel takes it from its last reserves, and so must not take much.
  private static let onTheWay: Int32 = 32 << 10
  /// Seconds for which requests wait for another server before PID 1 says that
  /// the device is in use: its swapon must not outlast the keeper by much.
  private static let trial: UInt32 = 5

  /// Makes a client for an empty store, some of whose slots are not to be used.
  init(
    _ estate: consuming Estate.Rest,
    bufferBytes: Int,
    without slots: [UInt32] = []
  ) {
    self.estate = estate
    self.bufferBytes = bufferBytes
    unused = slots
  }

  /// Serves until the end is requested, or the device was taken away;
  /// `started` is called once, with its number.
  consuming func run(started: (UInt32) -> Void) throws(ServerError) {
    Process.setName("oldmemd-keeper")
    var client = try setFramesAside().withSpare()
    try client.awaitSpare()
    try client.attach()
    client.limitRequests()
    client = client.withSpare()
    do throws(ServerError) { try client.awaitSpare() } catch {
      throw client.giveUp(error)
    }
    if client.estate.isLent { Watermark.raise() }
    started(client.number)
    try client.keep()
  }

  /// Leaves the frames to the servers, who have page tables of their own.
  private consuming func setFramesAside() throws(ServerError) -> KernelClient {
    do throws(Errno) { try estate.frames.setAside() } catch {
      throw .process(error)
    }
    return self
  }

  private var number: UInt32 {
    switch device {
    case .some(let device): device.number
    case nil: 0
    }
  }

  private var hasSpare: Bool {
    switch spare {
    case .some: true
    case nil: false
    }
  }

  /// Whether there is anybody who can serve next.
  var hasSuccessor: Bool {
    switch heir {
    case .some: true
    case nil: hasSpare
    }
  }

  /// Has somebody stand by, if that is possible now.
  consuming func withSpare() -> KernelClient {
    guard !hasSpare else { return self }
    let keeper = Process.own
    let isFirst = server == nil
    do throws(Errno) {
      let first = try makeSockets()
      let second = try makeSockets()
      if let child = try Process.fork() {
        do throws(Errno) {
          spare = Candidate(
            process: child,
            watch: try ProcessWatch(process: child.number),
            first: first.takeFirst(),
            second: second.takeFirst()
          )
        } catch {
          child.kill()
          _ = try child.end(block: true)
          throw error
        }
      } else {
        // Without the kernel's ends, also of who goes before: whoever has those
        // would keep a server from hearing that the kernel has let go of it.
        heir = nil
        KernelServer.live(
          first.takeSecond(),
          second.takeSecond(),
          estate,
          bufferBytes: bufferBytes,
          isFirst ? .empty(without: unused) : .left,
          keeper: keeper
        )
      }
    } catch { trouble = error }
    // What both have in common would be copied when it is written to, which
    // may be in the worst moment.
    if estate.isLent { try? Kernel.lockMemory(.atOnce) }
    try? estate.standToAttention(.reserve)
    return self
  }

  private func makeSockets() throws(Errno) -> SocketPair {
    let pair = try SocketPair()
    if estate.isLent { try pair.limitSending(to: Self.onTheWay) }
    return pair
  }

  /// Waits until the spare has all that it needs.
  private func awaitSpare() throws(ServerError) {
    switch spare {
    case .some(let spare):
      let limit = Clock.nanoseconds() + Server.patience * 1_000_000
      while Clock.nanoseconds() < limit {
        let ready = estate.succession.value(.spare)
        if ready == UInt64(spare.process.number.magnitude) { return }
        if spare.watch.ended(within: 5) { break }
      }
      throw .alone
    case nil: throw .spare(trouble)
    }
  }

  /// Gives the kernel the sockets of whose turn it is.
  mutating func attach() throws(ServerError) {
    guard let next = heir.take() ?? spare.take() else {
      throw .spare(trouble)
    }
    server = next.process
    estate.succession.set(.server, UInt64(next.process.number.magnitude))
    vigil = Vigil(
      over: next.process.number,
      asksForPermit: estate.asksForPermit
    )
    do throws(NBDKernelError) {
      if isAttached {
        try reconnect(over: next.first, next.second)
      } else {
        var shape = KernelDevice.Shape(
          blocks: estate.shape.blocks,
          flags: KernelDevice.memoryFlags
        )
        isOnTrial = estate.asksForPermit
        if isOnTrial { shape.patience = Self.trial }
        let device = try KernelDevice(shape, over: next.first, next.second)
        estate.succession.device = .nbd(device.number)
        self.device = consume device
      }
    } catch { throw .kernel(error) }
  }

  /// Lets requests wait for another server as long as they ever do, once the
  /// device is in use.
  mutating func endTrial() {
    guard isOnTrial, estate.succession.isSet(.committed) else { return }
    do throws(NBDKernelError) {
      try device?.wait(seconds: KernelDevice.Shape.patience)
      isOnTrial = false
    } catch {}  // The next round asks again.
  }

  /// Asks again where the kernel had no memory for the question.
  private mutating func reconnect(
    over first: borrowing Descriptor,
    _ second: borrowing Descriptor
  ) throws(NBDKernelError) {
    var attempts = 0
    while true {
      do throws(NBDKernelError) {
        return try device?.reconnect(over: first, second) ?? ()
      } catch {
        attempts += 1
        guard attempts < Self.attempts else { throw error }
        Clock.sleep(milliseconds: 20)
      }
    }
  }

  private var isAttached: Bool {
    switch device {
    case .some: true
    case nil: false
    }
  }

  /// Whether the driver has the device still; nobody takes away what is lent.
  var isThere: Bool {
    switch device {
    case .some(let device): estate.isLent || device.isThere
    case nil: false
    }
  }

  /// Keeps requests to what a server's buffer holds: it would read what is
  /// longer twice.
  private func limitRequests() {
    let limit: Line = "\(bufferBytes >> 10)"
    let knob = DeviceName.nbd(number).queue.appending("max_sectors_kb")
    do throws(Errno) { try Files.write(limit, to: knob) } catch {
      estate.voice.log.say("nbd: \(knob): \(error)", .problem)
    }
  }

  /// Ends what nobody can serve; with what is in use, a capture kernel ends.
  mutating func giveUp(_ error: ServerError) -> ServerError {
    if estate.isLent, estate.succession.isSet(.committed) {
      estate.voice.despair(error.sentence)
    }
    server?.kill()
    do throws(ServerError) { try end() } catch { return error }
    return error
  }

  /// Takes the device away, and with it those who serve.
  mutating func end() throws(ServerError) {
    if let spare = spare.take() {
      spare.process.kill()
      _ = try? spare.process.end(block: true)
    }
    do throws(NBDKernelError) { try device?.disconnect() } catch {
      throw .kernel(error)
    }
    _ = try? server?.end(block: true)
  }
}
