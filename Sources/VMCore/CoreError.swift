// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// What is wrong with a core file, or with what its kernel says of itself.
public enum CoreError: Error, Equatable, Sendable {
  /// The source failed while this part of the file was read.
  case unreadable(CorePart, SourceError)
  /// A field of the file's headers has a value that oldmem does not take.
  case wrong(HeaderField, offset: UInt64, value: UInt64)
  /// The program header at `offset` describes bytes up to `end`, past the
  /// end of the file.
  case truncated(offset: UInt64, end: UInt64, byteCount: UInt64)
  /// No PT_LOAD has any bytes.
  case noMemory
  /// The PT_LOADs carry no physical addresses (p_paddr is 0 or -1 in all).
  case noPhysicalAddresses
  /// The note at `offset` does not fit into its PT_NOTE.
  case damagedNote(offset: UInt64)
  /// No note is named VMCOREINFO.
  case noVMCoreInfo
  /// The note at `offset` was left by a Xen hypervisor, whose memory map
  /// this is not.
  case xen(offset: UInt64)
  /// VMCOREINFO lacks the key, or its value is not a number.
  case missing(KernelLayout.Key)
  /// VMCOREINFO's value of the key cannot be right.
  case implausible(KernelLayout.Key, UInt64)
  /// The crashed kernel's page tables map nothing at the address; `level` is
  /// where the walk ended, 1 for a table of 4 KiB pages.
  case notMapped(VirtualAddress, level: Int)
  /// The address translates to memory that no PT_LOAD covers.
  case notCovered(VirtualAddress, PhysicalAddress)
  /// The source failed while the address was read.
  case memory(VirtualAddress, SourceError)
}

/// A field of the ELF header or of a program header.
public enum HeaderField: UInt8, Sendable {
  /// e_ident[0..<4], which spells 0x7f E L F.
  case magic
  /// EI_CLASS, which must be ELFCLASS64.
  case fileClass
  /// EI_DATA, which must be ELFDATA2LSB.
  case byteOrder
  /// e_type, which must be ET_CORE.
  case type
  /// e_machine, which must be EM_X86_64.
  case machine
  /// e_phoff, which must lie in the file.
  case programHeaderOffset
  /// e_phentsize, which must be 56.
  case programHeaderSize
  /// e_phnum, or sh_info of section 0 where e_phnum is PN_XNUM.
  case programHeaderCount
  /// p_filesz, which must not wrap around with p_offset or p_paddr.
  case fileSize
  /// The description size of the VMCOREINFO note.
  case vmcoreInfoSize
}
