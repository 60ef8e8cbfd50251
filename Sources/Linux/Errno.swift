// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The number that a failed system call leaves behind.
public struct Errno: Error, Equatable, Sendable {
  /// The kernel's positive error number.
  public let code: Int32

  /// Makes an errno of the kernel's positive error number.
  public init(_ code: Int32) { self.code = code }

  /// EPERM: not permitted.
  public static let notPermitted = Errno(1)
  /// ENOENT: no such file or directory.
  public static let noEntry = Errno(2)
  /// EIO: input or output error.
  public static let inputOutput = Errno(5)
  /// EAGAIN: not now.
  public static let tryAgain = Errno(11)
  /// EBUSY: somebody else has it.
  public static let busy = Errno(16)
  /// EEXIST: it is there already.
  public static let exists = Errno(17)
  /// EINVAL: the kernel does not take these arguments.
  public static let invalid = Errno(22)
  /// ENOSPC: no room is left.
  public static let noSpace = Errno(28)
  /// EOPNOTSUPP: not something this device does.
  public static let notSupported = Errno(95)
  /// EADDRINUSE: somebody else has the name.
  public static let nameTaken = Errno(98)
  /// ECONNABORTED: who knocked has gone.
  public static let connectionAborted = Errno(103)
  /// ECONNREFUSED: nobody listens.
  public static let connectionRefused = Errno(111)

  /// What the number means, in the words that the kernel's users know.
  public var meaning: StaticString {
    switch code {
    case 1: "not permitted"
    case 2: "no such file or directory"
    case 5: "input/output error"
    case 6: "no such device or address"
    case 9: "bad file descriptor"
    case 11: "try again"
    case 12: "out of memory"
    case 13: "permission denied"
    case 14: "bad address"
    case 16: "device or resource busy"
    case 17: "file exists"
    case 19: "no such device"
    case 20: "not a directory"
    case 22: "invalid argument"
    case 28: "no space left"
    case 36: "file name too long"
    case 38: "not implemented in this kernel"
    case 95: "not supported"
    case 98: "address already in use"
    case 99: "address not available"
    case 105: "no buffer space"
    case 111: "connection refused"
    case 125: "cancelled"
    case 129: "key rejected"
    default: "see errno(3)"
    }
  }
}

/// Turns the shim's "negative errno or result" into a result or a throw.
@inline(__always)
func checked<T: SignedInteger & FixedWidthInteger>(
  _ result: T
) throws(Errno) -> T {
  guard result >= 0 else { throw Errno(Int32(truncatingIfNeeded: -result)) }
  return result
}

/// Like `checked`, for calls whose result says nothing more.
@inline(__always)
func succeed(_ result: Int32) throws(Errno) {
  guard result >= 0 else { throw Errno(-result) }
}

/// Runs `body` and says its error in the caller's own terms.
@inline(__always)
public func attempt<T: ~Copyable, Cause: Error, E: Error>(
  _ say: (Cause) -> E,
  _ body: () throws(Cause) -> T
) throws(E) -> T {
  do throws(Cause) { return try body() } catch { throw say(error) }
}
