// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Foundation

/// Text as it stands in HTML and in SVG.
public enum Markup {
  /// Text in an element or in an attribute, whatever is in it.
  public static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      // XML has none of these.
      case "\0"..."\u{8}", "\u{b}"..."\u{c}", "\u{e}"..."\u{1f}",
        "\u{fffe}"..."\u{ffff}":
        out += "\u{fffd}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// A script or a style as a Content-Security-Policy names it: sha256-...
  public static func digest(_ text: String) -> String {
    let digest = Digest(of: Array(text.utf8).span)
    let bytes = (0..<Digest.size).map { digest.bytes[$0] }
    return "sha256-" + Data(bytes).base64EncodedString()
  }
}
