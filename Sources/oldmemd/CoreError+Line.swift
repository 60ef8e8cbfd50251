// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import MemoryMap
import VMCore

extension CoreError {
  /// The error in words: where, and what is wrong there.
  var line: Line {
    switch self {
    case .unreadable(_, let error): error.line
    case .wrong(_, let offset, let value):
      "the headers have \(hex: value) at offset \(offset)"
    case .truncated(let offset, let end, let size):
      "the segment at offset \(offset) ends at \(end) of \(size) bytes"
    case .noMemory: "it has no memory in it"
    case .noPhysicalAddresses: "it has no physical addresses"
    case .damagedNote(let offset): "the note at offset \(offset) is damaged"
    case .noVMCoreInfo: "it has no VMCOREINFO"
    case .xen: "it was left by a Xen hypervisor"
    case .missing(let key): "VMCOREINFO lacks \(key.line)"
    case .implausible(let key, let value):
      "VMCOREINFO has \(key.line)=\(hex: value)"
    case .notMapped(let address, _):
      "the page tables do not map \(hex: address.value)"
    case .notCovered(let address, let place):
      "\(hex: address.value) is at \(hex: place.value), which it lacks"
    case .memory(let address, let error):
      "\(hex: address.value): \(error.line)"
    }
  }
}

extension MapError {
  /// The error in words: where, and what is wrong there.
  var line: Line {
    switch self {
    case .core(let error): error.line
    case .noSections(let address):
      "no memory map in the sections at \(hex: address.value)"
    case .noSection(let frame): "frame \(hex: frame.value) has no section"
    case .badSection(let frame):
      "the section of frame \(hex: frame.value) is damaged"
    }
  }
}

extension SourceError {
  var line: Line {
    switch self {
    case .endOfSource(let offset, let count):
      "it ends before offset \(offset) + \(count)"
    case .failed(let offset, let errno):
      "offset \(offset) cannot be read: \(Errno(errno))"
    }
  }
}

extension KernelLayout.Key {
  /// The key as VMCOREINFO spells it.
  var line: Line {
    let (kind, name) = spelling
    return "\(kind.prefix)(\(name))"
  }
}
