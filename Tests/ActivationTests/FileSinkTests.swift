// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import ImagePacker
import Linux
import Testing

@testable import Activation

/// What is unpacked, as cpio(1) and stat(1) see it.
@Suite struct FileSinkTests {
  private let shop: Shop

  init() throws {
    shop = try Shop()
    try shop.bash("mkdir ours theirs")
  }

  /// Unpacks as it comes: in pieces that cut names and contents anywhere.
  private func unpack(_ archive: [UInt8], piece: Int = 777) throws {
    var sink = FileSink(below: shop["ours"])
    do throws(ArchiveError) {
      try feed(archive, piece, to: &sink)
    } catch { throw error }
  }

  private func feed<Sink: ArchiveSink & ~Copyable>(
    _ archive: [UInt8],
    _ piece: Int,
    to sink: inout Sink
  ) throws(ArchiveError) {
    var reader = NewcReader()
    var start = 0
    while start < archive.count {
      let end = min(start + piece, archive.count)
      let bytes = archive.span.extracting(start..<end)
      let taken = try reader.feed(bytes, to: &sink)
      if taken != end - start { Issue.record("\(taken) bytes taken") }
      start = end
    }
    try reader.finish()
  }

  private func unpack(_ manifest: Manifest) throws -> UInt64 {
    do {
      var parts = try PartFiles(in: shop["one/oldmem/stage2"])
      var sink = FileSink(below: shop["ours"])
      return try StageTwo.unpack(manifest, from: &parts, to: &sink)
    } catch { throw error }
  }

  private func unpack(_ fill: (inout NewcWriter) -> Void) throws {
    var writer = NewcWriter()
    fill(&writer)
    writer.trailer()
    try unpack(writer.bytes)
  }

