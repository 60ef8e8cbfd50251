// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Metadata contexts, of which there is one: what is a hole.
extension Session {
  /// What is wrong with the data of LIST_ or SET_META_CONTEXT, or what it
  /// asks for.
  private enum Query {
    case wrong(OptionReply, StaticString)
    /// Whether base:allocation is meant.
    case about(Bool)
  }

  /// LIST_META_CONTEXT and SET_META_CONTEXT.
  mutating func negotiateContext(
    _ option: Option,
    _ input: borrowing MutableRawSpan,
    in data: Range<Int>,
    _ replies: inout Replies
  ) {
    let number = option.rawValue
    let isList = option == .listMetaContext
    // What was selected before is not any more, come what may.
    if !isList { agreement.hasContext = false }
    guard agreement.isStructured else {
      replies.put(.invalid, to: number, "structured replies come first")
      return
    }
    switch query(input, in: data, isList: isList) {
    case .wrong(let reply, let message): replies.put(reply, to: number, message)
    case .about(let isMeant):
      if isMeant {
        let context = Export.context
        replies.put(
          .metaContext,
          to: number,
          dataCount: 4 &+ context.utf8CodeUnitCount
        )
        replies.put(isList ? 0 : Export.contextNumber)
        replies.put(context)
        if !isList { agreement.hasContext = true }
      }
      replies.put(.acknowledged, to: number)
    }
  }

  private func query(
    _ input: borrowing MutableRawSpan,
    in data: Range<Int>,
    isList: Bool
  ) -> Query {
    let end = data.upperBound
    guard let name = input.string(at: data.lowerBound, until: end) else {
      return .wrong(.invalid, "the name is longer than the data")
    }
    guard name.upperBound <= end &- 4 else {
      return .wrong(.invalid, "the number of queries is missing")
    }
    var left = input.bigEndian(at: name.upperBound, as: UInt32.self)
    var place = name.upperBound &+ 4
    // Who lists and asks for nothing asks for everything.
    var isMeant = isList && left == 0
    while left > 0 {
      // Each has four bytes at least, so what lies about the number ends here.
      guard let query = input.string(at: place, until: end) else {
        return .wrong(.invalid, "a query is longer than the data")
      }
      place = query.upperBound
      left &-= 1
      guard query.count <= Limit.string else {
        return .wrong(.tooBig, "a query is too long")
      }
      if input.equals(Export.context, in: query) { isMeant = true }
      if isList, input.equals("base:", in: query) { isMeant = true }
    }
    guard place == end else {
      return .wrong(.invalid, "the queries do not fill the data")
    }
    guard name.count <= Limit.string else {
      return .wrong(.tooBig, "the name is too long")
    }
    guard Export.isNamed(input, in: name) else {
      return .wrong(.unknown, "no such export")
    }
    return .about(isMeant)
  }
}
