// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Memory
import MemoryMap
import VMCore

/// `oldmem inspect`: what a core file is and what its kernel says of itself.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows a core file's memory, its VMCOREINFO and what is missing.",
    discussion: """
      Example: oldmem inspect vmcore
      """
  )

  /// Program headers beyond these are only counted.
  private static let shown: UInt64 = 64

  @Argument(help: "An ELF core file, or /proc/vmcore.", completion: .file())
  var vmcore: String

  func run() throws {
    let kernel = try CrashedKernel(vmcore)
    printFile(kernel)
    try printHeaders(kernel)
    printKernel(kernel)
    printMissing(kernel)
  }

  private func printFile(_ kernel: borrowing CrashedKernel) {
    row("file", vmcore)
    row("format", "ELF64 core, x86-64")
    row("size", size(kernel.core.source.byteCount))
    row("memory", size(kernel.core.loads.byteCount))
    if let lent = LentFrames(besideCore: vmcore) {
      row("lent frames", "\(lent.count), with what the capture kernel wrote")
    }
  }

  private func printHeaders(_ kernel: borrowing CrashedKernel) throws {
    let count = kernel.core.header.programHeaderCount
    print("\nprogram headers: \(count)")
    for index in 0..<min(count, Self.shown) {
      let header: ProgramHeader
      do throws(CoreError) {
        header = try kernel.core.programHeader(index)
      } catch {
        throw BadInput(path: vmcore, sentence: error.sentence)
      }
      let kind =
        switch header.kind {
        case .load: "PT_LOAD"
        case .note: "PT_NOTE"
        case .other(let type): "type \(type)"
        }
      print(
        "  \(kind)  offset \(hex(header.fileOffset))"
          + "  virtual \(hex(header.virtual.value))"
          + "  physical \(hex(header.physical.value))"
          + "  size \(hex(header.byteCount))"
      )
    }
    if count > Self.shown { print("  and \(count - Self.shown) more") }
  }

  private func printKernel(_ kernel: borrowing CrashedKernel) {
    let layout = kernel.layout
    print("\nkernel")
    row("release", kernel.string("OSRELEASE") ?? "missing")
    row("build id", kernel.string("BUILD-ID") ?? "missing")
    row("crash time", kernel.string("CRASHTIME") ?? "missing")
    row(
      "KASLR offset",
      kernel.info.hexadecimal("KERNELOFFSET").map(hex) ?? "missing"
    )
    let levels = layout[.fiveLevels].map { $0 == 1 ? "5" : "4" }
    row("page table levels", levels ?? "missing")
    row("memory encryption mask", number(layout, .memoryEncryptionMask))
    row("struct page", number(layout, .pageSize))
    row("section bits", number(layout, .sectionSizeBits))
    row("physical bits", number(layout, .maximumPhysicalBits))
    row("orders", number(layout, .zoneFreeAreaLength))
    row("migrate types", number(layout, .freeAreaListLength))
    do throws(MapError) {
      _ = try MemoryMap(kernel.core, layout)
      row("memory map", "found")
    } catch {
      row("memory map", "not usable: \(error.sentence)")
    }
  }

  private func printMissing(_ kernel: borrowing CrashedKernel) {
    let missing = kernel.layout.missingKeys()
    print("\nmissing from VMCOREINFO:\(missing.isEmpty ? " nothing" : "")")
    for key in missing {
      let need =
        switch key.need {
        case .always: "nothing works without it"
        case .freeLists: "the free lists cannot be walked"
        case .optional: "optional"
        }
      print("  \(key.text)  \(need)")
    }
  }

  private func number(
    _ layout: KernelLayout,
    _ key: KernelLayout.Key
  ) -> String {
    layout[key].map(String.init) ?? "missing"
  }

  private func row(_ name: String, _ value: String) {
    let gap = String(repeating: " ", count: max(1, 24 - name.utf8.count))
    print("  \(name)\(gap)\(value)")
  }
}

/// `number` as C spells it in hexadecimal.
func hex(_ number: UInt64) -> String {
  "0x" + String(number, radix: 16)
}

/// A number of bytes for people.
func size(_ bytes: UInt64) -> String {
  bytes < 1 << 20
    ? "\(bytes >> 10) KiB (\(bytes) bytes)"
    : "\(bytes >> 20) MiB (\(bytes) bytes)"
}
