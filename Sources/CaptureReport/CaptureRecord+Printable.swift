// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Report

// A record's words, as they may be shown: wherever they go from here, to a
// terminal, into a page or into JSON, there is no command among them.

/// What has words in it.
protocol Worded {
  /// The same, its words `printable`.
  var printable: Self { get }
}

extension String: Worded {
  var printable: String { Report.printable(self) }
}

extension Array: Worded where Element: Worded {
  var printable: [Element] { map(\.printable) }
}

extension [String: UInt64]: Worded {
  var printable: [String: UInt64] {
    // Of keys that only differed in what is not shown, one stays.
    Dictionary(
      map { ($0.key.printable, $0.value) },
      uniquingKeysWith: Swift.max
    )
  }
}

extension CaptureRecord.Dump: Worded {
  var printable: Self {
    Self(
      started: started,
      seconds: seconds,
      status: status,
      target: target?.printable
    )
  }
}

extension CaptureRecord.Status: Worded {
  var printable: Self {
    Self(
      health: Health(
        state: health.state.printable,
        reason: health.reason.printable
      ),
      damage: damage,
      device: Device(
        path: device.path?.printable,
        blocks: device.blocks,
        copies: device.copies
      ),
      counters: counters.printable
    )
  }
}

extension CaptureRecord.Event: Worded {
  var printable: Self {
    Self(
      seconds: seconds,
      from: from.printable,
      to: to.printable,
      reason: reason.printable
    )
  }
}
