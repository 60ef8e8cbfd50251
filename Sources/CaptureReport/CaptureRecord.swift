// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// What happened in the capture kernel: oldmem-record.json, as
/// docs/record-json.md describes it.
///
/// A shell has written it while memory was short, so each part may be missing,
/// and one that makes no sense does not take the others with it.
public struct CaptureRecord: Codable, Sendable {
  /// How the dump went.
  public struct Dump: Codable, Sendable {
    /// Seconds since 1970.
    public let started: Int?
    /// How long it took.
    public let seconds: Int?
    /// How whoever saved it has ended; 0 is well.
    public let status: Int?
    /// Where it was to go.
    public let target: String?
  }

  /// What was lent.
  public struct Lent: Codable, Sendable {
    /// Pieces that lie together.
    public let runs: Int?
    /// Frames of all copies.
    public let frames: UInt64?
  }

  /// What `oldmemd status --json` said last.
  public struct Status: Codable, Sendable {
    /// How well the store did.
    public struct Health: Codable, Sendable {
      /// healthy, degraded or failing.
      public let state: String
      /// Why.
      public let reason: String
    }
    /// Damaged frames.
    public struct Damage: Codable, Sendable {
      /// All of them.
      public let total: UInt64
    }
    /// The device.
    public struct Device: Codable, Sendable {
      /// Its name.
      public let path: String?
      /// Blocks of 4096 bytes.
      public let blocks: UInt64
      /// Copies of each.
      public let copies: UInt64
    }
    /// Its health.
    public let health: Health
    /// What was damaged.
    public let damage: Damage
    /// The device.
    public let device: Device
    /// Counters by name.
    public let counters: [String: UInt64]
  }

  /// A change of the store's state.
  public struct Event: Codable, Sendable {
    /// When, in seconds since the kernel started.
    public let seconds: Double
    /// The state before, and after.
    public let from: String, to: String
    /// Why.
    public let reason: String
  }

  /// When it was saved, in seconds since 1970.
  public let saved: Int?
  /// How the dump went.
  public let dump: Dump?
  /// The capture kernel's release.
  public let kernel: String?
  /// Its command line.
  public let commandLine: String?
  /// What was lent.
  public let lent: Lent?
  /// Lines of /etc/oldmem.conf.
  public let settings: [String]
  /// /proc/meminfo at the end, in KiB.
  public let memory: [String: UInt64]
  /// What the store said last; nil where nobody answered.
  public let status: Status?
  /// Changes of its state.
  public let events: [Event]
  /// How it did over time.
  public let samples: [CaptureSample]
  /// Lines of the capture kernel's log.
  public let log: [String]

  private enum CodingKeys: String, CodingKey {
    case saved, dump, kernel, commandLine, lent, settings, memory, status
    case events, samples, log
  }

  /// Takes what makes sense, and of words what may be shown.
  public init(from decoder: any Decoder) throws {
    let parts = try decoder.container(keyedBy: CodingKeys.self)
    func part<Part: Decodable>(_ key: CodingKeys) -> Part? {
      (try? parts.decodeIfPresent(Part.self, forKey: key)) ?? nil
    }
    func words<Part: Decodable & Worded>(_ key: CodingKeys) -> Part? {
      let words: Part? = part(key)
      return words?.printable
    }
    saved = part(.saved)
    dump = words(.dump)
    kernel = words(.kernel)
    commandLine = words(.commandLine)
    lent = part(.lent)
    settings = words(.settings) ?? []
    memory = words(.memory) ?? [:]
    status = words(.status)
    events = words(.events) ?? []
    let lines: [CaptureSample.Line]? = part(.samples)
    samples = CaptureSample.inOrder(lines ?? [])
    log = words(.log) ?? []
  }

  /// The record in that file; nil where it is not one.
  public init?(path: String) {
    guard let data = FileManager.default.contents(atPath: path),
      let record = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = record
  }

  /// The line of the log that says why nothing was lent, without its time; nil
  /// where there is none.
  public var whyNothing: String? {
    log.last { $0.contains("carrying on without") }.map(Self.withoutTime)
  }

  /// The line of the log that says what was lent, without its time.
  public var whatWasLent: String? {
    log.last { $0.contains(" MiB lent, ") }.map(Self.withoutTime)
  }

  /// The most that was in swap, in KiB; nil where nobody has looked.
  public var mostSwapped: UInt64? { samples.map(\.swapped).max() }

  /// The store's last word: what it answered, or the last sample.
  public var damaged: UInt64? {
    status?.damage.total ?? samples.last { $0.store != nil }?.store?.damaged
  }

  /// Reads that found no good copy.
  public var lost: UInt64? {
    status?.counters["lost"] ?? samples.last { $0.store != nil }?.store?.lost
  }

  /// Writes that found no frame.
  public var refused: UInt64? {
    status?.counters["refused"]
      ?? samples.last { $0.store != nil }?.store?.refused
  }

  /// The state that the store was in at last.
  public var state: String? {
    status?.health.state ?? samples.last { $0.store != nil }?.store?.state
  }

  static func withoutTime(_ line: String) -> String {
    guard let end = line.range(of: "oldmem: ") else { return line }
    return String(line[end.upperBound...])
  }
}
