// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Stage two, from part files to the entries of the distribution's initrd, in
// one pass: parts -> checksum -> decoder -> checksum -> reader -> sink.

/// What stage two has turned out to be.
public enum StageTwoError: Error, Equatable, Sendable {
  /// A part could not be read.
  case part(UInt32, PartError)
  /// A part ends before its size in the manifest, at this offset.
  case shortPart(UInt32, at: UInt64)
  /// A part goes on behind its size in the manifest, which is this.
  case longPart(UInt32, at: UInt64)
  /// A part is not what was packed.
  case damagedPart(UInt32)
  /// There are more parts than the manifest knows, from this one on.
  case surplusPart(UInt32)
  /// The decoder refuses what stands near this offset of the part.
  case corrupt(UInt32, at: UInt64)
  /// There is no memory for the decoder.
  case noMemory
  /// The compressed stream has no end in the last part.
  case unfinished
  /// As many bytes were unpacked as this, and not as many as were packed.
  case wrongSize(UInt64)
  /// The unpacked bytes are not those that were packed.
  case wrongChecksum
  /// The unpacked bytes are no archive, or the sink refused an entry.
  case archive(ArchiveError)
}

/// Unpacks stage two.
public struct StageTwo: ~Copyable {
  private static let inputSize = 32 << 10
  private static let outputSize = 64 << 10

  private let manifest: Manifest
  private var decoder: Decoder
  private var reader: NewcReader
  private var checksum = Checksum()
  private var unpacked: UInt64 = 0
  private var hasEnded = false

  /// Unpacks all parts into `sink` and says how many entries they hold.
  ///
  /// Whatever is wrong with them is thrown before this returns; the sink may
  /// have got entries by then, which nobody must use.
  public static func unpack<
    Parts: PartSource & ~Copyable,
    Sink: ArchiveSink & ~Copyable
  >(
    _ manifest: Manifest,
    from parts: inout Parts,
    to sink: inout Sink
  ) throws(StageTwoError) -> UInt64 {
    var stage = try StageTwo(manifest)
    var input = [UInt8](repeating: 0, count: inputSize)
    var output = [UInt8](repeating: 0, count: outputSize)
    for part in 0..<manifest.partCount {
      try stage.take(part, from: &parts, by: &input, &output, to: &sink)
    }
    try stage.finish()
    do throws(PartError) {
      try parts.open(manifest.partCount)
    } catch {
      guard error == .missing else { throw .part(manifest.partCount, error) }
      return stage.reader.entryCount
    }
    throw .surplusPart(manifest.partCount)
  }

  private init(_ manifest: Manifest) throws(StageTwoError) {
    do { decoder = try Decoder() } catch { throw .noMemory }
    reader = NewcReader(limit: manifest.unpackedSize)
    self.manifest = manifest
  }

  private mutating func take<
    Parts: PartSource & ~Copyable,
    Sink: ArchiveSink & ~Copyable
  >(
    _ part: UInt32,
    from parts: inout Parts,
    by input: inout [UInt8],
    _ output: inout [UInt8],
    to sink: inout Sink
  ) throws(StageTwoError) {
    var partChecksum = Checksum()
    let size = manifest.size(ofPart: part)
    var position: UInt64 = 0
    do { try parts.open(part) } catch { throw .part(part, error) }
    while true {
      let count: Int
      do throws(PartError) {
        var room = input.mutableSpan
        count = try parts.read(into: &room)
      } catch {
        throw .part(part, error)
      }
      guard count > 0 else { break }
      guard count <= input.count, UInt64(count) <= size - position else {
        throw .longPart(part, at: size)
      }
      let bytes = input.span.extracting(0..<count)
      partChecksum.update(bytes)
      try decode(bytes, of: part, at: position, by: &output, to: &sink)
      position += UInt64(count)
    }
    guard position == size else { throw .shortPart(part, at: position) }
    guard partChecksum.value == manifest.partChecksums[Int(part)] else {
      throw .damagedPart(part)
    }
  }

  private mutating func decode<Sink: ArchiveSink & ~Copyable>(
    _ bytes: Span<UInt8>,
    of part: UInt32,
    at position: UInt64,
    by output: inout [UInt8],
    to sink: inout Sink
  ) throws(StageTwoError) {
    var taken = 0
    var isFull = false
    while taken < bytes.count || isFull {
      let place = position &+ UInt64(taken)
      // Bytes behind the end marker.
      guard !hasEnded else { throw .corrupt(part, at: place) }
      let step: Decoder.Step
      do throws(Decoder.Refusal) {
        var room = output.mutableSpan
        let rest = bytes.extracting(taken..<bytes.count)
        step = try decoder.run(rest, into: &room)
      } catch {
        switch error {
        case .corrupt: throw .corrupt(part, at: place)
        case .memory: throw .noMemory
        }
      }
      // A decoder that neither takes nor gives would keep us here for ever.
      guard step.taken > 0 || step.given > 0 || step.ended || isFull else {
        throw .corrupt(part, at: place)
      }
      taken += step.taken
      hasEnded = step.ended
      isFull = step.given == output.count && !hasEnded
      guard step.given > 0 else { continue }
      try deliver(output.span.extracting(0..<step.given), to: &sink)
    }
  }

  private mutating func deliver<Sink: ArchiveSink & ~Copyable>(
    _ bytes: Span<UInt8>,
    to sink: inout Sink
  ) throws(StageTwoError) {
    unpacked &+= UInt64(bytes.count)
    guard unpacked <= manifest.unpackedSize else { throw .wrongSize(unpacked) }
    checksum.update(bytes)
    let read: Int
    do { read = try reader.feed(bytes, to: &sink) } catch {
      throw .archive(error)
    }
    guard read == bytes.count else { throw .archive(.junk(at: reader.offset)) }
  }

  private func finish() throws(StageTwoError) {
    guard hasEnded else { throw .unfinished }
    guard unpacked == manifest.unpackedSize else { throw .wrongSize(unpacked) }
    guard checksum.value == manifest.unpackedChecksum else {
      throw .wrongChecksum
    }
    do { try reader.finish() } catch { throw .archive(error) }
  }
}
