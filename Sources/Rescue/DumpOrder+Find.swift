// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

extension DumpOrder {
  /// Finds what comes first, as far as it is known without debug symbols.
  ///
  /// Whatever cannot be found is dumped later: no part is needed by another,
  /// and nothing that is wrong in the crashed kernel's memory is an error.
  public mutating func find<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout,
    _ notes: CoreNotes
  ) {
    var nobody = Nobody()
    find(core, info, layout, notes, reading: &nobody)
  }

  /// The same; the log is read, so that its frames are known, by `reader`.
  public mutating func find<
    Source: ByteSource & ~Copyable,
    Reader: LogVisitor & ~Copyable
  >(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout,
    _ notes: CoreNotes,
    reading reader: inout Reader
  ) {
    let read = ReadFrames()
    _ = try? KernelLog.read(of: core, info, layout, &reader, frames: read)
    insert(read.runs, .log)
    let log = WatchedMemory.watch(core) { memory in
      // Without the kernel's name crash and makedumpfile read nothing else.
      if let names = info.value(.symbol, "init_uts_ns"),
        let space = try? AddressSpace(layout)
      {
        var pages = StackReader(space)
        for offset in [0, UInt64(KernelFacts.namesSize)] {
          pages.touch(names &+ offset, in: memory)
        }
      }
    }
    insert(log, .log)
    // NR_CPUS is no higher.
    let processors = Int(min(notes.processors, 8192))
    let symbols = KernelSymbols(core, info, layout, processors: processors)
    let panicked = symbols.panicked.flatMap {
      $0 < processors ? Int($0) : nil
    }
    for index in 0..<processors {
      let registers = notes.registers(ofProcessor: index)
      let frames = WatchedMemory.watch(core) { memory in
        guard let space = try? AddressSpace(layout) else { return }
        var stack = StackReader(space)
        stack.read(registers, in: memory)
        if index == panicked {
          for place in symbols.variables {
            stack.touch(place.value, in: memory)
          }
        }
        if let area = symbols.area(ofProcessor: index) {
          stack.read(area, in: memory)
        }
      }
      insert(frames, index == panicked ? .panic : .processors)
    }
    insertData(core, layout, symbols)
    insertSections(core, layout)
    guard let space = try? AddressSpace(layout) else { return }
    let tables = KernelTables(space, in: core, count: self.count)
    insert(tables.tableFrames, .data)
    for frames in tables.stacks { insert(frames, .stacks) }
  }

  /// The kernel's data, or, where nobody knows where it is, its image, which
  /// /proc/vmcore has in a PT_LOAD of its own.
  private mutating func insertData<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ layout: KernelLayout,
    _ symbols: KernelSymbols
  ) {
    if let constants = symbols.constants {
      let frames = WatchedMemory.watch(core) { memory in
        guard let space = try? AddressSpace(layout) else { return }
        var reader = StackReader(space)
        reader.read(constants, in: memory)
      }
      insert(frames, .data)
    }
    for index in 0..<core.header.programHeaderCount {
      guard let header = try? core.programHeader(index) else { return }
      let start = header.virtual.value
      guard header.kind == .load, header.byteCount > 0,
        start >= AddressSpace.startKernelMap,
        header.byteCount <= UInt64.max - start
      else { continue }
      let data = symbols.data.value
      let skipped =
        data > start && data - start < header.byteCount
        ? data - start : 0
      let first = header.physical.value &+ skipped
      let end = first &+ (header.byteCount - skipped)
      guard end > first else { continue }
      let frame = FrameNumber(first >> Frame.shift)
      let last = (end - 1) >> Frame.shift
      insert(FrameRange(start: frame, count: last - frame.value + 1), .data)
      // There is one.
      return
    }
  }

  /// What makedumpfile and crash read first: the array of memory sections,
  /// behind a pointer since v4.15, and what is in it.
  private mutating func insertSections<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ layout: KernelLayout
  ) {
    guard let symbol = layout[.memSection],
      let length = layout[.memSectionLength], length <= 1 << 18
    else { return }
    let frames = WatchedMemory.watch(core) { memory in
      guard let space = try? AddressSpace(layout) else { return }
      var reader = StackReader(space)
      // It is an array, or points at one.
      let first = reader.words(at: symbol, 1, in: memory).first ?? 0
      for array in [symbol, first] {
        for root in reader.words(at: array, Int(length), in: memory) {
          // A page of sections, or two.
          reader.touch(root, in: memory)
          reader.touch(root &+ UInt64(Frame.size), in: memory)
        }
      }
    }
    insert(frames, .data)
  }

  private struct Nobody: LogVisitor {
    mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool { true }
  }
}