  private func name(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A tree of everything that an initrd may hold, in tree.cpio.
  private func makeTree() throws {
    try shop.bash(
      """
      mkdir -p tree/bin tree/etc/empty tree/dev tree/lib tree/tmp
      printf '#!/bin/sh\\n' > tree/init; chmod 755 tree/init
      head -c 3000000 /dev/urandom > tree/lib/noise
      seq 9000 > tree/lib/text; : > tree/etc/nothing
      echo linked > tree/bin/one; ln tree/bin/one tree/bin/two
      ln tree/bin/one tree/etc/three; ln -s ../bin/one tree/etc/soft
      mknod tree/dev/console c 5 1; mknod tree/dev/disk b 259 70000
      mkfifo -m 600 tree/dev/pipe
      chmod 1777 tree/tmp; chmod 2750 tree/etc; chmod 0 tree/lib/text
      long=$(printf '%0200d' 7); mkdir -p tree/$long; : > tree/$long/$long
      chown 12:34 tree/etc/nothing tree/lib; chown -h 56:78 tree/etc/soft
      chown 12:34 tree/bin/one; chmod 6755 tree/bin/one
      find tree -exec touch -h -d @1234567890 {} +
      (cd tree && find . | LC_ALL=C sort | cpio --quiet -o -H newc) > tree.cpio
      """
    )
  }

  /// Modes, owners, links, sizes, targets, devices, contents, and the times
  /// of files and nodes: cpio(1) leaves those of symbolic links alone, and we
  /// those of folders.
  private func sameTrees() throws {
    try shop.bash(
      """
      see() {
        (cd $1 && find . -printf '%P %y %m %U:%G %l\\n' | LC_ALL=C sort
         find . ! -type d ! -type l -printf '%P %n %s %T@\\n' | LC_ALL=C sort
         find dev -type b -o -type c | sort | xargs stat -c '%n %t,%T')
      }
      test $(stat -c %Y ours/etc/soft) = 1234567890
      see ours > a; see theirs > b; diff a b >&2
      diff -r --no-dereference ours/lib theirs/lib >&2
      test ours/bin/one -ef ours/etc/three
      """
    )
  }

  @Test(arguments: [1, 777, 1 << 20]) func theTreeIsWhatCpioExtracts(
    piece: Int
  ) throws {
    try makeTree()
    // Byte by byte, less will do.
    if piece == 1 {
      try shop.bash(
        """
        truncate -s 5000 tree/lib/noise; touch -d @1234567890 tree/lib/noise
        (cd tree && find . | cpio --quiet -o -H newc) > tree.cpio
        """
      )
    }
    try shop.bash("cd theirs && cpio --quiet -idm < ../tree.cpio")
    try unpack(try shop.read("tree.cpio"), piece: piece)
    try sameTrees()
  }

  /// The whole way of a packed image, as the capture kernel goes it.
  @Test func aPackedImageIsUnpackedAndItsPartsAreGone() throws {
    try makeTree()
    try shop.bash(
      """
      zstd -q tree.cpio -o initrd; echo daemon > oldmemd
      mkdir modules; touch modules/modules.{dep,builtin}
      """
    )
    let folder = shop.folder
    var request = PackRequest(
      initrd: folder + "/initrd",
      modules: folder + "/modules",
      daemon: folder + "/oldmemd"
    )
    request.moduleNames = []
    let (image, report) = try ImagePacker.pack(request)
    #expect(report.partCount > 1)
    try shop.write("image", image)
    try shop.bash(
      """
      mkdir one; (cd one && cpio --quiet -idm < ../image)
      cd theirs && cpio --quiet -idm < ../tree.cpio
      """
    )
    let bytes = try shop.read("one/oldmem/stage2/manifest")
    let manifest = try Manifest(bytes.span)
    let count = try unpack(manifest)
    #expect("\(count)\n" == (try shop.bash("find tree | wc -l")))
    try sameTrees()
    #expect(try shop.bash("ls one/oldmem/stage2") == "manifest\n")
  }

  @Test func anEntryOfAnotherKindIsReplaced() throws {
    try shop.bash(
      """
      cd ours; mkdir a b c d; echo old > e; echo old > f; ln -s /etc g
      ln -s e h; echo much longer than before > i; mkdir -m 700 j; mkfifo k
      """
    )
    try unpack { archive in
      archive.file(name("a"), data: name("new"))
      archive.symlink(name("b"), to: name("x"))
      archive.node(name("c"), .fifo, major: 0, minor: 0)
      archive.links([name("l1"), name("d")], data: name("two"))
      archive.directory(name("e"))
      archive.symlink(name("f"), to: name("y"))
      archive.directory(name("g"))
      archive.file(name("h"), data: name("new"))
      archive.file(name("i"), data: name("short"))
      archive.directory(name("j"), EntryAttributes(permissions: 0o751))
      archive.file(name("k"), data: [])
    }
    #expect(
      try shop.bash(
        "cd ours && find . ! -name . -printf '%P%y%s%l\\n' | sort | tr '\\n' ' '"
          + "| sed -E 's/([egj]d)[0-9]+/\\1/g'"
      ) == "af3 bl1x cp0 df3 ed fl1y gd hf3 if5 jd kf0 l1f3 "
    )
    #expect(try shop.bash("stat -c %a ours/j; cat ours/i") == "751\nshort")
  }

  @Test func aFolderWithContentIsNotReplaced() throws {
    try shop.bash("mkdir -p ours/a; echo kept > ours/a/b")
    // ENOTEMPTY
    #expect(
      throws: ArchiveError.sink(at: 0, .failed(errno: 39))
    ) { try unpack { $0.file(name("a"), data: name("new")) } }
    #expect(try shop.bash("cat ours/a/b") == "kept\n")
  }

  @Test func aFolderThatIsMissingIsAnError() throws {
    #expect(
      throws: ArchiveError.sink(at: 0, .failed(errno: Errno.noEntry.code))
    ) { try unpack { $0.file(name("a/b"), data: name("new")) } }
  }

  @Test func aLaterArchiveIsStronger() throws {
    try unpack { archive in
      archive.file(name("init"), data: name("first"))
      archive.trailer()
      archive.file(
        name("init"),
        EntryAttributes(permissions: 0o4755, uid: 3, gid: 4, mtime: 5),
        data: name("second")
      )
    }
    #expect(
      try shop.bash("cd ours; cat init; stat -c ' %a %u %g %Y' init")
        == "second 4755 3 4 5\n"
    )
  }

  @Test func dataWithoutAFileIsRefused() {
    #expect(throws: SinkError.failed(errno: Errno.invalid.code)) {
      try writeNowhere()
    }
  }

  private func writeNowhere() throws {
    var sink = FileSink(below: shop["ours"])
    let bytes: [UInt8] = [1]
    try sink.data(bytes.span)
  }
}
