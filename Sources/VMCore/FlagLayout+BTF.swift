// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// What to look up in BTF, each name once.
private enum Name: Int, CaseIterable {
  case pageflags, folio, page
  case pinCount, largeMapCount, entireMapCount
  case compoundPinCount, compoundMapCount, hugePinCount

  var text: StaticString {
    switch self {
    case .pageflags: "pageflags"
    case .folio: "folio"
    case .page: "page"
    case .pinCount: "_pincount"
    case .largeMapCount: "_large_mapcount"
    case .entireMapCount: "_entire_mapcount"
    case .compoundPinCount: "compound_pincount"
    case .compoundMapCount: "compound_mapcount"
    case .hugePinCount: "hpage_pinned_refcount"
    }
  }
}

extension FlagLayout {
  /// Takes the layout out of a kernel's BTF.
  ///
  /// The counters moved: struct folio has had them since v6.1 ("mm: add the
  /// first tail page to struct folio", commit 94688e8eb453), before that the
  /// struct page of the second page (compound_mapcount, compound_pincount)
  /// or of the third (hpage_pinned_refcount, v5.7 to v5.17).
  public init<Source: ByteSource & ~Copyable>(
    _ btf: inout BTF,
    of kernel: KernelIdentity?,
    in source: borrowing Source
  ) throws(LayoutError) {
    var names: [StaticString] = []
    for name in Name.allCases { names.append(name.text) }
    for flag in Flag.allCases { names.append(flag.name) }
    let found = try btf.find(names, in: source)
    func place(_ name: Name) -> UInt32? { found[name.rawValue] }
    guard let pageflags = place(.pageflags) else {
      throw .absent("pageflags")
    }
    let flags = Array(found[Name.allCases.count...])
    guard let bits = try btf.values(of: flags, inEnum: pageflags, source)
    else { throw .absent("pageflags") }
    guard let page = place(.page) else { throw .absent("page") }
    let old = try btf.offsets(
      of: [
        place(.compoundPinCount), place(.compoundMapCount),
        place(.hugePinCount),
      ],
      inStruct: page,
      source
    )
    guard (32...1024).contains(old.size) else { throw .absent("page") }
    var new: [UInt64?] = [nil, nil, nil]
    if let folio = place(.folio) {
      new =
        try btf.offsets(
          of: [
            place(.pinCount), place(.entireMapCount), place(.largeMapCount),
          ],
          inStruct: folio,
          source
        ).offsets
    }
    let pins =
      new[0] ?? old.offsets[0].map { $0 + old.size }
      ?? old.offsets[2].map { $0 + 2 * old.size }
    let maps = new[1] ?? old.offsets[1].map { $0 + old.size }
    self.init(kernel: kernel, bits: bits, counters: [pins, maps, new[2]])
    try validate()
  }
}
