// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory

/// Frames of ordinary memory that a test can damage.
final class PlainFrames: FrameAccess {
  let slotCount: UInt32
  var bytes: [UInt8]

  init(slotCount: UInt32) {
    self.slotCount = slotCount
    bytes = Array(repeating: 0, count: Int(slotCount) * Frame.size)
  }

  func read(_ slot: UInt32, into span: inout MutableRawSpan) {
    precondition(slot < slotCount)
    let first = Int(slot) * Frame.size
    span.withUnsafeMutableBytes { span in
      span.copyBytes(from: bytes[first..<(first + Frame.size)])
    }
  }

  /// Has nothing to do: here writing is storing in order.
  func fence() {}

  func write(_ slot: UInt32, from span: RawSpan) {
    precondition(slot < slotCount)
    let first = Int(slot) * Frame.size
    span.withUnsafeBytes { span in
      bytes.replaceSubrange(first..<(first + Frame.size), with: span)
    }
  }

  subscript(slot: UInt32) -> ArraySlice<UInt8> {
    let first = Int(slot) * Frame.size
    return bytes[first..<(first + Frame.size)]
  }

  /// Flips one bit of a slot.
  func damage(_ slot: UInt32, bit: Int = 1000) {
    bytes[Int(slot) * Frame.size + bit / 8] ^= 1 << UInt8(bit % 8)
  }
}
