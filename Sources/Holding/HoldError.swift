// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Why nothing is held.
public enum HoldError: Error, Equatable, Sendable {
  /// The image cannot be read.
  case image(Errno)
  /// The file is no image, or a damaged one, near this byte.
  case notImage(at: UInt64)
  /// The image has no stage two in it.
  case noParts
  /// The parts of stage two are not in order, or too many.
  case badParts
  /// There is no memory, or it cannot be locked.
  case memory(Errno)
  /// The kernel does not say where the pages are: that takes CAP_SYS_ADMIN.
  case frames
  /// The record cannot be written.
  case record(Errno)

  /// The error in words.
  public var sentence: Line {
    switch self {
    case .image(let errno): "the image cannot be read: \(errno)"
    case .notImage(let place):
      "no image of `oldmem pack`, or a damaged one: see byte \(place)"
    case .noParts:
      "no stage two in it; hold what `oldmem pack --stage-two` wrote"
    case .badParts: "its stage two is not as oldmem packs it; pack it again"
    case .memory(let errno):
      "no memory that can be locked (ulimit -l): \(errno)"
    case .frames:
      "the kernel does not say where memory lies: CAP_SYS_ADMIN is needed"
    case .record(let errno): "the record cannot be written: \(errno)"
    }
  }
}
