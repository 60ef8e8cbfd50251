// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import Memory
internal import PageClasses

// What the page's script is given:
//
//     order     log2 of the frames of a square's side
//     squares   how many of them stand side by side
//     fold      [frame, position] of each stretch
//     nodes     [first frame, frame after the last] of each
//     sorts     [class, veto or "", copy, paint] of each sort that occurs
//     runs      base64 of the segments, each a few numbers of 7 bits a byte,
//               the lowest first, bit 7 set where another follows: frames
//               since the last segment's end; frames; sort x 2, + 1 where it
//               is not exact, and then two more: frames that are certainly of
//               the sort, frames that may be lent
//     paints    [in the light, in the dark] of each
//     grounds   the same of the page

extension PhysicalMap {
  /// All that the page's script knows, safe within a script element.
  var json: String {
    let strip = HilbertStrip(positions: fold.positions)
    var sorts: [FrameSort: Int] = [:]
    var names: [String] = []
    var bytes: [UInt8] = []
    bytes.reserveCapacity(segments.count * 4)
    var end: UInt64 = 0
    for segment in segments {
      let sort = segment.sort
      let number = sorts[sort] ?? names.count
      if number == names.count {
        sorts[sort] = number
        let veto = sort.veto.map { "\($0.name)" } ?? ""
        names.append(
          "[\"\(sort.pageClass.name)\",\"\(veto)\",\(sort.shelf),"
            + "\(sort.paint.index)]"
        )
      }
      append(segment.frames.start.value - end, to: &bytes)
      append(segment.frames.count, to: &bytes)
      append(UInt64(number) * 2 + (segment.isExact ? 0 : 1), to: &bytes)
      if !segment.isExact {
        append(segment.certain, to: &bytes)
        append(segment.reusable, to: &bytes)
      }
      end = segment.frames.end.value
    }
    let stretches = fold.stretches.map { "[\($0.frame),\($0.position)]" }
    let spans = nodes.map { "[\($0.start.value),\($0.end.value)]" }
    let paints = Paint.all.map { paint in
      "[\"\(Palette.light[paint].css)\",\"\(Palette.dark[paint].css)\"]"
    }
    let fields = [
      "\"order\":\(strip.order)", "\"squares\":\(strip.squares)",
      "\"positions\":\(fold.positions)",
      "\"fold\":[\(stretches.joined(separator: ","))]",
      "\"nodes\":[\(spans.joined(separator: ","))]",
      "\"sorts\":[\(names.joined(separator: ","))]",
      "\"paints\":[\(paints.joined(separator: ","))]",
      "\"grounds\":[\"\(Palette.light.background.css)\","
        + "\"\(Palette.dark.background.css)\"]",
      "\"runs\":\"\(Data(bytes).base64EncodedString())\"",
    ]
    return "{\(fields.joined(separator: ",\n"))}"
  }

  private func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest > 0x7f {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
