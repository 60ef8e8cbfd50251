// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import BootImage
import Devices
import FramePool
import Linux
import Memory
import VMCore

/// The way to the frames that were found.
extension Find {
  /// Maps the frames by the first way that is open, and proves that it reaches
  /// them.
  ///
  /// Each way that is closed is a line on the console, and so is the one that
  /// is taken. A way that is open and does not do what it should ends the
  /// search: what else is wrong then, nobody knows.
  func map(
    _ settings: Settings,
    progress: () -> Void
  ) throws(LendError) -> PooledFrames {
    for route in FrameRoute.allCases where settings.allows(route) {
      let frames: PooledFrames
      do throws(Errno) {
        frames = try open(route)
      } catch {
        Console.say(FrameRoute.sentence(of: route, error), .problem)
        continue
      }
      progress()
      // Of what the first way that is open can write to from here on.
      if let path = settings.frames { try list(to: path) }
      do throws(RouteProof.Refusal) {
        try RouteProof.prove(
          frames,
          selection.runs.span,
          against: core,
          seed: Kernel.randomSeed(),
          progress: progress
        )
      } catch { throw .route(route, error) }
      Console.say("route: \(route.path)")
      return frames
    }
    throw .closed
  }

  private func open(_ route: FrameRoute) throws(Errno) -> PooledFrames {
    // Not O_SYNC: that would make the mapping uncached.
    let file = try Descriptor(route.path, .readWrite)
    guard !route.isPhysical else {
      return try PooledFrames.mapping(selection.runs.span, of: file)
    }
    return try PooledFrames.mapping(try pieces(), of: file)
  }

  /// Where the frames are in /proc/vmcore: a run may lie in several PT_LOADs.
  private func pieces() throws(Errno) -> [FileFrames] {
    var pieces: [FileFrames] = []
    pieces.reserveCapacity(selection.runs.count)
    for run in selection.runs {
      var done: UInt64 = 0
      while done < run.count {
        let frame = FrameNumber(run.start.value + done)
        guard let address = frame.address,
          let place = core.loads.place(of: address)
        else { throw .invalid }
        let count = min(place.byteCount >> Frame.shift, run.count - done)
        guard count > 0 else { throw .invalid }
        pieces.append(FileFrames(offset: place.fileOffset, count: count))
        done += count
      }
    }
    return pieces
  }
}

extension Settings {
  /// Whether device-mapper may be asked: where its modules were packed.
  var allowsStitching: Bool {
    switch route {
    case .dm: true
    case nil: Files.exists(Path(stringLiteral: ImageLayout.stitchModules))
    case .mem, .oldmem, .vmcore: false
    }
  }

  fileprivate func allows(_ way: FrameRoute) -> Bool {
    switch (route, way) {
    case (nil, _), (.mem, .mem), (.oldmem, .oldmem), (.vmcore, .vmcore): true
    default: false
    }
  }
}

extension FrameRoute {
  /// Why a way is closed.
  fileprivate static func sentence(
    of route: FrameRoute,
    _ error: Errno
  ) -> Line {
    let reason: Line
    switch (route, error) {
    case (.mem, .notPermitted): reason = "the kernel is locked down"
    case (.oldmem, .noEntry): reason = "the module oldmem is not loaded"
    case (.vmcore, .notPermitted), (.vmcore, Errno(13)):
      reason = "it cannot be written in this kernel"
    default: reason = "\(error)"
    }
    return "route: \(route.path) is closed: \(reason)"
  }
}
