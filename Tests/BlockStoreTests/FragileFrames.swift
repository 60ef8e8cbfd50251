// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// Frames that a test can damage between any two steps of the store.
final class FragileFrames: FrameAccess {
  let slotCount: UInt32
  var bytes: [UInt8]
  /// What happens to the frames before a slot is copied out.
  var beforeRead: ((UInt32) -> Void)?
  /// What happens to the frames after a slot was copied out.
  var afterRead: ((UInt32) -> Void)?
  /// What happens when half of a slot's new content is in place.
  var duringWrite: ((UInt32) -> Void)?
  /// How many frames were written since the last fence.
  var unfenced = 0
  /// The slots that were copied out, in order.
  var slotsRead: [UInt32] = []

  init(slotCount: UInt32) {
    self.slotCount = slotCount
    // What the crashed kernel left there.
    bytes = Array(repeating: 0xa5, count: Int(slotCount) * Frame.size)
  }

  func read(_ slot: UInt32, into span: inout MutableRawSpan) {
    precondition(slot < slotCount)
    slotsRead.append(slot)
    beforeRead?(slot)
    let first = Int(slot) * Frame.size
    span.withUnsafeMutableBytes { span in
      span.copyBytes(from: bytes[first..<(first + Frame.size)])
    }
    afterRead?(slot)
  }

  func fence() { unfenced = 0 }

  func write(_ slot: UInt32, from span: RawSpan) {
    precondition(slot < slotCount)
    unfenced += 1
    let first = Int(slot) * Frame.size
    let half = Frame.size / 2
    let content = span.withUnsafeBytes { Array($0) }
    bytes.replaceSubrange(first..<(first + half), with: content[..<half])
    duringWrite?(slot)
    bytes.replaceSubrange(
      (first + half)..<(first + Frame.size),
      with: content[half...]
    )
  }

  subscript(slot: UInt32) -> [UInt8] {
    get {
      let first = Int(slot) * Frame.size
      return Array(bytes[first..<(first + Frame.size)])
    }
    set {
      let first = Int(slot) * Frame.size
      bytes.replaceSubrange(first..<(first + Frame.size), with: newValue)
    }
  }

  /// Changes one byte, somewhere that depends on the slot, to one that it has
  /// not had for long.
  func damage(_ slot: UInt32) {
    bytes[Int(slot) * Frame.size + Int(slot) * 37 % Frame.size] &+= 1
  }
}
