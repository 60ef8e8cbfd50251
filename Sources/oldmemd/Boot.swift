// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import DeviceMapper
import Linux
import Supervisor

/// The life of PID 1: mount, start children, wait for them, execute.
///
/// PID 1 cannot fail: a trap here panics the capture kernel. So nothing is
/// parsed, found or unpacked in this process, every wait has an end, and
/// every outcome leads to the distribution's init or to a restart.
enum Boot {
  /// How long a child may say nothing, in seconds.
  static let patience: UInt32 = 30
  /// How long a hook may take, in seconds.
  static let hookPatience: UInt32 = 120
  static let program: Path = "/oldmem/init"
  static let hook: Path = "/oldmem/hook"
  static let newRoot: Path = "/oldmem/root"

  static func run() -> Never {
    let start = Clock.nanoseconds()
    prepare()
    let arguments = Process.arguments()
    let root: Handover.Root
    let lent = lend()
    switch lent {
    case .device(let device):
      let time = (Clock.nanoseconds() - start) / 1_000_000
      Console.say("swap on \(Swap.area(of: device)) after \(time) ms")
      root = mountNewRoot()
    case .memory: root = mountNewRoot()
    case .nothing: root = .rootfs
    }
    unpack(into: root)
    if case .device(let device) = lent, case .mounted(let place) = root {
      makeScratch(on: device, in: place)
    }
    Watchdog.start()
    runHook(.handover, Process.own)
    guard Handover.hasInit(in: root) else {
      restart(because: "handover: stage two has no /init")
    }
    let errno = Handover.execute(in: root, arguments: arguments)
    restart(because: "handover: /init cannot be executed: \(errno)")
  }

  /// The three file systems that everything else needs.
  private static func prepare() {
    for (type, place): (Path, Path) in [
      ("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"),
    ] {
      try? Files.makeDirectory(place)
      do throws(Errno) {
        try Mounts.mount(type, on: place)
      } catch { Console.say("\(place) cannot be mounted: \(error)", .problem) }
    }
    // Our pages must not go where a server has to bring them back from. What
    // is not there yet is locked when it comes, so this costs nothing.
    try? Kernel.lockMemory(.asItComes)
  }

  /// What old memory has been made into.
  private enum Lent {
    /// A device that is swapped to now.
    case device(Path)
    /// RAM, and nothing besides.
    case memory
    case nothing
  }

  private static func lend() -> Lent {
    let server: Child
    do throws(Errno) {
      server = try Child { report in
        let errno = report.execute(program, arguments: ["@oldmemd", "lend"])
        Console.say("module: \(program) cannot be executed: \(errno)", .problem)
        return Child.refusal
      }
    } catch {
      carryOn(without: .lost(.module, .unborn(error)))
      return .nothing
    }
    let outcome = server.follow(
      first: .module,
      patience: patience,
      hook: runHook
    )
    // Who adds RAM has nothing to serve.
    if outcome == .finished { return .memory }
    guard case .ready(let name) = outcome else {
      takeAwayMapped()
      carryOn(without: outcome)
      return .nothing
    }
    let device = name.path
    guard swap(to: device, of: server) else { return .nothing }
    server.permit()
    return .device(device)
  }

  /// Whether swapping to `device` began; when not, nobody uses it, and its
  /// server is gone.
  private static func swap(
    to device: Path,
    of server: borrowing Child
  ) -> Bool {
    let child: Child
    do throws(Errno) {
      child = try Child { report in
        report.begin(.swapon)
        do throws(Errno) {
          try Swap.begin(
            on: device,
            .ofThisBoot(quietly: true),
            seed: Kernel.randomSeed()
          )
          return 0
        } catch {
          Console.say(
            "swapon: \(device): \(error); carrying on without",
            .problem
          )
          return Child.refusal
        }
      }
    } catch {
      server.end()
      takeAwayMapped()
      carryOn(without: .lost(.swapon, .unborn(error)))
      return false
    }
    let outcome = child.follow(
      first: .swapon,
      patience: patience,
      hook: runHook
    )
    if outcome == .finished { return true }
    if Swap.isActive(device) {
      Console.say("swapon: the child was lost, but swap is on")
      return true
    }
    server.end()
    // A child that waited for the server could not be ended before now, and
    // swapon goes on over an error of its discard.
    if case .lost(_, .silent) = outcome { child.end() }
    if Swap.isActive(device) { swapOff(device) }
    takeAwayMapped()
    carryOn(without: outcome)
    return false
  }

