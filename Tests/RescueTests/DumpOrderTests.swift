// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Rescue
import SyntheticVMCore
import Testing
import VMCore

/// What is dumped first, of a machine with two stacks in the range where the
/// kernel maps page by page.
@Suite struct DumpOrderTests {
  /// Where the stacks are mapped.
  private static let area: UInt64 = 0xffff_c900_0000_0000
  /// The tables of that range, from the second highest on.
  private static let tables: [UInt64] = [0x3000, 0x3001, 0x3002]
  /// A task's stack.
  private static let idle: [UInt64] = [0x3100, 0x3077, 0x3033, 0x3101]
  /// The stack of the processor.
  private static let busy: [UInt64] = [0x3200, 0x3208, 0x3204, 0x3202]

  private static func vmcore(loops: Bool = false) throws -> SyntheticVMCore {
    var machine = SyntheticMachine()
    machine.era = .v6_12
    machine.memory = [.init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000)]
    machine.contents = [.init(0x3000, 0x300, .kernel)]
    var vmcore = machine.build()
    vmcore.writeLog(SyntheticLog(20))
    let layout = KernelLayout(try CoreFile(vmcore).vmcoreInfo())
    let root = try AddressSpace(layout).root.value
    let flags: UInt64 = 0x63
    var table = root
    var shift: UInt64 = 39
    for next in tables {
      let place = table + (area >> shift & 511) * 8
      vmcore.store64(next << 12 | flags, physical: place)
      (table, shift) = (next << 12, shift - 9)
    }
    if loops {
      vmcore.store64(root | flags, physical: root + 300 * 8)
      vmcore.store64(tables[1] << 12 | flags, physical: tables[1] << 12 + 8)
    }
    for (index, frame) in (idle + busy).enumerated() {
      // With pages between them that are not mapped.
      let slot = UInt64(index < 4 ? 4 + index : 8 + index)
      vmcore.store64(frame << 12 | flags, physical: table + slot * 8)
    }
    for frame in [idle[0], busy[0]] {
      vmcore.store64(0x57ac_6e9d, physical: frame << 12)
    }
    // The processor's stack points at the other one.
    vmcore.store64(area + 5 * 4096, physical: busy[3] << 12 + 0x800)
    return vmcore
  }

  /// Puts `pointer` where the processor's note has rsp.
  private static func setStack(
    _ pointer: UInt64,
    _ vmcore: inout SyntheticVMCore
  ) throws {
    let core = try CoreFile(vmcore)
    let start = try core.programHeader(0).fileOffset
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: pointer >> ($0 * 8)) }
    // Note and name, pr_reg, and 19 registers.
    vmcore.overwrite(at: start + 20 + 112 + 19 * 8, with: bytes)
  }

  private static func order(_ vmcore: SyntheticVMCore) throws -> DumpOrder {
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    var order = DumpOrder(count: 0x4000)
    order.find(core, info, KernelLayout(info), try core.coreNotes())
    return order
  }

  private static func frames(
    _ order: DumpOrder,
    _ stage: DumpStage
  ) -> [UInt64] {
    (0..<0x4000).filter { order.contains(FrameNumber($0), stage) }
  }

  @Test(arguments: [false, true])
  func stacksAreFoundByTheirEndMark(loops: Bool) throws {
    let order = try Self.order(try Self.vmcore(loops: loops))
    #expect(Self.frames(order, .stacks) == (Self.idle + Self.busy).sorted())
    let data = Self.frames(order, .data)
    #expect(data.filter { Self.tables.contains($0) } == Self.tables)
  }

  /// The stack, the way to it, and what is pointed at; not the neighbours.
  @Test func aProcessorsStackAndWhatItPointsAtAreFound() throws {
    var vmcore = try Self.vmcore()
    try Self.setStack(Self.area + 15 * 4096 + 0x700, &vmcore)
    let frames = Self.frames(try Self.order(vmcore), .processors)
    for frame in Self.busy + Self.tables { #expect(frames.contains(frame)) }
    #expect(frames.contains(Self.idle[1]))
    #expect(!frames.contains(Self.idle[0]))
  }

  /// Registers of any value.
  @Test(arguments: [0, 1, .max, 0xff00_0000_0000_0000, 1 << 63] as [UInt64])
  func registersThatPointNowhereAreNoStack(pointer: UInt64) throws {
    var vmcore = try Self.vmcore()
    try Self.setStack(pointer, &vmcore)
    let frames = Self.frames(try Self.order(vmcore), .processors)
    for frame in Self.busy { #expect(!frames.contains(frame)) }
  }

  @Test func noFrameIsDumpedTwiceAndNoneIsForgotten() throws {
    let order = try Self.order(try Self.vmcore())
    var dumped = FrameBitmap(count: 0x4000)
    dumped.insert(FrameRange(start: FrameNumber(0x20), count: 0x3f00))
    var sum: UInt64 = 0
    var last: DumpStage?
    for (stage, frames) in order.stages(of: dumped) {
      #expect(last.map { $0 < stage } ?? true)
      last = stage
      sum += frames.population
      dumped.subtract(frames)
    }
    #expect(sum == 0x3f00)
    #expect(dumped.population == 0)
  }
}
