// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Data of INFO and GO                   of LIST_ and SET_META_CONTEXT
//    0  4  bytes of the name N           0  4  bytes of the name N
//    4  N  name of the export            4  N  name of the export
//    .  2  requests R                    .  4  queries Q
//    .  2  R times: NBD_INFO_*           .     Q times: 4 bytes of length
//                                              L, and L bytes

/// The export: there is one, and it is called so, or nothing at all.
enum Export {
  static let name: StaticString = "oldmem"
  static let description: StaticString = "verified memory of oldmemd"
  static let context: StaticString = "base:allocation"
  static let contextNumber: UInt32 = 1

  /// Whether a client means the export.
  static func isNamed(
    _ input: borrowing MutableRawSpan,
    in name: Range<Int>
  ) -> Bool {
    if name.isEmpty { return true }
    return input.equals(Self.name, in: name)
  }
}

/// What a client and the server agree on before there are requests.
extension Session {
  /// Takes an option's header, and refuses what no data could make good.
  mutating func takeOption(_ input: borrowing MutableRawSpan, at place: Int) {
    guard input.bigEndian(at: place, as: UInt64.self) == Magic.option else {
      phase = .ended(.optionMagic)
      return
    }
    let option = input.bigEndian(at: place &+ 8, as: UInt32.self)
    let count = input.bigEndian(at: place &+ 12, as: UInt32.self)
    options &+= 1
    guard options <= Limit.options else {
      phase = .ended(.tooManyOptions)
      return
    }
    guard agreement.isFixed || option == Option.exportName.rawValue else {
      phase = .ended(.optionUnfixed)
      return
    }
    guard count <= Limit.skippedOption else {
      phase = .ended(.optionTooLong)
      return
    }
    guard count <= UInt32(Limit.option) else {
      // It could only be refused, and has no way to say so.
      phase =
        option == Option.exportName.rawValue
        ? .ended(.noSuchExport)
        : .skippedOption(option: option, count: Int(count))
      return
    }
    phase = .optionData(option: option, count: Int(count))
  }

  /// Answers an option whose data has come.
  mutating func answer(
    _ number: UInt32,
    _ input: borrowing MutableRawSpan,
    in data: Range<Int>,
    _ replies: inout Replies
  ) {
    guard let option = Option(rawValue: number) else {
      replies.put(.unsupported, to: number, "no such option")
      return
    }
    switch option {
    case .exportName: return enter(input, in: data, &replies)
    case .abort:
      replies.put(.acknowledged, to: number)
      phase = .ended(.bidden)
      return
    default: break
    }
    guard !isEnding else {
      replies.put(.shutdown, to: number, "the server ends")
      return
    }
    switch option {
    case .list:
      guard isWithoutData(data, number, &replies) else { return }
      list(number, &replies)
    case .startTLS:
      guard isWithoutData(data, number, &replies) else { return }
      replies.put(.policy, to: number, "TLS is not offered here")
    case .structuredReply:
      guard isWithoutData(data, number, &replies) else { return }
      agreement.isStructured = true
      replies.put(.acknowledged, to: number)
    case .info, .go: inform(option, input, in: data, &replies)
    case .listMetaContext, .setMetaContext:
      negotiateContext(option, input, in: data, &replies)
    case .exportName, .abort: break
    }
  }

  private func isWithoutData(
    _ data: Range<Int>,
    _ option: UInt32,
    _ replies: inout Replies
  ) -> Bool {
    if data.isEmpty { return true }
    replies.put(.invalid, to: option, "the option takes no data")
    return false
  }

  var transmissionFlags: UInt16 {
    TransmissionFlags.always
      | (agreement.isStructured ? TransmissionFlags.unfragmented : 0)
  }

  /// EXPORT_NAME: the one option that cannot be refused but by the end.
  private mutating func enter(
    _ input: borrowing MutableRawSpan,
    in name: Range<Int>,
    _ replies: inout Replies
  ) {
    guard Export.isNamed(input, in: name) else {
      phase = .ended(.noSuchExport)
      return
    }
    guard !isEnding else {
      phase = .ended(.shutdown)
      return
    }
    replies.put(exportSize)
    replies.put(transmissionFlags)
    if !agreement.omitsZeroes {
      for _ in 0..<31 { replies.put(UInt32(0)) }
    }
    phase = .request
  }

  private func list(_ option: UInt32, _ replies: inout Replies) {
    let name = Export.name.utf8CodeUnitCount
    let description = Export.description.utf8CodeUnitCount
    replies.put(.server, to: option, dataCount: 4 &+ name &+ description)
    replies.put(UInt32(truncatingIfNeeded: name))
    replies.put(Export.name)
    replies.put(Export.description)
    replies.put(.acknowledged, to: option)
  }

  /// INFO and GO.
  private mutating func inform(
    _ option: Option,
    _ input: borrowing MutableRawSpan,
    in data: Range<Int>,
    _ replies: inout Replies
  ) {
    let number = option.rawValue
    let end = data.upperBound
    guard let name = input.string(at: data.lowerBound, until: end),
      name.upperBound <= end &- 2
    else {
      replies.put(.invalid, to: number, "the name is longer than the data")
      return
    }
    let list = name.upperBound &+ 2
    let count = Int(input.bigEndian(at: name.upperBound, as: UInt16.self))
    guard end &- list == 2 &* count else {
      replies.put(.invalid, to: number, "the requests do not fill the data")
      return
    }
    guard name.count <= Limit.string else {
      replies.put(.tooBig, to: number, "the name is too long")
      return
    }
    guard Export.isNamed(input, in: name) else {
      replies.put(.unknown, to: number, "no such export")
      return
    }
    put(.export, to: number, &replies)
    var wanted = 0
    for index in 0..<count {
      let item = input.bigEndian(at: list &+ 2 &* index, as: UInt16.self)
      if item < 4 { wanted |= 1 << Int(item) }
    }
    if wanted & 1 << 1 != 0 { put(.name, to: number, &replies) }
    if wanted & 1 << 2 != 0 { put(.description, to: number, &replies) }
    if wanted & 1 << 3 != 0 { put(.blockSize, to: number, &replies) }
    replies.put(.acknowledged, to: number)
    if option == .go { phase = .request }
  }

  private func put(
    _ information: Information,
    to option: UInt32,
    _ replies: inout Replies
  ) {
    let text: StaticString =
      information == .name ? Export.name : Export.description
    let count =
      switch information {
      case .export: 10
      case .name, .description: text.utf8CodeUnitCount
      case .blockSize: 12
      }
    replies.put(.info, to: option, dataCount: 2 &+ count)
    replies.put(information.rawValue)
    switch information {
    case .export:
      replies.put(exportSize)
      replies.put(transmissionFlags)
    case .name, .description: replies.put(text)
    case .blockSize:
      // Any byte can be read and written; blocks are what is verified.
      replies.put(UInt32(1))
      replies.put(UInt32(4096))
      replies.put(Limit.payload)
    }
  }
}
