// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

/// Packs a stream into parts with their manifest.
struct StageTwoPacker: ~Copyable {
  private var encoder: Codec
  private var output = [UInt8](repeating: 0, count: 1 << 16)
  private var packed = [UInt8]()
  private var unpackedSize: UInt64 = 0
  private var checksum = Checksum()

  init() throws(PackError) {
    do {
      encoder = try Codec(encodingWithin: ImageLayout.dictionarySize)
    } catch {
      throw .encoder
    }
  }

  /// Packs the next bytes.
  mutating func add(_ bytes: Span<UInt8>) throws(PackError) {
    unpackedSize += UInt64(bytes.count)
    checksum.update(bytes)
    var taken = 0
    while taken < bytes.count {
      let rest = bytes.extracting(taken..<bytes.count)
      taken += try step(rest, isLast: false).taken
    }
  }

  /// Ends the stream and cuts it into parts.
  mutating func finish() throws(PackError) -> PackedStageTwo {
    while try !step([UInt8]().span, isLast: true).ended {}
    let size = ImageLayout.partSize
    let limit = Int(ImageLayout.partLimit) * size
    guard packed.count <= limit else { throw .tooLarge(bytes: packed.count) }
    let parts = stride(from: 0, to: packed.count, by: size).map {
      Array(packed[$0..<min($0 + size, packed.count)])
    }
    do {
      let manifest = try Manifest(
        partSize: UInt32(size),
        packedSize: UInt64(packed.count),
        unpackedSize: unpackedSize,
        unpackedChecksum: checksum.value,
        partChecksums: parts.map { Checksum.of($0.span) }
      )
      return PackedStageTwo(manifest: manifest, parts: parts)
    } catch {
      throw .encoder
    }
  }

  private mutating func step(
    _ bytes: Span<UInt8>,
    isLast: Bool
  ) throws(PackError) -> Codec.Step {
    do {
      let step = try encoder.run(bytes, into: &output, isLast: isLast)
      guard step.taken > 0 || step.given > 0 || step.ended else {
        throw Codec.Corrupt()
      }
      packed += output[..<step.given]
      return step
    } catch {
      throw .encoder
    }
  }
}

/// The parts of stage two and what they must be.
struct PackedStageTwo {
  let manifest: Manifest
  let parts: [[UInt8]]

  /// Unpacks the parts with the daemon's own code.
  func verify() throws(PackError) {
    var source = PartsInMemory(parts: parts)
    var sink = Inventory()
    do {
      _ = try StageTwo.unpack(manifest, from: &source, to: &sink)
    } catch {
      throw .verification(error)
    }
  }
}

/// Parts that need not be read from anywhere.
private struct PartsInMemory: PartSource {
  let parts: [[UInt8]]
  private var rest = [UInt8]()[...]

  init(parts: [[UInt8]]) { self.parts = parts }

  mutating func open(_ part: UInt32) throws(PartError) {
    guard part < parts.count else { throw .missing }
    rest = parts[Int(part)][...]
  }

  mutating func read(into bytes: inout MutableSpan<UInt8>) -> Int {
    let count = min(rest.count, bytes.count)
    for index in 0..<count { bytes[index] = rest[rest.startIndex + index] }
    rest = rest.dropFirst(count)
    return count
  }
}
