// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// kallsyms (scripts/kallsyms.c, kernel/kallsyms.c), all in the kernel's
// image:
//
//   kallsyms_num_syms       u32
//   kallsyms_names          for each symbol: its length, one byte, or two
//                           with bit 7 of the first set (low 7 bits first);
//                           then as many indices of tokens. Spelled out,
//                           the first letter is the symbol's type.
//   kallsyms_token_index    256 u16, each a token's place in
//   kallsyms_token_table    tokens that end with a NUL
//   kallsyms_offsets        for each symbol an i32
//   kallsyms_relative_base  u64, until v7.0
//
// A symbol is at relative_base + offset, or, in kernels that keep the
// addresses of per-CPU variables as they are (until commit "kallsyms: Remove
// KALLSYMS_ABSOLUTE_PERCPU"), negative offsets stand for relative_base - 1 -
// offset. An offset of the first sort is never negative in x86-64. Where
// there is no relative_base, an offset counts from where it stands itself.

/// The crashed kernel's own symbols, found by name.
public struct SymbolTable: ~Copyable {
  /// More symbols than any kernel has.
  static let maximumCount: UInt64 = 1 << 22
  /// Names are compared up to here; longer ones match nothing.
  static let longestName = 64
  /// The longest text of all tokens.
  static let longestTokens: UInt64 = 16_384

  private let count: UInt64
  private var names: SourceWindow
  private let offsets: UInt64
  private let base: UInt64?
  /// The address of the first offset.
  private let table: UInt64
  private let tokens: [UInt8]
  private let tokenPlaces: [UInt16]

  /// Finds the table by the symbols that VMCOREINFO has since 6.1.
  public init<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout
  ) throws(LayoutError) {
    let image = try KernelImage(layout)
    func place(
      _ name: StaticString
    ) throws(LayoutError) -> (offset: UInt64, count: UInt64) {
      guard let address = info.value(.symbol, name) else {
        throw .noSymbol(name)
      }
      return try image.place(of: VirtualAddress(address), in: core)
    }
    func number(_ name: StaticString) throws(LayoutError) -> UInt64 {
      let (offset, _) = try place(name)
      var window = try SourceWindow(at: offset, count: 8, of: core.source)
      return try window.u64(at: 0, core.source)
    }
    let count = try number("kallsyms_num_syms") & 0xffff_ffff
    guard (1...Self.maximumCount).contains(count) else {
      throw .wrong(.symbolCount, offset: 0, value: count)
    }
    let table = info.value(.symbol, "kallsyms_offsets") ?? 0
    let hasBase = info.value(.symbol, "kallsyms_relative_base") != nil
    let base = hasBase ? try number("kallsyms_relative_base") : nil
    let offsets = try place("kallsyms_offsets").offset
    let tokens = try place("kallsyms_token_table")
    let index = try place("kallsyms_token_index").offset
    let names = try place("kallsyms_names")
    let window = try SourceWindow(
      at: names.offset,
      count: names.count,
      of: core.source
    )
    let spelled = try Self.bytes(
      at: tokens.offset,
      min(tokens.count, Self.longestTokens),
      core.source
    )
    let places = try Self.bytes(at: index, 512, core.source)
    self.count = count
    self.base = base
    self.table = table
    self.offsets = offsets
    self.names = window
    self.tokens = spelled
    tokenPlaces = (0..<256).map {
      UInt16(places[2 * $0]) | UInt16(places[2 * $0 + 1]) << 8
    }
  }

  private static func bytes<Source: ByteSource & ~Copyable>(
    at offset: UInt64,
    _ count: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> [UInt8] {
    var window = try SourceWindow(at: offset, count: count, of: source)
    var bytes: [UInt8] = []
    for place in 0..<count {
      bytes.append(try window.u8(at: place, source))
    }
    return bytes
  }

  /// The address of each of `wanted`, nil for those that there are not.
  public mutating func addresses<Source: ByteSource & ~Copyable>(
    of wanted: [StaticString],
    in core: borrowing CoreFile<Source>
  ) throws(LayoutError) -> [VirtualAddress?] {
    var found = [VirtualAddress?](repeating: nil, count: wanted.count)
    var left = wanted.count
    var name = [UInt8](repeating: 0, count: Self.longestName)
    var place: UInt64 = 0
    for symbol in 0..<count {
      let length = try spell(&place, into: &name, core.source)
      // The first letter is the type.
      guard length > 1, length <= Self.longestName else { continue }
      let text = name.span.extracting(1..<length)
      for index in wanted.indices where found[index] == nil {
        guard wanted[index].matches(text) else { continue }
        found[index] = try address(of: symbol, core.source)
        left -= 1
      }
      if left == 0 { break }
    }
    return found
  }

  /// Spells out the symbol at `place`, moves on to the next one, and returns
  /// how long the name is; what does not fit into `name` is left out.
  private mutating func spell<Source: ByteSource & ~Copyable>(
    _ place: inout UInt64,
    into name: inout [UInt8],
    _ source: borrowing Source
  ) throws(LayoutError) -> Int {
    var count = UInt64(try names.u8(at: place, source))
    place += 1
    if count & 0x80 != 0 {
      count = count & 0x7f | UInt64(try names.u8(at: place, source)) << 7
      place += 1
    }
    var length = 0
    for _ in 0..<count {
      let token = try names.u8(at: place, source)
      place += 1
      var letter = Int(tokenPlaces[Int(token)])
      while true {
        guard letter < tokens.count else {
          throw .wrong(.token, offset: place, value: UInt64(token))
        }
        let byte = tokens[letter]
        if byte == 0 { break }
        if length < name.count { name[length] = byte }
        length += 1
        letter += 1
      }
    }
    return length
  }

  private func address<Source: ByteSource & ~Copyable>(
    of symbol: UInt64,
    _ source: borrowing Source
  ) throws(LayoutError) -> VirtualAddress {
    let place = offsets &+ symbol &* 4
    var window = try SourceWindow(at: place, count: 4, of: source)
    let word = try window.u32(at: 0, source)
    let offset = Int64(Int32(bitPattern: word))
    guard let base else {
      let own = table &+ symbol &* 4
      return VirtualAddress(own &+ UInt64(bitPattern: offset))
    }
    return VirtualAddress(
      offset < 0
        ? base &- 1 &- UInt64(bitPattern: offset)
        : base &+ UInt64(offset)
    )
  }
}
