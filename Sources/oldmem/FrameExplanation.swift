// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import PageClasses
import VMCore

/// All that `oldmem scan --explain` says of one frame.
struct FrameExplanation: Codable {
  let frame: UInt64
  let physicalAddress: String
  /// Where its struct page was in the crashed kernel.
  let pageAddress: String?
  let pageClass: String?
  let veto: String?
  let isReusable: Bool
  let flags: [String]
  let page: Fields?

  struct Fields: Codable {
    let flags: String
    let mapping: String
    let mapCount: String
    let referenceCount: UInt32
    let privateData: String
    let compoundHead: String
  }

  init(
    _ frame: FrameNumber,
    _ account: FrameAccount,
    _ layout: FlagLayout?,
    _ kernel: KernelLayout
  ) {
    self.frame = frame.value
    physicalAddress = hex(frame.value << Frame.shift)
    pageAddress = account.address.map { hex($0.value) }
    pageClass = account.judgement.map { "\($0.pageClass.name)" }
    veto = account.judgement.flatMap { $0.veto.map { "\($0.name)" } }
    isReusable = account.judgement.map { $0.veto == nil } ?? false
    flags = account.page.map { Self.names($0.flags, layout, kernel) } ?? []
    page = account.page.map { page in
      let count = Int32(bitPattern: page.mapCount)
      return Fields(
        flags: hex(page.flags),
        mapping: hex(page.mapping),
        mapCount: count < -1 ? hex(UInt64(page.mapCount)) : "\(count)",
        referenceCount: page.referenceCount,
        privateData: hex(page.privateData),
        compoundHead: hex(page.compoundHead)
      )
    }
  }

  private static func names(
    _ word: UInt64,
    _ layout: FlagLayout?,
    _ kernel: KernelLayout
  ) -> [String] {
    if let layout {
      return FlagLayout.Flag.allCases.filter { word & layout[$0] != 0 }
        .map { "\($0.name)".replacing("PG_", with: "") }
    }
    let known: [(KernelLayout.Key, String)] = [
      (.lru, "lru"), (.hasPrivate, "private"), (.swapCache, "swapcache"),
      (.swapBacked, "swapbacked"), (.slab, "slab"),
      (.hardwarePoison, "hwpoison"),
    ]
    return known.compactMap { key, name in
      guard let bit = kernel[key], bit < 64, word >> bit & 1 == 1 else {
        return nil
      }
      return name
    }
  }

  func json() throws -> String { try encoded(self) }

  func text(_ scene: ScanScene) -> String {
    var lines = [
      "frame \(frame), physical address \(physicalAddress)",
      "  class       \(pageClass ?? "in no PT_LOAD")",
      isReusable ? "  reusable" : "  kept back  \(veto ?? "not in the file")",
    ]
    if let page {
      lines += [
        "  struct page \(pageAddress ?? "?")",
        "  flags       " + ([page.flags] + flags).joined(separator: " "),
        "  mapping     \(page.mapping)",
        "  _mapcount   \(page.mapCount)",
        "  _refcount   \(page.referenceCount)",
        "  private     \(page.privateData)",
        "  compound    \(page.compoundHead)",
      ]
    }
    return (scene.lines + [""] + lines).joined(separator: "\n")
  }
}
