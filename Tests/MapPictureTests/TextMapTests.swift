// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import FoundationXML
import Memory
import Testing

@testable import MapPicture

/// What is written, letter by letter.
@Suite struct TextMapTests {
  @Test func plainTextIsLetters() throws {
    let text = try BuiltMap.shared.get().map.text(.plain).joined(
      separator: "\n"
    )
    #expect(text == Self.rows, "\(text)")
  }

  @Test func theCurveIsLettersToo() throws {
    var style = TextStyle.plain
    style.isHilbert = true
    style.lines = 8
    let lines = try BuiltMap.shared.get().map.text(style)
    let text = lines[5..<15].joined(separator: "\n")
    #expect(text == Self.curve, "\(text)")
  }

  @Test func noLineIsWiderThanTheWindow() throws {
    let map = try BuiltMap.shared.get().map
    for columns in [40, 80, 100, 200] {
      for isHilbert in [false, true] {
        var style = TextStyle.plain
        style.columns = columns
        style.isHilbert = isHilbert
        // The legend has its own width.
        let lines = map.text(style).drop { !$0.hasPrefix("a cell") }
          .prefix { !$0.isEmpty }
        #expect(lines.allSatisfy { $0.count <= columns }, "\(columns)")
      }
    }
  }

  @Test func theMapHasNoMoreLinesThanThereIsRoomFor() throws {
    let map = try BuiltMap.shared.get().map
    for lines in [4, 10, 24, 100] {
      var style = TextStyle.plain
      style.lines = lines
      let all = map.text(style)
      let start = try #require(all.firstIndex { $0.hasPrefix("a cell") })
      let end = try #require(all[start...].firstIndex(of: ""))
      // Nodes have a line of their own each.
      #expect(end - start - 1 <= lines + 2, "\(lines)")
    }
  }

  /// With the colours taken away, what is left says the same.
  @Test(arguments: [TextStyle.Depth.palette, .full], [false, true])
  func coloursAreThoseOfThePalette(
    depth: TextStyle.Depth,
    hasHalfBlocks: Bool
  ) throws {
    let map = try BuiltMap.shared.get().map
    let style = TextStyle(
      depth: depth,
      hasHalfBlocks: hasHalfBlocks,
      columns: 80,
      lines: 32
    )
    let text = map.text(style).joined(separator: "\n")
    let codes = text.split(separator: "\u{1b}[").dropFirst()
      .map { $0.prefix { $0 != "m" } }
    let known = Set(
      Paint.all.flatMap { paint -> [String] in
        let color = Palette.dark[paint]
        return depth == .palette
          ? [38, 48].map { "\($0);5;\(Palette.terminalColor(paint))" }
          : [38, 48].map {
            "\($0);2;\(color.red);\(color.green);\(color.blue)"
          }
      } + ["0"]
    )
    #expect(codes.allSatisfy { known.contains(String($0)) })
    #expect(Set(codes).count > 8)
    #expect(text.contains("\u{2580}") == hasHalfBlocks)
    // Every line ends without colours.
    for line in text.split(separator: "\n") where line.contains("\u{1b}") {
      let last = try #require(line.split(separator: "\u{1b}[").last)
      #expect(last.hasPrefix("0m"))
    }
  }

  @Test func thePictureIsXMLWhateverTheFileIsCalled() throws {
    let name = "<b>&\"'\u{1b}]]>--></title><script>alert(1)</script>"
    let map = try BuiltMap(file: name).map
    let document = try XMLDocument(data: Data(map.svg.utf8))
    let titles = try document.nodes(forXPath: "//*[local-name()='title']")
      .compactMap(\.stringValue)
    #expect(titles.contains { $0.contains("would be lent, copy 2") })
    #expect(titles.contains { $0.contains("anonymous, may be lent") })
    #expect(titles.contains { $0.contains("node 1") })
    #expect(!map.svg.contains("<script"))
  }

  @Test func thePageHasNoElementOutOfANameAndNoNetwork() throws {
    let name = "<b>&\"'</title></script><script>alert(1)</script>"
    let page = try BuiltMap(file: name).map.page
    #expect(page.components(separatedBy: "<script").count == 3)
    #expect(!page.contains("<b>&"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("default-src 'none'"))
    for word in ["http:", "https:", "src=", "@import", "url("] {
      #expect(!page.contains(word), "\(word)")
    }
  }
}

extension TextMapTests {
  static let rows = """
    vmcore
      kernel      6.12.0
      memory      383.6 MiB, 2 nodes
      dump level  31

    a cell: 256 KiB, what most of it is; a line: 16 MiB
                 node 0 from 0x1000
    0x000000000  rrr ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
    0x001000000  rrrrrrrrrrrrrrrrFFFFFFFFkkkkkkkkkkkkkkkkkkkkkkkkkFFFFFFFFFFFFFFF
    0x002000000  CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCDDDDDDDDppppFFFF1111111111111111
    0x003000000  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaaFFFFFFFFFF1111111111111111
    0x004000000  ssssssssssssssssrrrrrrrrFFFFFFFF11111111111111111111111111111111
    0x005000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x006000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x007000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
                 ... no memory for 3968 MiB
                 node 1 from 0x100000000
    0x100000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF2222222222222222FFFFFFFFFFFFFFFF
    0x101000000  FFFFFFFFFFFFFFFF2222222222222222FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x102000000  2222222222222222FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF2222222222222222
    0x103000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x104000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x105000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x106000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x107000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x108000000  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    0x109000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10a000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10b000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10c000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10d000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10e000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
    0x10f000000  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF

          class                              size  may be lent
    1     would be lent, copy 1          16.0 MiB     16.0 MiB
    2     would be lent, copy 2          16.0 MiB     16.0 MiB
    F f   free                          330.1 MiB    315.1 MiB
    C     page cache                      8.0 MiB      8.0 MiB
    D     dirty page cache                2.0 MiB      2.0 MiB
    p     page cache with private data    1.0 MiB            -
    A a   anonymous                      25.5 MiB     25.0 MiB
    s     slab                            4.0 MiB            -
    k     kernel                          6.4 MiB            -
    r     reserved                        6.6 MiB            -
    x     hwpoison                          4 KiB            -

    16 MiB in 2 copies
    """

  static let curve = """
    a cell: 4 MiB, what most of it is; Hilbert's curve from the top left
    0x0             0x107000000
    ffffrrkkFFFFFFFFFFFFAAAA
    ffffFFkkFFFFFFFFFFFFAAAA
    FFAACCCCFFFFFFFFFFFFFFFF
    11AA11DDFFFFFFFFFFFFFFFF
    ssrrFFFF    FF22FFFFFFFFFFFF
    1111FFFF    FF22FFFFFFFFFFFF
    FFFFFFFFFFFFFFFFFFFFFFFF
    FFFFFFFFFF2222FFFFFFFFFF
    """
}
