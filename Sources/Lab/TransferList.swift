// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The frames between which and a disk data is under way, as
/// lab/guest/inflight.c lists them: `first_frame count first_block buffer`.
public struct TransferList: Sendable {
  /// A frame and its counterpart on the disk.
  public struct Transfer: Sendable, Equatable {
    /// The frame's number.
    public let frame: UInt64
    /// The disk's block of 4096 bytes.
    public let block: UInt64
    /// What it is part of, such as `small-0`.
    public let buffer: String
  }

  /// One for each frame.
  public let transfers: [Transfer]

  /// The frames, each once.
  public var frames: Set<UInt64> { Set(transfers.map(\.frame)) }

  /// Reads a list, up to a NUL, since it comes from a disk; lines that are
  /// none of it are left out.
  public init(_ text: some StringProtocol) {
    var transfers: [Transfer] = []
    for line in text.prefix(while: { $0 != "\0" }).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 4, let first = UInt64(words[0]),
        let count = UInt64(words[1]), let block = UInt64(words[2]),
        first < 1 << 52, block < 1 << 52, count <= 1 << 20
      else { continue }
      for index in 0..<count {
        transfers.append(
          Transfer(
            frame: first + index,
            block: block + index,
            buffer: String(words[3])
          )
        )
      }
    }
    self.transfers = transfers
  }
}
