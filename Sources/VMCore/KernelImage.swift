// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The kernel's image, which lies in physical memory in one piece
/// (arch/x86/include/asm/page_64.h, __phys_addr_nodebug).
struct KernelImage {
  /// The most that is mapped for the image (KERNEL_IMAGE_SIZE).
  static let maximumSize: UInt64 = 1 << 30

  private let physicalBase: UInt64

  init(_ layout: KernelLayout) throws(LayoutError) {
    do throws(CoreError) {
      physicalBase = try layout.require(.physicalBase)
    } catch { throw .core(error) }
  }

  /// Where in the file the image's byte at `address` is, and how many bytes
  /// follow it there.
  func place<Source: ByteSource & ~Copyable>(
    of address: VirtualAddress,
    in core: borrowing CoreFile<Source>
  ) throws(LayoutError) -> (offset: UInt64, count: UInt64) {
    let distance = address.value &- AddressSpace.startKernelMap
    guard distance < Self.maximumSize,
      let place = core.loads.place(
        of: PhysicalAddress(distance &+ physicalBase)
      )
    else { throw .scattered(address) }
    return (
      place.fileOffset, min(place.byteCount, Self.maximumSize - distance)
    )
  }
}

extension BTF {
  /// The crashed kernel's own BTF, between the symbols __start_BTF and
  /// __stop_BTF (include/asm-generic/vmlinux.lds.h).
  public init<Source: ByteSource & ~Copyable>(
    of core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout
  ) throws(LayoutError) {
    var symbols = try SymbolTable(core, info, layout)
    let found = try symbols.addresses(
      of: ["__start_BTF", "__stop_BTF"],
      in: core
    )
    guard let start = found[0] else { throw .absent("__start_BTF") }
    guard let stop = found[1] else { throw .absent("__stop_BTF") }
    let (offset, room) = try KernelImage(layout).place(of: start, in: core)
    guard stop > start, stop.value - start.value <= room else {
      throw .scattered(stop)
    }
    try self.init(
      at: offset,
      count: stop.value - start.value,
      of: core.source
    )
  }
}
