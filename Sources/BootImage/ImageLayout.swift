// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Where everything lies in the image, for the packer, the daemon and the lab.
//
// Stage one is an uncompressed newc cpio archive that the kernel unpacks:
//
//     /init                     a link to /oldmem/init, which needs no word on
//                               the command line then
//     /oldmem/init              oldmemd
//     /oldmem/oldmem.conf       settings, `key = value`
//     /oldmem/rescue-key        what is sent is sealed with; optional
//     /oldmem/layout            where the kernel has its page flags; optional
//     /oldmem/made-of           what it was made of, for whoever made it; optional
//     /oldmem/hook              the lab's step hook; usually absent
//     /oldmem/modules/NN-x.ko   uncompressed modules, NN in load order
//     /oldmem/dm/NN-x.ko        those of the route `dm`; optional
//     /oldmem/slram.ko          its last one, loaded with parameters; optional
//     /oldmem/stage2/manifest   what the parts must be (`Manifest`)
//     /oldmem/stage2/NNNN       the parts, 1 MiB each but for the last
//     /oldmem/held              where the crashed system holds them, in an image
//                               without parts (`HeldRecord`)
//
// A second archive may follow, whose files take the place of those in the first:
// what changes more often than the initrd is written anew in no time.
//
// The parts, put together, are one .lzma stream. It decodes to newc archives,
// one after another with zero padding between: the distribution's initrd.

/// The paths of the image and the sizes that bound it.
public enum ImageLayout {
  /// The folder that holds all of ours.
  public static let folder: StaticString = "/oldmem"
  /// What the kernel executes unless `rdinit=` says otherwise.
  public static let start: StaticString = "/init"
  /// The daemon, for `rdinit=`.
  public static let daemon: StaticString = "/oldmem/init"
  /// The settings file.
  public static let configuration: StaticString = "/oldmem/oldmem.conf"
  /// The key that what is sent over a network is sealed with.
  public static let rescueKey: StaticString = "/oldmem/rescue-key"
  /// The crashed kernel's flag layout, as `oldmem layout` writes it.
  public static let flagLayout: StaticString = "/oldmem/layout"
  /// What the image was made of, in the words of whoever made it.
  public static let origin: StaticString = "/oldmem/made-of"
  /// The program that the lab wants called at each step.
  public static let hook: StaticString = "/oldmem/hook"
  /// The folder of kernel modules; their names sort in load order.
  public static let modules: StaticString = "/oldmem/modules"
  /// The folder of the modules for the route `dm`.
  public static let stitchModules: StaticString = "/oldmem/dm"
  /// The module slram, which is told what to show when it is loaded.
  public static let slram: StaticString = "/oldmem/slram.ko"
  /// The folder of the manifest and the parts.
  public static let stageTwo: StaticString = "/oldmem/stage2"
  /// What the parts must be.
  public static let manifest: StaticString = "/oldmem/stage2/manifest"
  /// Where the crashed system's memory holds the parts.
  public static let heldRecord: StaticString = "/oldmem/held"

  /// The bytes of each part but the last.
  ///
  /// A part's memory is free once it is read and unlinked, so this is also
  /// what is held twice at most.
  public static let partSize = 1 << 20
  /// How many parts four digits can name.
  public static let partLimit: UInt32 = 10_000
  /// The bytes that the decoder may look back: it holds them in memory.
  public static let dictionarySize: UInt32 = 1 << 20
  /// The most memory that the decoder may take, its dictionary included.
  static let decoderLimit: UInt64 = 2 << 20

  /// The path of a part, ended by a NUL, or nil above the limit.
  public static func partPath(_ part: UInt32) -> [UInt8]? {
    guard part < partLimit else { return nil }
    var path = [UInt8]()
    path.reserveCapacity(stageTwo.utf8CodeUnitCount + 6)
    stageTwo.withUTF8Buffer { prefix in
      for index in prefix.indices { unsafe path.append(prefix[index]) }
    }
    path.append(0x2f)
    for scale: UInt32 in [1000, 100, 10, 1] {
      path.append(0x30 + UInt8(part / scale % 10))
    }
    path.append(0)
    return path
  }
}
