// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import NBDCases
import Testing

/// What clients do or leave undone, and what others notice of it: nothing.
@Suite struct ConnectionTests {
  private func visit(_ daemon: NBDDaemon, seed: UInt64 = 1) throws {
    try GoodClient.visit(
      path: daemon.path,
      exportSize: daemon.exportSize,
      seed: seed
    )
  }

  private let hello = big(3 as UInt32) + option(7, information(""))

  @Test func theSocketIsItsOwnersAloneAndGoesWithTheServer() throws {
    let daemon = try NBDDaemon.start()
    let attributes = try FileManager.default.attributesOfItem(
      atPath: daemon.path
    )
    #expect(attributes[.type] as? FileAttributeType == .typeSocket)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(daemon.end() == 0)
    #expect(!FileManager.default.fileExists(atPath: daemon.path))
    #expect(daemon.complaints == "")
  }

  @Test func aSocketThatADeadServerHasLeftIsTakenOver() throws {
    let folder = try Folder()
    let path = folder.path("socket")
    let first = try serve(at: path)
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    #expect(FileManager.default.fileExists(atPath: path))
    let second = try serve(at: path)
    try GoodClient.visit(path: path, exportSize: 1 << 20, seed: 1)
    // One that is alive is not taken over, and keeps its socket.
    let third = try serve(at: path)
    third.waitUntilExit()
    #expect(third.terminationStatus == 1)
    try GoodClient.visit(path: path, exportSize: 1 << 20, seed: 2)
    second.terminate()
    second.waitUntilExit()
    #expect(second.terminationStatus == 0)
    // And what is no socket is nobody's to remove.
    _ = FileManager.default.createFile(
      atPath: path,
      contents: Data("mine".utf8)
    )
    let fourth = try serve(at: path)
    fourth.waitUntilExit()
    #expect(fourth.terminationStatus == 1)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
  }

  private func serve(at path: String) throws -> Process {
    let process = Process()
    process.executableURL = root.appending(path: "build/bin/oldmemd")
    process.arguments = [
      "serve", "--nbd", "unix:\(path)", "--pool", "anonymous:2M", "--size",
      "1M",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    _ = output.fileHandleForReading.availableData
    return process
  }

  @Test func tcpIsForThisMachineAlone() throws {
    let process = Process()
    process.executableURL = root.appending(path: "build/bin/oldmemd")
    let port = 20000 + Int(getpid()) % 20000
    process.arguments = [
      "serve", "--nbd", "tcp:\(port)", "--pool", "anonymous:2M", "--size",
      "1M",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    _ = output.fileHandleForReading.availableData
    let sockets = try judge(["ss", "-Hltn", "sport = :\(port)"]).output
    #expect(sockets.contains("127.0.0.1:\(port)"))
    #expect(sockets.split(separator: "\n").count == 1)
    let info = try judge(["nbdinfo", "--size", "nbd://127.0.0.1:\(port)"])
    #expect(info.output == "1048576\n", "\(info.errors)")
  }

  @Test func whoNeverReadsHoldsUpNobody() throws {
    let daemon = try NBDDaemon.start()
    var clients: [RawClient] = []
    for _ in 0..<8 {
      let client = try RawClient(path: daemon.path)
      try client.send(hello, takes: false)
      // Far more answers than the server, the kernel and he have room for.
      let reads = (0..<64).flatMap {
        request(0, cookie: UInt64($0), 0, 4 << 20)
      }
      try client.send(reads, takes: false)
      clients.append(client)
    }
    for seed in 0..<20 as Range<UInt64> { try visit(daemon, seed: seed) }
    #expect(clients.count == 8)
    #expect(daemon.isRunning)
  }

  @Test func whoSendsOneByteAtATimeIsServedLikeAnybody() throws {
    let daemon = try NBDDaemon.start()
    let client = try RawClient(path: daemon.path)
    let data = pattern(600)
    let got = try client.send(
      hello + request(1, 100, 600, data) + request(0, 100, 600) + request(3),
      piece: 1,
      keep: 1 << 20
    )
    let rest = try client.receive(18 + 52 + 16 + 16 + 600 + 16 - got.count)
    #expect((got + rest).suffix(16 + 600 + 16) == simple(0, data) + simple())
    try visit(daemon)
  }

  @Test func whoSaysThatHeIsDoneIsAnsweredFirst() throws {
    let daemon = try NBDDaemon.start()
    let client = try RawClient(path: daemon.path)
    try client.send(hello, keep: 100)
    _ = try client.receive(18 + 52)
    try client.send(request(0, 0, 8 << 20), takes: false)
    client.sayDone()
    let reply = try client.receive(16 + 8 << 20)
    #expect(Array(reply.prefix(16)) == simple())
    #expect(client.isClosed(within: 5000))
  }

  @Test func whoGoesInTheMiddleIsNoted() throws {
    let daemon = try NBDDaemon.start()
    for _ in 0..<3 {
      let client = try RawClient(path: daemon.path)
      try client.send(hello + request(1, 0, 4096, pattern(100)))
      try client.finish()
    }
    try visit(daemon)
    #expect(daemon.complaints.contains("closed in the middle of a message"))
  }

  /// As qemu-nbd has it since CVE-2024-7409: all connections would otherwise
  /// be taken by those who do nothing.
  @Test func aHandshakeThatTakesTooLongIsEnded() throws {
    let daemon = try NBDDaemon.start(["--connections", "4"])
    var idle: [RawClient] = []
    for _ in 0..<4 { idle.append(try RawClient(path: daemon.path)) }
    let fifth = try RawClient(path: daemon.path)
    #expect(fifth.isClosed(within: 5000))
    for client in idle { #expect(client.isClosed(within: 15_000)) }
    try visit(daemon)
    #expect(daemon.complaints.contains("all connections are in use"))
    #expect(daemon.complaints.contains("its handshake took too long"))
  }

  @Test func whoIsThereAtTheEndHearsOfIt() throws {
    let daemon = try NBDDaemon.start()
    let client = try RawClient(path: daemon.path)
    try client.send(hello)
    _ = try client.receive(18 + 52)
    #expect(daemon.end() == 0)
    #expect(client.isClosed(within: 5000))
  }

  /// `make fuzz-nbd` has a hundred thousand of them.
  @Test func randomClientsNeitherCrashNorHoldUpTheServer() throws {
    let daemon = try NBDDaemon.start()
    var campaign = NBDCampaign(
      path: daemon.path,
      exportSize: daemon.exportSize
    )
    try campaign.visit(seed: 0)
    let memory = daemon.residentKiB
    for seed in 1...3000 as ClosedRange<UInt64> {
      do {
        try campaign.run(seed: seed)
        if seed % 100 == 0 { try campaign.visit(seed: seed) }
      } catch {
        Issue.record("seed \(seed): \(error); \(daemon.complaints)")
        return
      }
    }
    campaign.forgetThoseWhoStayed()
    try campaign.visit(seed: 0)
    #expect(daemon.residentKiB == memory)
    #expect(daemon.end() == 0)
  }
}
