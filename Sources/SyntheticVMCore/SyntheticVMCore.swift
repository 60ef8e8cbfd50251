// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// A vmcore that was built, to be read like a file and to be broken.
public struct SyntheticVMCore: Sendable {
  /// The blocks on the free lists, by address, before anything was broken.
  public let freeBlocks: [SyntheticBlock]
  /// The text of VMCOREINFO.
  public let vmcoreinfo: [UInt8]

  let machine: SyntheticMachine
  let builder: MachineBuilder
  var header: CoreHeader
  var headerBytes: [UInt8]
  var memory: SparseMemory
  var limit: UInt64

  init(_ built: MachineBuilder) {
    machine = built.machine
    freeBlocks = built.freeBlocks
    vmcoreinfo = built.vmcoreinfo
    header = CoreHeader(loads: built.loads, vmcoreinfo: vmcoreinfo)
    headerBytes = header.bytes
    memory = built.memory
    limit =
      header.loads.map { $0.offset + $0.count }.max()
      ?? UInt64(headerBytes.count)
    var builder = built
    builder.memory = SparseMemory()
    self.builder = builder
  }

  /// Ends the file after `count` bytes.
  public mutating func truncate(to count: UInt64) {
    limit = min(limit, count)
  }

  /// Writes `bytes` over what the file has at `offset`.
  public mutating func overwrite(at offset: UInt64, with bytes: [UInt8]) {
    for (index, byte) in bytes.enumerated() {
      let place = offset + UInt64(index)
      if place < UInt64(headerBytes.count) {
        headerBytes[Int(place)] = byte
      } else if let load = load(at: place) {
        memory.store([byte], at: load.physical + place - load.offset)
      }
    }
  }

  /// Where the file holds the byte at `address`, nil where no PT_LOAD does.
  public func fileOffset(of address: PhysicalAddress) -> UInt64? {
    header.loads.last {
      $0.physical <= address.value && address.value - $0.physical < $0.count
    }.map { $0.offset + address.value - $0.physical }
  }

  private func load(at offset: UInt64) -> CoreHeader.Load? {
    header.loads.first { $0.offset <= offset && offset - $0.offset < $0.count }
  }
}

extension SyntheticMachine {
  /// Builds the vmcore that this machine's crash would have left.
  public func build() -> SyntheticVMCore {
    var builder = MachineBuilder(self)
    builder.build()
    return SyntheticVMCore(builder)
  }
}

extension MachineBuilder {
  /// The image and each bank, but for what `crashkernel=` took.
  var loads: [(range: Range<UInt64>, virtual: UInt64)] {
    if let loads = machine.loads {
      return loads.map { ($0, direct($0.lowerBound)) }
    }
    let image = machine.textPhysical..<machine.textPhysical + Image.count
    var banks = machine.memory.map(\.range)
    if let crash = machine.crashKernel {
      banks = banks.flatMap { bank in
        guard bank.overlaps(crash) else { return [bank] }
        let inside = crash.clamped(to: bank)
        return [
          bank.lowerBound..<inside.lowerBound,
          inside.upperBound..<bank.upperBound,
        ].filter { !$0.isEmpty }
      }
    }
    return [(image, machine.textVirtual)]
      + banks.map { ($0, direct($0.lowerBound)) }
  }
}

extension SyntheticVMCore: ByteSource {
  /// The file's length.
  public var byteCount: UInt64 { limit }

  /// Copies from the head, or from memory through the PT_LOADs.
  public func read(
    at offset: UInt64,
    into bytes: inout MutableRawSpan
  ) throws(SourceError) {
    let wanted = bytes.byteCount
    guard offset <= limit, UInt64(wanted) <= limit - offset else {
      throw .endOfSource(offset: offset, count: wanted)
    }
    var done = 0
    while done < wanted {
      let place = offset + UInt64(done)
      let head = UInt64(headerBytes.count)
      if place < head {
        let count = min(wanted - done, headerBytes.count - Int(place))
        let range = Int(place)..<(Int(place) + count)
        copyBytes(headerBytes, range, into: &bytes, at: done)
        done += count
      } else if let load = load(at: place) {
        let left = load.offset + load.count - place
        let count = Int(min(UInt64(wanted - done), left))
        memory.copy(
          load.physical + place - load.offset,
          count: count,
          into: &bytes,
          at: done
        )
        done += count
      } else {
        throw .failed(offset: place, errno: 5)
      }
    }
  }
}

extension SyntheticVMCore: PhysicalMemory {
  /// Copies from memory, as far as a PT_LOAD covers it.
  public func read(
    _ address: PhysicalAddress,
    into bytes: inout MutableRawSpan
  ) throws(MemoryError) {
    let count = UInt64(bytes.byteCount)
    let covered = header.loads.contains {
      $0.physical <= address.value && count <= $0.count
        && address.value - $0.physical <= $0.count - count
    }
    guard covered else { throw .notCovered(address) }
    memory.copy(address.value, count: Int(count), into: &bytes, at: 0)
  }
}
