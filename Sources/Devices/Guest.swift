// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// Machines whose memory a second kernel cannot simply write to.
public enum Guest {
  /// Why old memory is left alone on this machine.
  public enum Refusal: Sendable {
    /// SEV, SEV-ES, SEV-SNP or TDX: memory is encrypted or owned page by page.
    case confidential
    /// Xen: frame numbers are not the machine's.
    case xen

    /// The refusal in words.
    public var sentence: StaticString {
      switch self {
      case .confidential: "a confidential guest (SEV or TDX)"
      case .xen: "a Xen guest"
      }
    }
  }

  /// Why this machine is refused; nil when it is not.
  ///
  /// The flags of /proc/cpuinfo show what the processor offers; only under a
  /// hypervisor do SEV's mean that this kernel itself is encrypted.
  public static func refusal() -> Refusal? {
    if Files.exists("/proc/xen/capabilities") { return .xen }
    guard let text = try? Files.read("/proc/cpuinfo", limit: 16 << 10) else {
      return nil
    }
    return refusal(flags: text.span)
  }

  static func refusal(flags text: Span<UInt8>) -> Refusal? {
    guard contains("hypervisor", in: text) else { return nil }
    for word: StaticString in [
      "tdx_guest", "sev", "sev_es", "sev_snp",
    ] where contains(word, in: text) {
      return .confidential
    }
    return nil
  }

  /// Whether `word` stands in the text between blanks.
  private static func contains(
    _ word: StaticString,
    in text: Span<UInt8>
  ) -> Bool {
    word.withUTF8Buffer { word in
      var start = 0
      for index in 0...text.count {
        let isBlank =
          index == text.count || text[index] == 0x20 || text[index] == 0x0a
        guard isBlank else { continue }
        if index - start == word.count {
          var same = true
          for offset in 0..<word.count
          where unsafe text[start + offset] != word[offset] {
            same = false
            break
          }
          if same { return true }
        }
        start = index + 1
      }
      return false
    }
  }
}
