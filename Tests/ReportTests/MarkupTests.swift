// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Report
import Testing

/// What `printf 'a{}' | openssl dgst -sha256 -binary | base64` says.
@Test func aStyleIsNamedByItsDigest() {
  #expect(
    Markup.digest("a{}")
      == "sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk="
  )
}
