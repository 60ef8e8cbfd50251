// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Activation
import Devices
import Linux
import Memory
import MemoryMap
import PageClasses
import Rescue
import VMCore

/// A dump of the crashed kernel's memory: what nobody would want is left out,
/// and what says most of the crash comes first.
struct CrashDump: ~Copyable {
  private let core: CoreFile<VMCoreFile>
  private let plan: DumpPlan
  private let facts: KernelFacts

  /// Finds what is to be dumped.
  ///
  /// Level 31 leaves out every class of which anything is ever lent, and the
  /// list of lent frames, where one is kept, is left out besides.
  static func find(
    _ vmcore: Path,
    lent: Path?
  ) throws(RescueError) -> CrashDump {
    let file = try attempt(RescueError.vmcore) { () throws(Errno) in
      try VMCoreFile(vmcore, canShrink: !vmcore.equals("/proc/vmcore"))
    }
    let core = try Self.open(file)
    let info = try attempt(RescueError.core) { () throws(CoreError) in
      try core.vmcoreInfo()
    }
    let layout = KernelLayout(info)
    guard let level = DumpLevel(31), var plan = DumpPlan(core, level) else {
      throw .tooMuch
    }
    // Bitmaps for the dumped frames, for those of slab, and for those that there
    // is room for; their ranks; and some of all sorts.
    let count = plan.present.count
    let needed = count / 8 * 3 + count / 128 + 512 << 10
    if let available = MachineMemory.available(), available < needed {
      throw .memory(needed >> 10, of: available >> 10)
    }
    let policy = plan.policy
    var seeker = Seeker(plan)
    do throws(MapError) {
      _ = try FrameSearch.scan(core, layout, policy, &seeker)
    } catch { throw .map(error) }
    plan = seeker.plan ?? plan
    for run in try Self.lent(lent) { _ = plan.leaveOut(lent: run) }
    let facts: KernelFacts
    do throws(CoreError) { facts = try KernelFacts(core, info, layout) } catch {
      throw .core(error)
    }
    var reader = LogText(Outlet())
    plan.order.find(core, info, layout, facts.notes, reading: &reader)
    return CrashDump(core: core, plan: plan, facts: facts)
  }

  private init(
    core: consuming CoreFile<VMCoreFile>,
    plan: DumpPlan,
    facts: KernelFacts
  ) {
    self.core = core
    self.plan = plan
    self.facts = facts
  }

  private static func open(
    _ file: consuming VMCoreFile
  ) throws(RescueError) -> CoreFile<VMCoreFile> {
    do throws(CoreError) { return try CoreFile(file) } catch {
      throw .core(error)
    }
  }

  private static func lent(
    _ path: Path?
  ) throws(RescueError) -> [FrameRange] {
    guard let path, Files.exists(path) else { return [] }
    // As much memory as it has bytes, and none of half a list.
    guard let size = try? Descriptor(path, .read).byteCount(), size <= 8 << 20,
      let text = try? Files.read(path, limit: Int(size)),
      let list = try? LentList(text.span)
    else { throw .lentFrames(path) }
    return list.runs
  }

  /// Writes it, with no more bytes than that, until the time is over.
  @inline(never)
  func write(
    to outlet: consuming DumpOutlet,
    room: UInt64,
    until deadline: UInt64
  ) throws(RescueError) -> PlainDump<DumpOutlet> {
    do throws(NoRoom) {
      return try PlainDump.write(core, plan, facts, to: outlet, room: room) {
        _ in
        Clock.nanoseconds() < deadline
      }
    } catch { throw .noRoom }
  }
}
