// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import VMCore

extension LogError {
  /// The error in words, with the key or the address in it.
  public var sentence: String {
    switch self {
    case .noLog:
      "VMCOREINFO lacks SYMBOL(prb) and SYMBOL(log_buf)"
    case .missing(let kind, let name):
      "VMCOREINFO lacks " + Self.key(kind, name)
    case .implausible(let kind, let name, let value):
      "VMCOREINFO: " + Self.key(kind, name) + " cannot be 0x"
        + String(value, radix: 16)
    case .damaged(let part, let value):
      "the log's " + part.name.description + " cannot be 0x"
        + String(value, radix: 16)
    case .core(let error): error.sentence
    }
  }

  private static func key(
    _ kind: VMCoreInfo.Kind,
    _ name: StaticString
  ) -> String {
    kind.prefix.description + "(" + name.description + ")"
  }
}

extension LogError.Part {
  /// The variable's name in the kernel.
  public var name: StaticString {
    switch self {
    case .countBits: "count_bits"
    case .sizeBits: "size_bits"
    case .bufferLength: "log_buf_len"
    }
  }
}
