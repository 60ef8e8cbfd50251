// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import NBDCases
import Testing

/// The daemon that is shipped, judged by clients of others.
@Suite struct ForeignClientTests {
  @Test func libnbdIsContentWithEveryOptionAndCommand() throws {
    let daemon = try NBDDaemon.start()
    let script = root.appending(path: "lab/judges/nbd-commands").path
    let verdict = try judge([script, daemon.path, "\(daemon.exportSize)"])
    #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    #expect(verdict.output.hasSuffix("turned away, until one has gone\n"))
    #expect(daemon.end() == 0)
    // What no client should have sent is said, and not each time.
    let lines = daemon.complaints.split(separator: "\n")
    #expect(lines.contains { $0.contains("a request was refused") })
    #expect(lines.contains { $0.contains("all connections are in use") })
    #expect(lines.count < 20)
  }

  @Test func nbdinfoReadsWhatIsOffered() throws {
    struct Info: Decodable {
      struct Export: Decodable {
        enum CodingKeys: String, CodingKey {
          case name = "export-name"
          case size = "export-size"
          case contexts, description
          case minimum = "block_size_minimum"
          case canMultiConnect = "can_multi_conn"
        }
        var name: String
        var size: UInt64
        var contexts: [String]
        var description: String
        var minimum: Int
        var canMultiConnect: Bool
      }
      var protocolName: String
      var TLS: Bool
      var structured: Bool
      var exports: [Export]
      enum CodingKeys: String, CodingKey {
        case protocolName = "protocol"
        case TLS, structured, exports
      }
    }
    let daemon = try NBDDaemon.start(size: 100 << 20)
    for list in [[], ["--list"]] {
      let verdict = try judge(["nbdinfo", "--json"] + list + [daemon.uri])
      #expect(verdict.status == 0, "\(verdict.errors)")
      let info = try JSONDecoder().decode(
        Info.self,
        from: Data(verdict.output.utf8)
      )
      #expect(info.protocolName == "newstyle-fixed")
      #expect(!info.TLS)
      #expect(info.structured)
      let export = try #require(info.exports.first)
      #expect(info.exports.count == 1)
      #expect(export.name == "oldmem")
      #expect(export.size == 100 << 20)
      #expect(export.contexts == ["base:allocation"])
      #expect(export.description == "verified memory of oldmemd")
      #expect(export.minimum == 1)
      #expect(export.canMultiConnect)
    }
  }

  @Test func nbdcopyAndQemuImgAgreeOnWhatIsStored() throws {
    let daemon = try NBDDaemon.start()
    let folder = try Folder()
    let image = try folder.image(mebibytes: 64)
    // Four connections, and what is a hole stays one.
    let copied = try judge([
      "nbdcopy", "--connections=4", "--requests=32", "--flush", image,
      daemon.uri,
    ])
    #expect(copied.status == 0, "\(copied.errors)")
    let compared = try judge([
      "qemu-img", "compare", "-f", "raw", "-F", "raw", image, daemon.uri,
    ])
    #expect(compared.output == "Images are identical.\n", "\(compared.errors)")
    let map = try judge(["nbdinfo", "--map", "--totals", daemon.uri])
    #expect(map.output.contains("33554432  50.0%   0 data"), "\(map.output)")
    #expect(map.output.contains("33554432  50.0%   3 hole,zero"))
    // And back, by the other one.
    let back = folder.path("back")
    let converted = try judge([
      "qemu-img", "convert", "-f", "raw", "-O", "raw", daemon.uri, back,
    ])
    #expect(converted.status == 0, "\(converted.errors)")
    #expect(try judge(["cmp", image, back]).status == 0)
    let again = folder.path("again")
    #expect(try judge(["nbdcopy", daemon.uri, again]).status == 0)
    #expect(try judge(["cmp", image, again]).status == 0)
  }

  @Test func qemuWritesAndReadsItsPatterns() throws {
    let daemon = try NBDDaemon.start()
    let commands = [
      "write -P 0x11 0 8M", "read -P 0x11 0 8M",
      "write -P 0x22 513 70001", "read -P 0x22 513 70001",
      "read -P 0x11 0 513", "read -P 0x11 70514 1M",
      "write -z 1M 3M", "read -P 0 1M 3M", "write -z -u 4M 1M",
      "read -P 0 4M 1M", "write -f -P 0x33 5M 32M", "read -P 0x33 5M 32M",
      "discard 0 8M", "flush", "aio_write -P 0x44 40M 1M",
      "aio_write -P 0x55 41M 1M", "aio_flush", "read -P 0x44 40M 1M",
      "read -P 0x55 41M 1M",
    ]
    let verdict = try judge(
      ["qemu-io", "-f", "raw", daemon.uri]
        + commands.flatMap { ["-c", $0] }
    )
    #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    #expect(!verdict.output.contains("failed"), "\(verdict.output)")
    #expect(daemon.complaints == "")
  }

  @Test(arguments: [1, 3])
  func fioVerifiesWhatItWrote(copies: Int) throws {
    let daemon = try NBDDaemon.start(copies: copies)
    let folder = try Folder()
    for (block, depth) in [("4k-4k", 16), ("512-512", 4), ("4k-256k", 16)] {
      let verdict = try judge(
        [
          "fio", "--name=verify", "--ioengine=nbd", "--uri=\(daemon.uri)",
          "--rw=randrw", "--bsrange=\(block)", "--iodepth=\(depth)",
          "--size=\(block == "512-512" ? 2 : 48)M", "--verify=xxhash",
          "--verify_fatal=1", "--do_verify=1", "--randseed=7",
        ],
        in: folder.url
      )
      #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
      #expect(verdict.output.contains("err= 0"))
    }
  }

  /// A server that is a client of ours, and whose clients are others.
  @Test func nbdkitServesWhatItReadsFromHere() throws {
    let daemon = try NBDDaemon.start()
    let folder = try Folder()
    let image = try folder.image(mebibytes: 64)
    let nbdkit = Process()
    nbdkit.executableURL = URL(filePath: "/usr/bin/env")
    let socket = folder.path("nbdkit")
    nbdkit.arguments = [
      "nbdkit", "-f", "-U", socket, "nbd", "socket=\(daemon.path)",
      "export=oldmem",
    ]
    try nbdkit.run()
    // Of SIGTERM it may not hear: Foundation's children can have it blocked.
    defer { kill(nbdkit.processIdentifier, SIGKILL) }
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: socket) {
      usleep(10_000)
    }
    let uri = "nbd+unix:///?socket=\(socket)"
    let copied = try judge(["nbdcopy", image, uri])
    #expect(copied.status == 0, "\(copied.errors)")
    let compared = try judge([
      "qemu-img", "compare", "-f", "raw", "-F", "raw", image, uri,
    ])
    #expect(compared.output == "Images are identical.\n", "\(compared.errors)")
  }
}
