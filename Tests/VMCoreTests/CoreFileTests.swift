// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing
import VMCore

@Suite struct CoreFileTests {
  @Test func memoryIsReadThroughThePTLoads() throws {
    let vmcore = SyntheticMachine().build()
    let core = try CoreFile(vmcore)
    for address in [0x1000, 0x9_eff0, 0x10_0000, 0x120_6ff8] as [UInt64] {
      #expect(try core.bytes(address, 16) == vmcore.bytes(address, 16))
    }
  }

  @Test func whatNoPTLoadCoversIsRefused() throws {
    let core = try CoreFile(SyntheticMachine().build())
    // The hole below 1 MiB, and a read that begins in front of it.
    for address in [0x9_f000, 0x9_eff8, 0x7ff_fff8] as [UInt64] {
      #expect(throws: MemoryError.self) { try core.bytes(address, 16) }
    }
    #expect(throws: MemoryError.self) { try core.bytes(.max, 16) }
  }

  @Test func aReadCrossesFromOnePTLoadToTheNext() throws {
    var machine = SyntheticMachine()
    machine.loads = [
      0x200_0000..<0x800_0000, 0x10_0000..<0x130_0000,
      0x130_0000..<0x200_0000,
    ]
    let vmcore = machine.build()
    let whole = SyntheticMachine().build()
    let core = try CoreFile(vmcore)
    // mem_section, the memory map and the nodes lie around these borders.
    for address in [0x12f_fff0, 0x1ff_fff0] as [UInt64] {
      #expect(try core.bytes(address, 32) == whole.bytes(address, 32))
    }
  }

  @Test func overlappingPTLoadsShowTheSameMemory() throws {
    var machine = SyntheticMachine()
    machine.loads = [
      0x100_0000..<0x180_0000, 0x110_0000..<0x120_0000,
      0x10_0000..<0x140_0000, 0x100_0000..<0x800_0000,
      0x400_0000..<0x800_0000,
    ]
    let whole = SyntheticMachine().build()
    let core = try CoreFile(machine.build())
    #expect(core.loads.byteCount == 0x800_0000 - 0x10_0000)
    var address: UInt64 = 0x10_0000
    while address < 0x7f0_0000 {
      let here = try core.bytes(address, 8192)
      #expect(try here == whole.bytes(address, 8192))
      address += 0x7_f800
    }
  }

  @Test func aFileCutOffAnywhereIsRefusedWithAnOffset() throws {
    let sound = SyntheticMachine().build()
    // Every length of the head, then a sample up to the last byte.
    var lengths = Array(0..<8192 as Range<UInt64>)
    lengths += (1...64).map { sound.byteCount / 65 * $0 }
    lengths.append(sound.byteCount - 1)
    for length in lengths {
      var cut = sound
      cut.truncate(to: length)
      let error = #expect(throws: CoreError.self, "length \(length)") {
        _ = try CoreFile(cut)
      }
      switch error {
      case .unreadable(_, .endOfSource(let offset, let count)):
        #expect(offset + UInt64(count) > length)
      case .truncated(_, let end, let byteCount):
        #expect(end > length && byteCount == length)
      case .wrong(.programHeaderOffset, _, _):
        #expect(length < 64 + 56)
      default:
        Issue.record("length \(length): \(String(describing: error))")
      }
    }
  }

  @Test(arguments: [
    (0, 0x7e, HeaderField.magic), (4, 1, .fileClass), (5, 2, .byteOrder),
    (16, 2, .type), (18, 183, .machine), (54, 32, .programHeaderSize),
    (56, 0, .programHeaderCount), (39, 0xff, .programHeaderOffset),
  ])
  func aWrongHeaderFieldIsNamed(
    offset: Int,
    value: UInt8,
    field: HeaderField
  ) throws {
    var vmcore = SyntheticMachine().build()
    vmcore.overwrite(at: UInt64(offset), with: [value])
    let error = #expect(throws: CoreError.self) { _ = try CoreFile(vmcore) }
    guard case .wrong(let named, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named == field)
  }

  @Test func garbageInTheHeadersNeverTraps() throws {
    let sound = SyntheticMachine().build()
    let segments = 64 + 56 * 4 as UInt64
    for place in 0..<segments {
      for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
        var vmcore = sound
        vmcore.overwrite(at: place, with: [value])
        readAll(vmcore)
        vmcore.overwrite(
          at: place & ~7,
          with: [UInt8](repeating: value, count: 8)
        )
        readAll(vmcore)
      }
    }
  }

  @Test func randomBytesAreNoCore() {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var bytes = (0..<random.below(8192)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      #expect(throws: CoreError.self) { _ = try CoreFile(Bytes(bytes: bytes)) }
      // The same behind a sound identification.
      let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]
      guard bytes.count > 64 else { continue }
      bytes.replaceSubrange(0..<7, with: magic)
      bytes.replaceSubrange(16..<20, with: [4, 0, 62, 0])
      bytes.replaceSubrange(32..<40, with: [64, 0, 0, 0, 0, 0, 0, 0])
      bytes.replaceSubrange(54..<58, with: [56, 0, 3, 0])
      readAll(Bytes(bytes: bytes))
    }
  }

  @Test func aDamagedNoteIsRefusedWithItsOffset() throws {
    // n_namesz and n_descsz of the VMCOREINFO note, 4096 + 356.
    for place in [4452, 4456] as [UInt64] {
      var vmcore = SyntheticMachine().build()
      vmcore.overwrite(at: place, with: [0xff, 0xff, 0xff, 0xff])
      let core = try CoreFile(vmcore)
      #expect(throws: CoreError.damagedNote(offset: 4452)) {
        _ = try core.vmcoreInfo()
      }
    }
  }

  @Test func aCoreWithoutVMCOREINFOIsRefused() throws {
    var vmcore = SyntheticMachine().build()
    vmcore.overwrite(at: 4464, with: Array("VMCOREINFX".utf8))
    let core = try CoreFile(vmcore)
    #expect(throws: CoreError.noVMCoreInfo) { _ = try core.vmcoreInfo() }
  }

  @Test func aXenMachineIsRefused() throws {
    var vmcore = SyntheticMachine().build()
    // The first note becomes one of a hypervisor: "Xen" in place of "CORE".
    vmcore.overwrite(at: 4096, with: [4, 0, 0, 0])
    vmcore.overwrite(at: 4108, with: Array("Xen".utf8) + [0, 0, 0, 0, 0])
    vmcore.overwrite(at: 4100, with: [0x54, 1, 0, 0])
    let core = try CoreFile(vmcore)
    #expect(throws: CoreError.xen(offset: 4096)) {
      _ = try core.vmcoreInfo()
    }
  }

  /// Reads what can be read, for the sake of what must not happen.
  private func readAll<Source: ByteSource>(_ source: Source) {
    guard let core = try? CoreFile(source) else { return }
    _ = try? core.vmcoreInfo()
    for segment in core.loads.segments {
      _ = try? core.bytes(segment.physical.value, 16)
      _ = try? core.bytes(segment.end.value &- 8, 16)
    }
    var frame = FrameNumber(0)
    while let run = core.loads.frames(from: frame) {
      #expect(run.end > frame)
      frame = run.end
    }
  }
}
