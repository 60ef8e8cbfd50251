// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import ImagePacker

// What lies in /var/lib/kdump for a kernel:
//
//     initrd.img-RELEASE         what kdump-tools loads: made by it, or ours
//     initrd.img-RELEASE.plain   what kdump-tools made, while the other is ours
//
// Each step is one rename, after which a capture kernel can be loaded:
//
//     made by kdump-tools    its file, and no other, or one from before
//     kept                   both names are of that one file
//     packed                 ours in the place of the first name
//     restored               the second name takes the place of the first
//
// kdump-tools that makes a new initrd is back at the beginning.

/// The kdump initrd of one kernel.
public struct KdumpImage {
  /// The kernel's release.
  public let kernel: String
  /// The image in the place of kdump-tools' initrd; nil where that is plain.
  public private(set) var packed: PackedImage?
  /// Whether there is a file in that place.
  public private(set) var isThere: Bool
  /// Whether it could be read.
  let isReadable: Bool
  /// Whether it began as an image of ours, and is none.
  let isDamaged: Bool
  private let root: SystemRoot
  private let identity: UInt?

  /// The file that kdump-tools loads.
  public var path: String { "\(KdumpTools.folder)/initrd.img-\(kernel)" }
  /// The file that kdump-tools made.
  public var plainPath: String { path + ".plain" }
  var modules: String { "/lib/modules/\(kernel)" }

  init(_ root: SystemRoot, kernel: String) {
    self.root = root
    self.kernel = kernel
    let path = "\(KdumpTools.folder)/initrd.img-\(kernel)"
    identity = root.identity(path)
    let bytes = root.bytes(path)
    isThere = identity != nil
    isReadable = bytes != nil
    packed = bytes.flatMap(PackedImage.init)
    isDamaged = packed == nil && bytes.map(PackedImage.begins) ?? false
  }

  /// Whether what kdump-tools made is kept beside ours.
  public var hasPlain: Bool { root.exists(plainPath) }

  /// Keeps what kdump-tools has made under a second name.
  func keep() throws(IntegrationError) {
    try root.link(path, to: plainPath)
  }

  /// Puts an image in kdump-tools' place, unless kdump-tools has made another
  /// initrd since this one was looked at.
  func put(_ image: [UInt8]) throws(IntegrationError) {
    guard root.identity(path) == identity else {
      throw .packing(kernel: kernel, "kdump-tools has made another initrd")
    }
    do throws(PackError) {
      try ImagePacker.write(image, to: root.host(path))
    } catch { throw .packing(kernel: kernel, "\(error)") }
  }

  /// Puts back what kdump-tools made; says whether anything has changed.
  func restore() throws(IntegrationError) -> Bool {
    guard packed != nil || isDamaged else {
      // What kdump-tools made since, or nothing, is in its place already.
      try root.remove(plainPath)
      return false
    }
    guard hasPlain else { throw .noPlain(kernel: kernel) }
    try root.rename(plainPath, to: path)
    return true
  }
}
