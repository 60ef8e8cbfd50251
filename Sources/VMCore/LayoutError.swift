// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// Why type information, symbols or a flag layout could not be had.
public enum LayoutError: Error, Equatable, Sendable {
  /// The source failed, or ended too early.
  case source(SourceError)
  /// The core file, or what its kernel says of itself, is at fault.
  case core(CoreError)
  /// A field has a value that oldmem does not take; `offset` is in the BTF
  /// section or in the ELF file.
  case wrong(LayoutField, offset: UInt64, value: UInt64)
  /// Neither BTF nor an ELF file that has a .BTF section.
  case notBTF
  /// VMCOREINFO does not name this symbol.
  case noSymbol(StaticString)
  /// What the name stands for is in no type, no symbol table, no file.
  case absent(StaticString)
  /// The core file does not have the kernel's image at the address in one
  /// piece.
  case scattered(VirtualAddress)
  /// VMCOREINFO and the layout differ, so the layout is of another kernel.
  case disagrees(KernelLayout.Key)
  /// The layout belongs to a kernel of another OSRELEASE or BUILD-ID.
  case otherKernel
  /// The crashed kernel's BUILD-ID is missing, or known to be garbage.
  case unknownBuild

  /// Whether both are the same, names letter by letter.
  public static func == (a: LayoutError, b: LayoutError) -> Bool {
    switch (a, b) {
    case (.source(let a), .source(let b)): a == b
    case (.core(let a), .core(let b)): a == b
    case (.wrong(let a, let c, let e), .wrong(let b, let d, let f)):
      a == b && c == d && e == f
    case (.notBTF, .notBTF), (.otherKernel, .otherKernel),
      (.unknownBuild, .unknownBuild):
      true
    case (.noSymbol(let a), .noSymbol(let b)),
      (.absent(let a), .absent(let b)):
      a.equals(b)
    case (.scattered(let a), .scattered(let b)): a == b
    case (.disagrees(let a), .disagrees(let b)): a == b
    default: false
    }
  }
}

/// A field of BTF, of the symbol table or of an ELF file.
public enum LayoutField: UInt8, Sendable {
  /// The magic 0xeb9f of BTF.
  case magic
  /// The version of BTF, which must be 1.
  case version
  /// hdr_len, which must be 24 at least.
  case headerLength
  /// type_off or type_len, which must lie in the section.
  case types
  /// str_off or str_len, which must lie in the section.
  case strings
  /// A kind of type that nobody knows the size of.
  case kind
  /// A table of sections that is not one.
  case sections
  /// num_syms of the symbol table.
  case symbolCount
  /// An index into the table of tokens.
  case token
}
