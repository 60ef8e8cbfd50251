// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import DeviceMapper
import Devices
import FramePool
import Linux
import MemoryMap
import VMCore

/// Why nothing is lent, by the step at which that became clear.
enum LendError: Error {
  /// oldmem=off.
  case off
  /// mode = log.
  case logOnly
  /// This process cannot be protected.
  case shield(Errno)
  /// Progress cannot be reported.
  case report(Errno)
  /// A module could not be loaded.
  case module(Path, Errno)
  /// The machine is one whose memory must not be written to.
  case guest(Guest.Refusal)
  /// The dump level leaves no page out, or is not known.
  case level(Int)
  /// The makedumpfile that will run dumps free pages of this kernel, or may.
  case collector(Path?)
  /// /proc/vmcore cannot be opened.
  case vmcore(Errno)
  /// What this kernel itself uses is not known.
  case machine(MachineMemory.Failure)
  /// The crashed kernel's memory cannot be understood.
  case core(CoreError)
  /// The memory map cannot be understood.
  case map(MapError)
  /// The settings ask for something that cannot be.
  case request(FramePoolError)
  /// Too little is free.
  case tooLittle(frames: UInt64)
  /// The list of lent frames cannot be written.
  case list(Path, Errno)
  /// The kernel has neither ublk nor NBD.
  case noDriver
  /// No way to old memory is open; each one has had its line.
  case closed
  /// Writing does not do what it should.
  case route(FrameRoute, RouteProof.Refusal)
  /// No driver shows old memory as a device.
  case noWindow
  /// The device that shows old memory cannot be read.
  case window(Errno)
  /// It does not show what it should.
  case proof(RouteProof.Refusal)
  /// The kernel does not make one device of the frames.
  case stitch(StitchedDevice.Failure)
  /// Too many frames changed while they were watched.
  case settle(changed: UInt64, of: UInt32)
  /// No store or no device.
  case server(ServerError)
  /// The server has ended while it was in use.
  case ended(ServerError)

  /// Whether the kernel's own drivers may do what we cannot.
  var leavesStitching: Bool {
    switch self {
    case .noDriver, .closed: true
    default: false
    }
  }

  var sentence: Line {
    switch self {
    case .off: "module: switched off by oldmem=off or mode = off"
    case .logOnly: "module: mode = log: nothing is lent"
    case .shield(let errno): "module: no protection for the server: \(errno)"
    case .report(let errno): "find: no way to report progress: \(errno)"
    case .module(let name, let errno): "module: \(name): \(errno)"
    case .guest(let refusal): "find: not in \(refusal.sentence)"
    case .level(let level):
      """
      find: dump level \(level) dumps every page, so nothing may be lent; set \
      dump-level=
      """
    case .collector(nil):
      "find: some makedumpfile dump this kernel's free pages; set makedumpfile="
    case .collector(let version?):
      "find: makedumpfile \(version) dumps this kernel's free pages"
    case .vmcore(let errno): "find: /proc/vmcore: \(errno)"
    case .machine(.unreadable(let errno)): "find: /proc/iomem: \(errno)"
    case .machine(.malformed(let line)):
      "find: /proc/iomem: line \(line) is not understood"
    case .machine(.hidden): "find: /proc/iomem hides its addresses"
    case .machine(.tooMany): "find: /proc/iomem has too many ranges"
    case .core(let error): "find: /proc/vmcore: \(error.line)"
    case .map(let error): "find: /proc/vmcore: \(error.line)"
    case .request:
      "find: copies, minimum-run and maximum-runs ask for what cannot be"
    case .tooLittle(let frames):
      "find: only \(frames) frames can be lent"
    case .list(let path, let errno): "find: \(path): \(errno)"
    case .noDriver:
      "route: this kernel has neither ublk nor nbd (oldmem pack --dm needs none)"
    case .closed: "route: no way to write old memory"
    case .route(let route, let refusal):
      "route: \(route.path): \(refusal.sentence)"
    case .noWindow:
      "route: dm: no pmem (memmap=SIZE!START) and no slram shows old memory"
    case .window(let errno): "route: dm: \(errno)"
    case .proof(let refusal): "route: dm: \(refusal.sentence)"
    case .stitch(let failure): "route: dm: \(failure.sentence)"
    case .settle(let changed, let all):
      "settle: \(changed) of \(all) frames changed by themselves, too many"
    case .server(let error), .ended(let error): "serve: \(error.sentence)"
    }
  }
}
