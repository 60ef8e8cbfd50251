// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// Why the memory map could not be read.
public enum MapError: Error, Equatable, Sendable {
  /// The core file, or what its kernel says of itself, is at fault.
  case core(CoreError)
  /// No section of the table at the address has a memory map: neither shape
  /// of mem_section fits.
  case noSections(VirtualAddress)
  /// The frame has no struct page: its section is absent, without a memory
  /// map, or offline.
  case noSection(FrameNumber)
  /// The struct page of the frame would lie outside the kernel's half of the
  /// address space.
  case badSection(FrameNumber)
}
