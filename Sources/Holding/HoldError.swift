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
    case .notImage(let place): "this is no image: see byte \(place)"
    case .noParts: "the image has no stage two in it"
    case .badParts: "the image's stage two is not as oldmem packs it"
    case .memory(let errno): "no memory that can be locked: \(errno)"
    case .frames:
      "the kernel does not say where memory lies: CAP_SYS_ADMIN is needed"
    case .record(let errno): "the record cannot be written: \(errno)"
    }
  }
}
