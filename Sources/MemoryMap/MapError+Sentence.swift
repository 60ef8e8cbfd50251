// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

extension MapError {
  /// The error in words, with the key, the address or the frame in it.
  public var sentence: String {
    switch self {
    case .core(let error):
      error.sentence
    case .noSections(let address):
      "virtual address " + hex(address.value)
        + ": no section has a memory map (SYMBOL(mem_section))"
    case .noSection(let frame):
      "frame " + hex(frame.value) + ": no section in use"
    case .badSection(let frame):
      "frame " + hex(frame.value) + ": its section has no valid memory map"
    }
  }
}

extension FreeListFault {
  /// The fault in words, with the list and the address in it.
  public var sentence: String {
    switch self {
    case .noNodes(let error):
      "no nodes and zones: " + error.sentence
    case .head(let list, let error):
      list.text + ": its head: " + error.sentence
    case .pointer(let list, let address):
      list.text + ": " + hex(address.value) + " is in no struct page"
    case .page(let list, let address, let error):
      list.text + ": " + hex(address.value) + ": " + error.sentence
    case .backPointer(let list, let address):
      list.text + ": " + hex(address.value)
        + " does not point back to the entry before it"
    case .endless(let list):
      list.text + ": more entries than the machine has blocks"
    }
  }
}

extension FreeList {
  var text: String {
    "free list of node " + String(node) + ", zone " + String(zone)
      + ", order " + String(order) + ", migrate type " + String(migrateType)
  }
}

private func hex(_ number: UInt64) -> String {
  "0x" + String(number, radix: 16)
}
