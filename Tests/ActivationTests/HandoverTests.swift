// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Activation

/// What is left of stage one when its memory is given back.
@Suite struct HandoverTests {
  private let shop: Shop

  init() throws {
    shop = try Shop()
    try shop.bash(
      """
      mkdir -p root/oldmem/modules root/kept/below root/deep/1/2/3
      echo file > root/oldmem/modules/file; ln -s kept root/link
      echo file > root/kept/below/file; mkfifo root/oldmem/pipe
      echo file > root/deep/1/2/3/file; echo outside > outside
      mkdir folder; echo outside > folder/file
      ln -s ../folder root/oldmem/folder; ln outside root/hard
      """
    )
  }

  private func left() throws -> String {
    try shop.bash("cd root; find . | LC_ALL=C sort | tr '\\n' ' '")
  }

  @Test func allButTheKeptFolderGoes() throws {
    Handover.remove(shop["root"], keeping: shop["root/kept"])
    #expect(try left() == ". ./kept ./kept/below ./kept/below/file ")
  }

  @Test func linksAreNotFollowed() throws {
    Handover.remove(shop["root"], keeping: nil)
    #expect(try left() == ". ")
    #expect(try shop.bash("cat outside folder/file") == "outside\noutside\n")
  }

  @Test func otherFileSystemsStay() throws {
    try shop.bash("mkdir root/deep/mount")
    try Mounts.mount("tmpfs", on: shop["root/deep/mount"])
    defer { try? Mounts.unmount(shop["root/deep/mount"]) }
    try shop.bash("echo file > root/deep/mount/file")
    Handover.remove(shop["root"], keeping: nil)
    #expect(try left() == ". ./deep ./deep/mount ./deep/mount/file ")
  }

  @Test func onlySoManyLevelsAreVisited() throws {
    Handover.remove(shop["root/deep"], keeping: nil, depth: 3)
    #expect(try shop.bash("cat root/deep/1/2/3/file") == "file\n")
    Handover.remove(shop["root/deep"], keeping: nil, depth: 4)
    #expect(try shop.bash("ls root/deep") == "")
    Handover.remove(shop["root"], keeping: nil, depth: 0)
    #expect(try left().contains("./kept/below/file "))
  }

  @Test func whatIsNotThereIsNothingToRemove() {
    Handover.remove(shop["absent"], keeping: nil)
  }
}
