// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// One line that a guest writes to its virtio-serial port.
///
///     fact KEY VALUE...      goes into result.json
///     snapshot NAME          memory is wanted as file NAME; the guest waits
///                            for the answer, `done` or `failed`
///     damage KEY             that line of VMCOREINFO is to be made
///                            unreadable; the guest waits for the answer
///     balloon MIB            that much memory is to be taken away; the
///                            guest waits for the answer
///     verdict pass|fail WHY  what the guest thinks of it
///
/// On the console the same lines begin with `lab: `; facts are taken from
/// there too, for guests that are too small for a second port.
public enum GuestMessage: Sendable, Equatable {
  /// Something to remember.
  case fact(key: String, value: String)
  /// A copy of all memory is wanted under this name.
  case snapshot(name: String)
  /// A line of VMCOREINFO is to be made unreadable.
  case damage(key: String)
  /// Memory is to be taken away, in mebibytes.
  case balloon(mebibytes: Int)
  /// The guest's own opinion.
  case verdict(passed: Bool, reason: String)
  /// Not of this protocol.
  case other(String)

  /// Reads a line; it never fails, since a crashing guest may say anything.
  public init(line: String) {
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    let tail = words.count > 2 ? words[2] : ""
    switch (words.first, words.count) {
    case ("fact", 2...): self = .fact(key: words[1], value: tail)
    case ("snapshot", 2) where Self.isFileName(words[1]):
      self = .snapshot(name: words[1])
    case ("damage", 2): self = .damage(key: words[1])
    case ("balloon", 2):
      let size = Int(words[1]).flatMap { (1...1 << 20).contains($0) ? $0 : nil }
      self = size.map { .balloon(mebibytes: $0) } ?? .other(line)
    case ("verdict", 2...) where words[1] == "pass" || words[1] == "fail":
      self = .verdict(passed: words[1] == "pass", reason: tail)
    default: self = .other(line)
    }
  }

  /// Whether a guest's name may become a file of ours.
  private static func isFileName(_ name: String) -> Bool {
    name.count <= 64 && name.first != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }
}
