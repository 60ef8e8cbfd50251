// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Health
internal import Linux
internal import Memory
internal import Rescue

extension Settings {
  mutating func set(
    _ key: Path,
    to value: Span<UInt8>
  ) throws(Problem) {
    func number(
      _ range: ClosedRange<UInt64>
    ) throws(Problem) -> UInt64 {
      guard let number = ByteSize.parse(value), range.contains(number) else {
        throw .value(key: key, value: Path(value))
      }
      return number
    }
    /// Whether the value is `other`, and not `off`.
    func choice(_ other: StaticString) throws(Problem) -> Bool {
      let value = Path(value)
      if value.equals(other) { return true }
      guard value.equals("off") else {
        throw .value(key: key, value: value)
      }
      return false
    }
    func movable() throws(Problem) -> Bool {
      let value = Path(value)
      if value.equals("movable") { return true }
      guard value.equals("kernel") else {
        throw .value(key: key, value: value)
      }
      return false
    }
    func limit() throws(Problem) -> HealthLimit {
      guard let limit = healthLimit(value) else {
        throw .value(key: key, value: Path(value))
      }
      return limit
    }
    func place() throws(Problem) -> Path {
      let value = Path(value)
      guard value.hasPrefix("/") else { throw .value(key: key, value: value) }
      return value
    }
    if key.equals("size") {
      size = try number(1 << 20...1 << 40) / 4096 * 4096
    } else if key.equals("copies") {
      copies = Int(try number(1...4))
    } else if key.equals("dump-level") {
      dumpLevel = Int(try number(0...31))
    } else if key.equals("makedumpfile") {
      makedumpfile = Path(value)
    } else if key.equals("lend") {
      guard setClasses(value) else {
        throw .value(key: key, value: Path(value))
      }
    } else if key.equals("test-without-vetoes") {
      ignoresInFlight = try number(0...1) == 1
    } else if key.equals("device") {
      driver = try driver(value, key)
    } else if key.equals("dm-integrity") {
      checksBlocks = try choice("on")
    } else if key.equals("route") {
      route = try route(value, key)
    } else if key.equals("queue-depth") {
      queueDepth = UInt16(try number(1...128))
    } else if key.equals("buffer-size") {
      bufferSize = UInt32(try number(4096...1 << 20))
    } else if key.equals("minimum-run") {
      minimumRun = try number(1...1 << 20)
    } else if key.equals("maximum-runs") {
      maximumRuns = Int(try number(1...60_000))
    } else if key.equals("panic") {
      panicTimeout = UInt32(try number(0...86_400))
    } else if key.equals("frames") {
      frames = try place()
    } else if key.equals("use") {
      guard let uses = Uses(value) else {
        throw .value(key: key, value: Path(value))
      }
      self.uses = uses
    } else if key.equals("hotplug-size") {
      hotplugSpace.size = try number(1 << 20...1 << 40) / 4096 * 4096
    } else if key.equals("hotplug-zone") {
      hotplugSpace.isMovable = try movable()
    } else if key.equals("scratch") {
      guard let place = ScratchSpace.place(value) else {
        throw .value(key: key, value: Path(value))
      }
      scratchSpace.place = place
    } else if key.equals("scratch-size") {
      let size = try number(PartitionPlan.leastScratch...1 << 40)
      scratchSpace.size = size / 4096 * 4096
    } else if key.equals("scrub") {
      scrubTime = UInt32(try number(0...86400))
    } else if key.equals("degraded-at") {
      health.degraded = try limit()
    } else if key.equals("failing-at") {
      health.failing = try limit()
    } else if key.equals("health-window") {
      health.window = try number(1...86_400)
    } else if key.equals("health-quiet") {
      health.quiet = try number(0...86_400)
    } else if key.equals("on-failing") {
      onFailing = try place()
    } else if key.equals("rescue") {
      rescue = try places(value, key)
    } else if key.equals("rescue-id") {
      guard let id = RescueID(value) else {
        throw .value(key: key, value: Path(value))
      }
      rescueID = id
    } else if key.equals("rescue-time") {
      rescueTime = UInt32(try number(1...86_400))
    } else if key.equals("rescue-size") {
      rescueSize = try number(1 << 16...1 << 44)
    } else if key.equals("watchdog") {
      watchdog = UInt32(try number(0...86_400))
    } else if key.equals("rescue-key") {
      rescueKey = .missing(try place())
    } else if key.equals("settle") {
      settleTime = UInt32(try number(0...120))
      setsSettleTime = true
    } else if key.equals("quiesce") {
      cutsOffDriverless = try choice("driverless")
    } else if key.equals("mode") {
      try setMode(Path(value), key)
    } else {
      throw .unknown(key: key)
    }
  }
}
