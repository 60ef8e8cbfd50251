// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// Compound pages: they are judged as a whole, never a page by itself, for
/// tails carry neither flags nor references of their own.
extension FrameInspector {
  /// Judges the compound page that `page`, at `frame`, is the head of, and
  /// gives `visitor` what may be lent; how many frames it has, or nil when
  /// the visitor has had enough.
  mutating func inspect<
    Source: ByteSource & ~Copyable,
    Visitor: FrameVisitor & ~Copyable
  >(
    compound frame: FrameNumber,
    _ page: PageDescriptor,
    _ map: inout MemoryMap,
    _ core: borrowing CoreFile<Source>,
    _ visitor: inout Visitor
  ) throws(MapError) -> UInt64? {
    guard let claim = try folios.claim(frame, page, &map, core) else {
      let pageClass = judge(Folio(page)).pageClass
      let isFake = try folios.isFakeHead(frame, &map, core)
      let alone = FrameRange(start: frame, count: 1)
      keep(alone, pageClass, isFake ? .fakeHead : .halfBuilt, &visitor)
      return 1
    }
    var judgement = judge(claim.folio)
    if needsAllPages(claim, judgement) {
      let (folio, fault) = try folios.complete(claim, &map, core)
      judgement = judge(folio)
      if let fault { judgement = Judgement(judgement.pageClass, fault) }
    }
    let goesOn = take(
      folio: claim.frames,
      judgement,
      order: claim.folio.order,
      core.loads,
      &visitor
    )
    return goesOn ? claim.frames.count : nil
  }

  /// Out of line: once in the loop over small pages is enough.
  @inline(never)
  private func judge(_ folio: Folio) -> Judgement { rules.judge(folio) }

  /// Whether only the tails can tell: the folio would be lent if its
  /// references are accounted for.
  private func needsAllPages(
    _ claim: FolioReader.Claim,
    _ judgement: Judgement
  ) -> Bool {
    guard mayLend(judgement.pageClass) else { return false }
    switch judgement.veto {
    case nil, .references: return true
    case .hugetlbInUse: return claim.folio.head.referenceCount == 0
    default: return false
    }
  }
}
