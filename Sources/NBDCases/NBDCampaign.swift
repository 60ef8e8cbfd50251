// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Random clients of a real server, one after another, by seed.
public struct NBDCampaign {
  private let path: String
  private let exportSize: UInt64
  // Those who have stayed, and take nothing.
  private var lingering: [RawClient] = []
  private static let mostLingering = 6
  /// How many bytes were to be sent.
  public private(set) var bytes = 0
  /// How many clients have stayed for a while.
  public private(set) var lingered = 0

  /// Of a server that listens there.
  public init(path: String, exportSize: UInt64) {
    self.path = path
    self.exportSize = exportSize
  }

  /// Runs one case; throws where the server does not answer, or hangs.
  public mutating func run(seed: UInt64) throws(ClientError) {
    let talk = RandomTalk(seed: seed, exportSize: exportSize)
    bytes += talk.bytes.count
    let client = try RawClient(path: path)
    var piece = Int.max
    if case .pieces(let size) = talk.manner { piece = size }
    switch talk.ending {
    case .halfClose:
      try client.send(talk.bytes, piece: piece)
      try client.finish()
    case .leave: try client.send(talk.bytes, piece: piece)
    case .linger:
      try client.send(talk.bytes, takes: false)
      lingering.append(client)
      lingered += 1
      if lingering.count > Self.mostLingering { lingering.removeFirst() }
    }
  }

  /// Closes the connections of those who took nothing.
  public mutating func forgetThoseWhoStayed() { lingering = [] }

  /// A client that does as it should.
  public func visit(seed: UInt64) throws(ClientError) {
    try GoodClient.visit(path: path, exportSize: exportSize, seed: seed)
  }
}
