// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

extension SectionTable {
  /// How many sections are tried at most.
  private static var maximumTries: Int { 65_536 }

  /// Decides between the two meanings of SYMBOL(mem_section), the array and
  /// a pointer to it, and returns the struct page that frame 0 would have.
  ///
  /// The first meaning wins by which some PT_LOAD has frames in a section
  /// whose struct pages are mapped.
  mutating func findOrigin<Source: ByteSource & ~Copyable>(
    _ pageSize: Int,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>
  ) throws(MapError) -> VirtualAddress {
    let symbol = base
    var failure: CoreError?
    if let origin = firstOrigin(pageSize, &space, core, &failure) {
      return origin
    }
    if mayBePointer, let array = try? space.u64(symbol, in: core) {
      follow(to: VirtualAddress(array))
      var ignored: CoreError?
      if let origin = firstOrigin(pageSize, &space, core, &ignored) {
        return origin
      }
    }
    if let failure { throw .core(failure) }
    throw .noSections(symbol)
  }

  /// The origin by the first section that has one; `failure` is what went
  /// wrong first on the way.
  private mutating func firstOrigin<Source: ByteSource & ~Copyable>(
    _ pageSize: Int,
    _ space: inout AddressSpace,
    _ core: borrowing CoreFile<Source>,
    _ failure: inout CoreError?
  ) -> VirtualAddress? {
    var frame = FrameNumber(0)
    for _ in 0..<Self.maximumTries {
      guard let run = core.loads.frames(from: frame) else { return nil }
      do throws(CoreError) {
        if let origin = try origin(of: run.start, &space, core) {
          let page = origin.value &+ run.start.value &* UInt64(pageSize)
          _ = try space.translate(VirtualAddress(page), in: core)
          return origin
        }
      } catch {
        if failure == nil { failure = error }
      }
      frame = frames(around: run.start).end
    }
    return nil
  }
}
