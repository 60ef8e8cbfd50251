// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import VMCore

/// Decides about blocks and folios, counts what it decided, and hands on what
/// may be lent.
struct FrameInspector {
  let rules: PageRules
  let folios: FolioReader
  /// How many orders the crashed kernel had.
  let orders: UInt64
  var report = SearchReport()
  /// The classes that the visitor is given; others are only counted.
  var wanted: PageClassSet
  private let terrain: Terrain
  /// What the level and the collector say of each class, by raw value.
  private var vetoes: [Veto?] = []
  private let seesOrders: Bool
  private let ignoresInFlight: Bool

  init(
    _ kernel: KernelLayout,
    _ policy: SearchPolicy
  ) throws(MapError) {
    do throws(CoreError) {
      rules = try PageRules(kernel, policy.flags)
      folios = FolioReader(try CompoundLayout(kernel, policy.flags), rules)
      let orders = try kernel.require(.zoneFreeAreaLength, in: 1...21)
      self.orders = UInt64(orders)
    } catch {
      throw .core(error)
    }
    terrain = Terrain(excluded: policy.excluded)
    wanted = policy.classes
    ignoresInFlight = policy.ignoresInFlight
    seesOrders = policy.collector.seesOrders(of: kernel)
    let seesFree = policy.collector.leavesOutFree(of: kernel)
    for pageClass in PageClass.allCases {
      vetoes.append(
        !policy.dumpLevel.leavesOut(pageClass)
          ? pageClass == .dirtyCache ? .dirty : .dumpLevel
          : pageClass == .free && !seesFree
            || pageClass == .hugetlb && !seesOrders ? .collector : nil
      )
    }
  }

  /// Whether any frame of the class can be lent.
  func mayLend(_ pageClass: PageClass) -> Bool {
    vetoes[Int(pageClass.rawValue)] == nil
      && (pageClass == .free || rules.knowsFlags)
  }

  /// Whether frames of one of the classes can be lent.
  func mayLend(anyOf classes: PageClassSet) -> Bool {
    for pageClass in PageClass.allCases
    where classes.contains(pageClass) && mayLend(pageClass) { return true }
    return false
  }

  /// Counts a fault of the free lists; the first one is reported.
  mutating func note(_ fault: FreeListFault) {
    if report.fault == nil { report.fault = fault }
    report.faults += 1
  }

  /// Counts `frames`, all judged alike, and gives `visitor` what has no veto;
  /// false when the visitor has had enough.
  mutating func take<Visitor: FrameVisitor & ~Copyable>(
    _ frames: FrameRange,
    _ judgement: Judgement,
    order: UInt8,
    list: FreeList?,
    _ loads: borrowing LoadTable,
    _ visitor: inout Visitor
  ) -> Bool {
    let pageClass = judgement.pageClass
    var veto = vetoes[Int(pageClass.rawValue)]
    // Never-lent pages keep their own name, for the dump wants none of them.
    if let own = judgement.veto, veto == nil || pageClass.hasOwnVeto {
      veto = ignoresInFlight && own.isInFlight ? nil : own
    }
    if let veto {
      keep(frames, pageClass, veto, &visitor)
      return true
    }
    var rest = frames
    while !rest.isEmpty {
      let (veto, count) = terrain.look(rest, loads)
      let part = FrameRange(start: rest.start, count: count)
      rest = FrameRange(start: part.end, count: rest.count - count)
      if let veto {
        keep(part, pageClass, veto, &visitor)
        continue
      }
      report.tally.add(pageClass, nil, count)
      guard wanted.contains(pageClass) else { continue }
      report.runs += 1
      report.frames += count
      let run = ReusableRun(
        frames: part,
        pageClass: pageClass,
        order: order,
        list: list
      )
      guard visitor.visit(run) else {
        report.endedEarly = true
        return false
      }
    }
    return true
  }

  /// The same for a folio of more pages than one: of those whose tails the
  /// collector dumps, none is lent.
  mutating func take<Visitor: FrameVisitor & ~Copyable>(
    folio frames: FrameRange,
    _ judgement: Judgement,
    order: UInt8,
    _ loads: borrowing LoadTable,
    _ visitor: inout Visitor
  ) -> Bool {
    let isIdle = judgement.veto.map { ignoresInFlight && $0.isInFlight } ?? true
    let isLent = isIdle && vetoes[Int(judgement.pageClass.rawValue)] == nil
    let judgement =
      isLent && !seesOrders
      ? Judgement(judgement.pageClass, .collector) : judgement
    return take(frames, judgement, order: order, list: nil, loads, &visitor)
  }

  /// Counts frames that are not lent.
  mutating func keep<Visitor: FrameVisitor & ~Copyable>(
    _ frames: FrameRange,
    _ pageClass: PageClass,
    _ veto: Veto,
    _ visitor: inout Visitor
  ) {
    report.tally.add(pageClass, veto, frames.count)
    visitor.keep(frames, Judgement(pageClass, veto))
  }
}

extension PageClass {
  /// Whether pages of the class are never lent, whatever the level.
  var hasOwnVeto: Bool {
    switch self {
    case .offline, .hardwarePoison, .unaccepted, .reserved: true
    default: false
    }
  }
}
