// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

extension LayoutError {
  /// The error in words, with the name, the offset or the key in it.
  public var sentence: String {
    switch self {
    case .source(let error): error.sentence
    case .core(let error): error.sentence
    case .wrong(let field, let offset, let value):
      "offset 0x" + String(offset, radix: 16) + ": " + field.name + " is 0x"
        + String(value, radix: 16)
    case .notBTF:
      "neither BTF nor an ELF file with a .BTF section, as a vmlinux is"
    case .noSymbol(let name):
      "VMCOREINFO lacks SYMBOL(" + name.description + ")"
    case .absent(let name): "no " + name.description
    case .scattered(let address):
      "virtual address 0x" + String(address.value, radix: 16)
        + ": the file does not have the kernel's image in one piece"
    case .disagrees(let key):
      "it differs from VMCOREINFO in " + key.text
    case .otherKernel: "it belongs to another kernel"
    case .unknownBuild: "the crashed kernel's BUILD-ID is not known"
    }
  }
}

extension LayoutField {
  var name: String {
    switch self {
    case .magic: "the magic of BTF"
    case .version: "the version of BTF"
    case .headerLength: "hdr_len of BTF"
    case .types: "the place of the types"
    case .strings: "the place of the strings"
    case .kind: "the kind of a type"
    case .sections: "the table of sections"
    case .symbolCount: "the number of symbols"
    case .token: "a token's place"
    }
  }
}
