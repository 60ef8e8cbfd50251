// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Foundation
internal import ImagePacker

/// What an image is to be made of, and the settings that are to be in it.
///
/// The settings change with the files that they come from and are written
/// anew in no time; stage two takes seconds, and is made when the initrd, the
/// modules or oldmem itself are others.
public struct ImageRecipe: Sendable {
  /// The settings of the administrator.
  static let configuration = "/etc/oldmem.conf"
  /// The daemon that is packed.
  static let daemon = "/usr/sbin/oldmemd"
  /// Where oldmemd lists what it lends: of all that stage one has, only what
  /// is in devtmpfs is still there in the system that dumps.
  static let frames = "/dev/.oldmem-frames"

  /// The level by which memory may be lent.
  public let level: OwnedLevel
  /// The version of makedumpfile; nil where nobody knows it.
  public let makedumpfile: String?
  /// What /etc/oldmem.conf says.
  let administrator: String
  private let running: (kernel: String, layout: [UInt8]?)?

  init(
    _ root: SystemRoot,
    level: OwnedLevel,
    makedumpfile: String?,
    running: (kernel: String, layout: [UInt8]?)?
  ) {
    self.makedumpfile = makedumpfile
    self.running = running
    administrator = root.text(Self.configuration) ?? ""
    self.level = level.lowered(by: administrator, of: Self.configuration)
  }

  /// The settings file of an image, but for what hangs on the image.
  var settings: [UInt8] { settings(size: nil) }

  /// The settings file of an image: the administrator's, between what he may
  /// change and what he may not.
  func settings(for image: PackedImage) -> [UInt8] {
    settings(size: image.unpackedSize.map(Self.swapSize))
  }

  /// How many MiB of swap a capture system should have.
  ///
  /// What its initramfs takes once it is unpacked, and 96 MiB for what runs
  /// there. More would cost memory: the store's tables grow with it.
  static func swapSize(unpacked bytes: UInt64) -> UInt64 {
    ((bytes >> 20) + 96 + 15) / 16 * 16
  }

  private func settings(size: UInt64?) -> [UInt8] {
    var lines = ["# Made by oldmem of \(Self.configuration)."]
    if let makedumpfile { lines.append("makedumpfile = \(makedumpfile)") }
    if let size { lines.append("size = \(size)M") }
    lines.append(administrator)
    lines.append("frames = \(Self.frames)")
    lines.append("dump-level = \(level.level)")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The flag layout for a kernel's image: known of the one that runs, and
  /// otherwise what is there already.
  func flagLayout(for image: KdumpImage) -> [UInt8]? {
    if let running, running.kernel == image.kernel { return running.layout }
    return image.packed?.flagLayout
  }

  /// What stage one and two are made of, a line for each, where `initrd` is
  /// what kdump-tools made.
  func origin(
    of image: KdumpImage,
    from initrd: String,
    _ root: SystemRoot
  ) -> String? {
    guard let initrd = root.bytes(initrd),
      let daemon = root.bytes(Self.daemon),
      let index = root.modified(image.modules + "/modules.dep")
    else { return nil }
    return """
      initrd = \(Checksum.of(initrd.span))
      daemon = \(Checksum.of(daemon.span))
      modules = \(index)
      dm = \(packsStitching)

      """ + keyOrigin(root)
  }

  /// What tells one key from another without being it; empty where there is none.
  private func keyOrigin(_ root: SystemRoot) -> String {
    guard let file = Self.value("rescue-key", in: administrator) else {
      return ""
    }
    let time = root.modified(file).map { "\($0)" } ?? "none"
    return "rescue-key = \(file) \(time)\n"
  }

  private var packsStitching: Bool {
    Self.value("route", in: administrator) == "dm"
  }

  /// Makes the image of `initrd`, which kdump-tools made.
  func pack(
    _ image: KdumpImage,
    from initrd: String,
    _ root: SystemRoot
  ) throws(IntegrationError) -> [UInt8] {
    var request = PackRequest(
      initrd: root.host(initrd),
      modules: root.host(image.modules),
      daemon: root.host(Self.daemon)
    )
    request.packsStitching = packsStitching
    request.origin = origin(of: image, from: initrd, root)
    request.rescueKey = Self.value("rescue-key", in: administrator)
      .map(root.host)
    let made: [UInt8]
    do throws(PackError) { made = try ImagePacker.pack(request).image } catch {
      throw .packing(kernel: image.kernel, "\(error)")
    }
    guard let body = PackedImage(made) else {
      throw .packing(kernel: image.kernel, "what was packed cannot be read")
    }
    return try renew(body, of: image)
  }

  /// The same image with the settings and the flag layout of now; without
  /// stage two where that is held, as this record says.
  func renew(
    _ packed: PackedImage,
    of image: KdumpImage,
    held: [UInt8]? = nil
  ) throws(IntegrationError) -> [UInt8] {
    do throws(PackError) {
      return try packed.replacing(
        settings: settings(for: packed),
        flagLayout: flagLayout(for: image),
        held: held
      )
    } catch { throw .packing(kernel: image.kernel, "\(error)") }
  }

  /// The same image, with settings by which nothing is lent.
  func lendingNothing(
    _ packed: PackedImage,
    of image: KdumpImage
  ) throws(IntegrationError) -> [UInt8] {
    let settings = (packed.settings ?? []) + Array("\ndump-level = 0\n".utf8)
    do throws(PackError) {
      return try packed.replacing(
        settings: settings,
        flagLayout: packed.flagLayout,
        held: packed.hasStageTwo ? nil : packed.heldRecord
      )
    } catch { throw .packing(kernel: image.kernel, "\(error)") }
  }

  /// The last value of a key in settings such as /etc/oldmem.conf.
  static func value(_ key: String, in text: String) -> String? {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let sides = line.split(
        separator: "=",
        maxSplits: 1,
        omittingEmptySubsequences: false
      ).map { $0.trimmingCharacters(in: .whitespaces) }
      return sides.count == 2 && sides[0] == key ? sides[1] : nil
    }.last
  }
}
