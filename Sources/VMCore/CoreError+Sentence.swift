// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

extension CoreError {
  /// The error in words, with the offset, the key or the address in it.
  public var sentence: String {
    switch self {
    case .unreadable(let part, let error):
      part.name + ": " + error.sentence
    case .wrong(let field, let offset, let value):
      "offset " + hex(offset) + ": " + field.name + " is " + hex(value)
    case .truncated(let offset, let end, let byteCount):
      "offset " + hex(offset) + ": the program header needs bytes up to "
        + hex(end) + ", the file ends at " + hex(byteCount)
    case .noMemory:
      "no PT_LOAD has any bytes"
    case .noPhysicalAddresses:
      "the PT_LOADs have no physical addresses (p_paddr)"
    case .damagedNote(let offset):
      "offset " + hex(offset) + ": the note does not fit into its PT_NOTE"
    case .noVMCoreInfo:
      "no note is named VMCOREINFO"
    case .xen(let offset):
      "offset " + hex(offset) + ": a note of Xen, which is not supported"
    case .missing(let key):
      "VMCOREINFO lacks " + key.text
    case .implausible(let key, let value):
      "VMCOREINFO: " + key.text + " cannot be " + hex(value)
    case .notMapped(let address, let level):
      "virtual address " + hex(address.value)
        + ": not in the page tables, level " + String(level)
    case .notCovered(let address, let physical):
      "virtual address " + hex(address.value) + ": physical address "
        + hex(physical.value) + " is in no PT_LOAD"
    case .memory(let address, let error):
      "virtual address " + hex(address.value) + ": " + error.sentence
    }
  }
}

extension SourceError {
  /// The error in words, with the offset in it.
  public var sentence: String {
    switch self {
    case .endOfSource(let offset, let count):
      "offset " + hex(offset) + ": the file ends before the "
        + String(count) + " bytes wanted"
    case .failed(let offset, let errno):
      "offset " + hex(offset) + ": reading failed with errno "
        + String(errno)
    }
  }
}

extension KernelLayout.Key {
  /// The key as VMCOREINFO spells it.
  public var text: String {
    let (kind, name) = spelling
    return kind.prefix.description + "(" + name.description + ")"
  }
}

extension CorePart {
  var name: String {
    switch self {
    case .header: "ELF header"
    case .programHeaders: "program headers"
    case .notes: "notes"
    }
  }
}

extension HeaderField {
  var name: String {
    switch self {
    case .magic: "the ELF magic"
    case .fileClass: "EI_CLASS"
    case .byteOrder: "EI_DATA"
    case .type: "e_type"
    case .machine: "e_machine"
    case .programHeaderOffset: "e_phoff"
    case .programHeaderSize: "e_phentsize"
    case .programHeaderCount: "the number of program headers"
    case .fileSize: "p_filesz"
    case .vmcoreInfoSize: "the size of VMCOREINFO"
    }
  }
}

private func hex(_ number: UInt64) -> String {
  "0x" + String(number, radix: 16)
}
