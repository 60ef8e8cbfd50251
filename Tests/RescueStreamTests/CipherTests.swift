// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import CSeal
import Testing

@testable import RescueStream

/// The cipher and the keys, judged by what the RFCs print.
@Suite struct CipherTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).compactMap { index in
      let start = digits.index(digits.startIndex, offsetBy: index)
      return UInt8(digits[start...digits.index(after: start)], radix: 16)
    }
  }

  /// RFC 8439, appendix A.5; its nonce is of the kind that we use.
  private static let key = bytes(
    "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"
  )
  private static let head = bytes("f33388860000000000004e91")
  private static let number: UInt64 = 0x0807_0605_0403_0201
  private static let sealed = bytes(
    """
    64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2
    4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf
    332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855
    9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4
    b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e
    af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a
    0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10
    49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29
    a6ad5cb4022b02709b
    """
  )
  private static let tag = bytes("eead9d67890cbb22392336fea1851f38")
  private static let text = Array(
    ("Internet-Drafts are draft documents valid for a maximum of six months "
      + "and may be updated, replaced, or obsoleted by other documents at any "
      + "time. It is inappropriate to use Internet-Drafts as reference "
      + "material or to cite them other than as /\u{201c}work in progress./"
      + "\u{201d}").utf8
  )

  @Test func theVectorOfRFC8439IsOpenedAndClosed() {
    var bytes = Self.sealed
    #expect(
      seal_open(
        Self.key,
        Self.number,
        Self.head,
        Self.head.count,
        &bytes,
        bytes.count,
        Self.tag
      ) == 1
    )
    #expect(bytes == Self.text)
    var tag = [UInt8](repeating: 0, count: 16)
    seal_close(
      Self.key,
      Self.number,
      Self.head,
      Self.head.count,
      &bytes,
      bytes.count,
      &tag
    )
    #expect(bytes == Self.sealed)
    #expect(tag == Self.tag)
  }

  @Test func whatIsNotAsItWasSealedIsNotShown() {
    for bit in 0..<128 {
      var (bytes, tag) = (Self.sealed, Self.tag)
      tag[bit / 8] ^= 1 << (bit % 8)
      let isSound = seal_open(
        Self.key,
        Self.number,
        Self.head,
        Self.head.count,
        &bytes,
        bytes.count,
        tag
      )
      #expect(isSound == 0)
      #expect(bytes.allSatisfy { $0 == 0 })
    }
  }

  /// RFC 4231, cases 1 to 4: keys of at most 64 bytes.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(1...25), [UInt8](repeating: 0xcd, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
  ])
  func theVectorsOfRFC4231Agree(key: [UInt8], text: [UInt8], code: String) {
    let found = SessionKeys.authenticate(text, by: key)
    #expect([UInt8](found) == Self.bytes(code))
  }

  @Test func aKeyIsDigitsOrBytes() {
    let digits = String(repeating: "0aF9", count: 16)
    let key = StreamKey(file: Array(digits.utf8).span)
    #expect([UInt8](key?.bytes ?? .init(repeating: 0)) == Self.bytes(digits))
    #expect(StreamKey(file: Array((digits + "\n").utf8).span) != nil)
    #expect(StreamKey(file: Self.bytes(digits).span) != nil)
    for text in ["", "00", digits + "0", "x" + digits.dropFirst(), "\n"] {
      #expect(StreamKey(file: Array(text.utf8).span) == nil)
    }
  }
}
