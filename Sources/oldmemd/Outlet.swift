// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Memory
import Rescue
import RescueStream

/// Where a log goes: a place of one sort, or nowhere, for who wants to know how
/// long it is.
///
/// One type for all of them, since what reads a log is compiled for each.
struct Outlet: ByteSink, ~Copyable {
  private var file: DescriptorSink?
  private var area: LogArea?
  private var stream: Held<SealedSink<SocketChannel>>?
  /// Bytes that were taken.
  private(set) var count: UInt64 = 0
  /// Whether there was no room for the beginning.
  private(set) var isCut = false

  /// Nowhere.
  init() {}

  /// A file, a device or a socket.
  init(_ file: consuming Descriptor) {
    self.file = DescriptorSink(file)
  }

  /// A disk's place for a log.
  init(_ area: consuming LogArea) {
    isCut = area.isCut
    self.area = consume area
  }

  /// Whoever has the key.
  init(_ stream: consuming SealedSink<SocketChannel>) {
    self.stream = Held(stream)
  }

  @inline(never)
  mutating func write(_ bytes: RawSpan) -> Bool {
    guard
      file?.write(bytes) ?? area?.write(bytes) ?? stream?.held.write(bytes)
        ?? true
    else { return false }
    count += UInt64(bytes.byteCount)
    return true
  }

  /// Waits for what was written to arrive.
  mutating func end() throws(RescueError) {
    do throws(Errno) { try file?.end() } catch { throw .target(error) }
    try area?.end()
    do throws(StreamError) { try stream?.held.end(isWhole: true) } catch {
      throw .stream(error)
    }
  }
}

/// Where a dump goes, likewise.
struct DumpOutlet: PlacedSink, ~Copyable {
  private var file: PlacedFile?
  private var area: DumpArea<PreparedDisk>?
  private var stream: Held<SealedSink<SocketChannel>>?
  private var console: Held<LineSink<DescriptorSink>>?
  /// How many bytes there is room for.
  let room: UInt64

  /// A new file.
  init(_ file: consuming PlacedFile) {
    room = file.room
    self.file = consume file
  }

  /// A line of 115,200 bits a second takes half a second for a page.
  private(set) var pagesAtOnce = 16

  /// A disk's place for a dump.
  init(_ area: consuming DumpArea<PreparedDisk>) {
    room = area.room
    self.area = consume area
  }

  /// Whoever has the key.
  init(_ stream: consuming SealedSink<SocketChannel>) {
    self.stream = Held(stream)
    room = .max
  }

  /// A console, in lines.
  init(console: consuming LineSink<DescriptorSink>) {
    self.console = Held(console)
    pagesAtOnce = 1
    room = 1 << 40 - 1
  }

  mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    file?.write(bytes, at: offset) ?? area?.write(bytes, at: offset)
      ?? stream?.held.write(bytes, at: offset) ?? console?.held.write(
        bytes,
        at: offset
      )
      ?? false
  }

  mutating func barrier() -> Bool {
    file?.barrier() ?? area?.barrier() ?? stream?.held.barrier()
      ?? console?.held.barrier() ?? false
  }

  /// Says where it is kept that the dump is there.
  mutating func end(isCut: Bool) throws(RescueError) -> Bool {
    do throws(StreamError) { try stream?.held.end(isWhole: !isCut) } catch {
      throw .stream(error)
    }
    return area?.end(isCut: isCut) ?? console?.held.end(isWhole: !isCut) ?? true
  }

  /// What the kernel said when it refused something.
  mutating func problem() -> Errno {
    file?.problem ?? area?.disk.problem ?? .inputOutput
  }
}

/// A value that stays where it is: moving what is large takes code each time.
private final class Held<Value: ~Copyable> {
  var held: Value

  init(_ held: consuming Value) { self.held = held }
}
