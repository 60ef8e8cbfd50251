// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Testing

/// What oldmemd sends and `oldmem receive` takes, judged by another program that
/// has its cipher from OpenSSL (lab/judges/rescue-stream).
@Suite(.serialized) struct RescueNetworkTests {
  /// Runs a script in a folder of its own, with the names of what is needed;
  /// `listen` starts `oldmem receive` and waits until it listens.
  private func script(_ text: String) throws -> String {
    let folder = NSTemporaryDirectory() + "oldmem-wire-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let judge = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../lab/judges/rescue-stream").standardizedFileURL
    let vmcore = try #require(try CapturedVMCore.all().first)
    let head = """
      set -u; cd "$0"; oldmem=$1 oldmemd=$2 judge=$3 vmcore=$4; mkdir in
      listen() {
        : > said
        "$oldmem" receive --listen 127.0.0.1:0 "$@" in >> said 2>&1 & receiver=$!
        until grep -q ^listening said; do
          kill -0 $receiver 2> /dev/null || { cat said; return 1; }
          sleep 0.02
        done
        port=$(sed -n 's/^listening at 127.0.0.1:\\([0-9]*\\) .*/\\1/p' said)
      }
      # A child of a test has all other signals blocked, and one that is left
      # keeps the test waiting.
      receiver=
      stop() { kill -KILL $receiver; wait $receiver; receiver=; } 2> /dev/null
      trap '[ -z "$receiver" ] || kill -KILL $receiver 2> /dev/null' EXIT
      rescue() { "$oldmemd" rescue --vmcore "$vmcore" "$@" 2> errors; }
      "$oldmem" rescue-key key > /dev/null
      "$oldmem" rescue-key other > /dev/null
      "$oldmem" dmesg "$vmcore" > log 2> /dev/null

      """
    return try CapturedVMCore.run([
      "bash", "-c", head + text, folder, CapturedVMCore.oldmem,
      CapturedVMCore.oldmemd, judge.path, vmcore.path,
    ])
  }

  @Test func theLogArrivesSealed() throws {
    let said = try script(
      """
      listen --key key --once
      rescue --key key tcp:127.0.0.1:$port; echo sent $?
      wait $receiver; echo received $?
      cmp log in/*-127.0.0.1.log && stat -c %a in/*
      grep -c ', all of it:' said
      """
    )
    #expect(said == "sent 0\nreceived 0\n600\n1\n")
  }

  @Test func aDumpArrivesSealedAndNotOtherwise() throws {
    let said = try script(
      """
      listen --key key --once
      rescue dump:tcp:127.0.0.1:$port; echo plain $?
      rescue --key key dump:tcp:127.0.0.1:$port; echo sent $?
      wait $receiver; echo received $?
      "$oldmem" dump --compress none --threads 1 "$vmcore" want 2> /dev/null
      cmp want in/*-127.0.0.1.dump && echo same
      """
    )
    #expect(said == "plain 1\nsent 0\nreceived 0\nsame\n")
  }

  @Test func theLogArrivesInPlainText() throws {
    let said = try script(
      """
      listen --once
      rescue tcp:127.0.0.1:$port; echo sent $?
      wait $receiver; echo received $?
      cmp log in/*-127.0.0.1.log && stat -c %a in/*
      grep -c 'nobody can tell' said
      """
    )
    #expect(said == "sent 0\nreceived 0\n600\n1\n")
  }

  @Test func opensslReadsWhatOldmemdSeals() throws {
    let said = try script(
      """
      "$judge" receive key "$oldmemd" rescue --key key --vmcore "$vmcore" \
        > got 2> errors; echo $?
      cmp log got && echo same
      """
    )
    #expect(said == "0\nsame\n")
  }

  @Test func whatOpensslSealsIsReceived() throws {
    let said = try script(
      """
      listen --key key --once
      head -c 1000000 "$vmcore" > file
      "$judge" send key 127.0.0.1 $port dump < file; echo sent $?
      wait $receiver; echo received $?
      cmp file in/* && ls in | sed 's/^[0-9TZ]*-//'
      """
    )
    #expect(
      said == "sent 0\nreceived 0\n127.0.0.1-.._.._a_name.dump\n"
    )
  }

  @Test func withAnotherKeyOnEitherSideThereIsNothing() throws {
    let said = try script(
      """
      listen --key other
      rescue --key key tcp:127.0.0.1:$port; echo sent $?; cat errors
      rescue tcp:127.0.0.1:$port; echo plain $?
      until [ "$(grep -c nothing: said)" = 2 ]; do sleep 0.02; done
      stop; sed 1d said; ls in
      """
    )
    #expect(said.contains("sent 1\n"))
    #expect(said.contains("who listens there has another key"))
    #expect(said.contains("127.0.0.1: nothing: it is sealed with another key"))
    #expect(said.contains("127.0.0.1: nothing: it is not sealed, and a key"))
    #expect(!said.contains(".log"))
  }

  @Test func withoutItsKeyNothingIsSentInPlainText() throws {
    let said = try script(
      """
      listen
      rescue --key nokey tcp:127.0.0.1:$port; echo sent $?; cat errors
      stop; sed 1d said; ls in
      """
    )
    #expect(said.hasPrefix("sent 1\n"))
    #expect(said.contains("the key is not here, or is none: nokey"))
    #expect(!said.contains("127.0.0.1: "))
  }

  @Test func whoIsStuckBlocksNobody() throws {
    let said = try script(
      """
      listen --key key --once
      for index in 1 2 3 4; do exec {stuck}<> /dev/tcp/127.0.0.1/$port; done
      rescue --key key tcp:127.0.0.1:$port; echo sent $?
      wait $receiver; echo received $?
      """
    )
    #expect(said == "sent 0\nreceived 0\n")
  }

  @Test func aSenderThatStopsLeavesAPart() throws {
    let said = try script(
      """
      listen --once
      exec 9<> /dev/tcp/127.0.0.1/$port; head -c 5000 log >&9; exec 9>&-
      wait $receiver; echo received $?; sed 1d said | sed 's/: in.*//'
      listen --once --timeout 1
      exec 9<> /dev/tcp/127.0.0.1/$port; head -c 5000 log >&9
      wait $receiver; echo received $?; ls in/*.part | wc -l
      """
    )
    #expect(
      said == """
        received 0
        127.0.0.1: log, 5000 bytes, plain text, so that nobody can tell whether \
        it is all
        received 3
        1

        """
    )
  }

  @Test func aFullDiskKeepsWhatIsThere() throws {
    let said = try script(
      """
      ulimit -f 64; trap '' XFSZ
      listen --key key --once
      head -c 300000 /dev/zero > zeros 2> /dev/null
      ulimit -S -f unlimited 2> /dev/null
      head -c 300000 /dev/zero |
        "$judge" send key 127.0.0.1 $port dump > /dev/null 2>&1; echo sent $?
      wait $receiver; echo received $?; ls in | grep -c part; sed 1d said |
        grep -c 'not all of it: File too large'
      """
    )
    #expect(said == "sent 1\nreceived 3\n1\n1\n")
  }
}
