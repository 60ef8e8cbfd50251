// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import BootImage
import Foundation
import TestPrograms
import Testing

/// A scratch folder that is gone with its owner, and a shell within it.
final class Workshop: Sendable {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "oldmem-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  /// What a bash script says, run in the folder; it must succeed.
  @discardableResult
  func bash(_ script: String) throws -> String {
    try ProgramRun.bash(script, in: folder)
  }

  /// A tree with one of everything that an initrd may hold, and its archive
  /// by cpio(1), tree.cpio.
  func makeTree() throws {
    try bash(
      """
      mkdir -p tree/bin tree/etc/empty tree/dev tree/lib
      printf '#!/bin/sh\\nexec /bin/sh\\n' > tree/init; chmod 755 tree/init
      head -c 1200000 /dev/urandom > tree/lib/noise
      seq 9000 > tree/lib/text; : > tree/etc/nothing
      echo linked > tree/bin/one; ln tree/bin/one tree/bin/two
      ln tree/bin/one tree/etc/three; ln -s ../bin/one tree/etc/soft
      mknod tree/dev/console c 5 1; mknod tree/dev/disk b 259 70000
      mkfifo tree/dev/pipe; chmod 4755 tree/bin/one
      long=$(printf '%0200d' 7); mkdir -p tree/$long; : > tree/$long/$long
      touch -h -d @1234567890 tree/bin/one tree/etc/soft tree/etc/nothing
      chown 12:34 tree/etc/nothing
      (cd tree && find . | LC_ALL=C sort | cpio --quiet -o -H newc) > tree.cpio
      """
    )
  }

  /// A modules folder: `last` needs `second`, which needs `first`.
  func makeModules() throws {
    try bash(
      """
      mkdir -p modules/kernel; cd modules
      for m in first second last-one; do echo "this is $m" > kernel/$m.ko; done
      xz --check=crc32 kernel/second.ko; zstd -q --rm kernel/last-one.ko
      gzip kernel/first.ko
      echo kernel/inside.ko > modules.builtin
      echo kernel/first.ko.gz: > modules.dep
      echo kernel/second.ko.xz: kernel/first.ko.gz >> modules.dep
      echo kernel/last-one.ko.zst: kernel/second.ko.xz kernel/first.ko.gz \
        >> modules.dep
      """
    )
  }
}