  /// Takes away what the kernel's own drivers were made into for a server that
  /// is gone: it costs memory, and stage two would look for volumes on it.
  private static func takeAwayMapped() {
    guard Files.exists("/dev/mapper/control") else { return }
    let child = try? Child { _ in
      StitchedDevice.removeAll()
      return 0
    }
    guard let child else { return }
    _ = child.follow(first: .swapon, patience: patience) { _, _ in }
  }

  /// Takes back a swap device whose server is gone, before anything was
  /// swapped out; where that fails there is nothing to carry on with.
  private static func swapOff(_ device: Path) {
    let child = try? Child { _ in
      Swap.end(on: device)
      return 0
    }
    if let child {
      _ = child.follow(first: .swapon, patience: patience) { _, _ in }
    }
    guard Swap.isActive(device) else { return }
    restart(because: "swapon: swap is on without a server")
  }

  /// A file system for stage two whose pages can be swapped out, which those
  /// of rootfs, a ramfs, cannot.
  private static func mountNewRoot() -> Handover.Root {
    try? Files.makeDirectory(newRoot)
    do throws(Errno) {
      // What it may hold is bounded by memory and swap alone.
      try Mounts.mount(
        "tmpfs",
        on: newRoot,
        options: "size=0,nr_inodes=0,mode=755"
      )
      furnish(newRoot)
      return .mounted(newRoot)
    } catch {
      Console.say(
        "unpack: no tmpfs: \(error); stage two will stay in memory",
        .problem
      )
      return .rootfs
    }
  }

  /// Makes what every kernel's built-in initramfs has, and an image therefore
  /// may rely on (usr/default_cpio_list).
  private static func furnish(_ root: Path) {
    let devices = root.appending("dev")
    try? Files.makeDirectory(devices)
    try? Files.makeNode(
      devices.appending("console"),
      mode: 0o20600,
      major: 5,
      minor: 1
    )
    try? Files.makeDirectory(root.appending("root"), mode: 0o700)
  }

  /// Unpacks stage two; without it there is nothing to carry on with.
  private static func unpack(into root: Handover.Root) {
    let child: Child
    do throws(Errno) {
      child = try Child { report in
        report.begin(.unpack)
        return Unpack.run(into: root, report)
      }
    } catch { restart(because: "unpack: no process could be made: \(error)") }
    switch child.follow(first: .unpack, patience: patience, hook: runHook) {
    case .finished: return
    case .refused: restart(because: "unpack: stage two is not started")
    case .lost(let step, let reason):
      restart(because: "\(step.name): \(reason.sentence)")
    case .ready: restart(because: "unpack: an answer that makes no sense")
    }
  }

  /// Makes scratch space where a setting asks for it; nothing depends on it.
  private static func makeScratch(on device: Path, in root: Path) {
    let child: Child
    do throws(Errno) {
      child = try Child { report in
        guard let space = Settings.ofThisBoot(quietly: true).scratch else {
          return 0
        }
        report.begin(.scratch)
        let isMade = Scratch.make(space, on: device, in: root) {
          report.progress()
        }
        return isMade ? 0 : Child.refusal
      }
    } catch { return carryOn(without: .lost(.scratch, .unborn(error))) }
    carryOn(
      without: child.follow(first: .scratch, patience: patience, hook: runHook)
    )
  }

  /// Says why something is missing, where the child has not.
  private static func carryOn(without outcome: Child.Outcome) {
    switch outcome {
    case .lost(let step, let reason):
      Console.say(
        "\(step.name): \(reason.sentence); carrying on without",
        .problem
      )
    case .refused, .finished, .ready: break
    }
  }

  /// Runs the program that was packed as a hook, if there is one: it hears
  /// of each step before the step is done.
  static func runHook(_ step: Step, _ process: Int32) {
    guard Files.exists(hook) else { return }
    guard
      let child = try? Child({ report in
        let number = Path("\(process)")
        let errno = report.execute(
          hook,
          arguments: [hook, Path(stringLiteral: step.name), number]
        )
        Console.say("\(step.name): the hook failed: \(errno)", .problem)
        return Child.refusal
      })
    else { return }
    _ = child.follow(first: step, patience: hookPatience) { _, _ in }
  }
}
