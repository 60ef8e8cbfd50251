// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// SPARSEMEM: mem_section, and the memory map behind vmemmap.
///
///     mem_section -> root pointers -> struct mem_section -> vmemmap | flags
///
/// One section is 128 MiB: 32768 struct pages, 2 MiB of memory map.
extension MachineBuilder {
  static let sectionFrames: UInt64 = 1 << 15
  static let sectionMap: UInt64 = 1 << 21

  /// Sections that hold memory, in order.
  var presentSections: [UInt64] {
    let last =
      (machine.frameCount + Self.sectionFrames - 1)
      / Self.sectionFrames
    return (0..<last).filter { section in
      let start = section * Self.sectionFrames << Frame.shift
      let end = start + Self.sectionFrames << Frame.shift
      return machine.memory.contains {
        $0.range.lowerBound < end && start < $0.range.upperBound
      }
    }
  }

  /// Root pointers, LENGTH(mem_section).
  var rootCount: UInt64 {
    1 << (machine.fiveLevels ? 52 - 27 : 46 - 27) / sectionsPerRoot
  }

  var sectionsPerRoot: UInt64 { 4096 / UInt64(layout.memSection) }

  mutating func writeSections() {
    let roots = allocate(rootCount * 8)
    sectionRoots = roots
    // With the other shape this is a zero that nobody looks at.
    if machine.sections == .pointerToRootArray {
      memory.store64(
        direct(roots),
        at: machine.textPhysical + Image.memSection
      )
    }
    let sections = presentSections
    placeMemoryMap(sections)
    for section in sections {
      let slot = roots + section / sectionsPerRoot * 8
      if memory.load64(at: slot) == 0 {
        memory.store64(direct(allocate(4096)), at: slot)
      }
      let root = memory.load64(at: slot) - machine.pageOffset
      // PRESENT, HAS_MEM_MAP, IS_ONLINE, IS_EARLY (include/linux/mmzone.h).
      memory.store64(
        machine.vmemmap | 0xf,
        at: root + section % sectionsPerRoot * UInt64(layout.memSection)
      )
    }
  }

  private mutating func placeMemoryMap(_ sections: [UInt64]) {
    if machine.vmemmapLeaf == .large {
      let count = ((sections.last ?? 0) + 1) * Self.sectionMap
      let gigabyte: UInt64 = 1 << 30
      let storage = allocate(count, align: gigabyte)
      // The last leaf maps a whole GiB, whatever follows the memory map.
      map(
        machine.vmemmap,
        to: storage,
        count: (count + gigabyte - 1) / gigabyte * gigabyte,
        leaf: .large
      )
      for section in sections {
        memoryMaps[section] = storage + section * Self.sectionMap
      }
      return
    }
    let storage = allocate(
      UInt64(sections.count) * Self.sectionMap,
      align: Self.sectionMap
    )
    for (index, section) in sections.enumerated() {
      let place = storage + UInt64(index) * Self.sectionMap
      memoryMaps[section] = place
      map(
        machine.vmemmap + section * Self.sectionMap,
        to: place,
        count: Self.sectionMap,
        leaf: machine.vmemmapLeaf
      )
    }
  }

  /// Where the struct page of `frame` lies in physical memory, nil where its
  /// section has none.
  func pagePlace(_ frame: UInt64) -> UInt64? {
    memoryMaps[frame / Self.sectionFrames].map {
      $0 + frame % Self.sectionFrames * UInt64(layout.page)
    }
  }

  /// The address of `frame`'s struct page as the kernel computes it.
  func pageAddress(_ frame: FrameNumber) -> UInt64 {
    machine.vmemmap &+ frame.value &* UInt64(layout.page)
  }

  /// Writes the struct pages of `frames`, all of one node, zone and state.
  mutating func setPages(_ frames: Range<UInt64>, _ state: PageState) {
    guard let first = frames.first else { return }
    guard !state.dependsOnFrame else {
      for frame in frames {
        let page = descriptor(of: frame, in: state).bytes
        memory.store(page, at: required(pagePlace(frame)))
      }
      return
    }
    let page = descriptor(of: first, in: state).bytes
    let group = (0..<64).flatMap { _ in page }
    var frame = frames.lowerBound
    while frame < frames.upperBound {
      guard let place = pagePlace(frame) else {
        preconditionFailure("frame \(frame) has no struct page")
      }
      if frame % 64 == 0, frames.upperBound - frame >= 64 {
        memory.fill(place >> Frame.shift, with: group)
        frame += 64
      } else {
        memory.store(page, at: place)
        frame += 1
      }
    }
  }

  func descriptor(of frame: UInt64, in state: PageState) -> PageDescriptor {
    state.descriptor(
      of: frame,
      era: machine.era,
      where: placement(of: frame),
      pageAddress: pageAddress
    )
  }
}
