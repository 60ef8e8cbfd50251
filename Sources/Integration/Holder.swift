// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import ImagePacker
internal import Reservation

// What `oldmemd hold` keeps of a kernel's stage two in the running system's
// memory, so that it costs the reservation nothing:
//
//     /var/lib/oldmem/image-RELEASE    the whole image: what is held is read
//                                      from it, and it takes the place of the
//                                      one without stage two again
//     /run/oldmem/held                 where it is, claimed by whoever holds it

/// The running system's holder of stage two.
public struct Holder: Sendable {
  /// The record of what is held, and where.
  public static let record = "/run/oldmem/held"
  /// What has somebody hold it.
  public static let service = "oldmem-hold.service"
  private static let reservation = "/sys/kernel/kexec_crash_size"

  private let root: SystemRoot

  /// The one of that system.
  public init(_ root: SystemRoot) { self.root = root }

  /// The whole image of a kernel whose stage two is held.
  public static func source(_ kernel: String) -> String {
    "\(Installation.folder)/image-\(kernel)"
  }

  /// The record; nil where nobody holds anything.
  var bytes: [UInt8]? {
    root.isClaimed(Self.record) ? root.bytes(Self.record) : nil
  }

  /// Whether the administrator has asked for one at each boot.
  var isAskedFor: Bool {
    let folder = "/etc/systemd/system"
    return root.names(in: folder).contains { name in
      name.hasSuffix(".wants")
        && root.names(in: "\(folder)/\(name)").contains(Self.service)
    }
  }

  /// Whether somebody holds what a record is of.
  func holds(_ record: [UInt8]?) -> Bool {
    guard let record, let bytes,
      let wanted = try? HeldRecord(record.span),
      let held = try? HeldRecord(bytes.span)
    else { return false }
    return wanted.page == held.page
  }

  /// Bytes of memory that are held; nil where nobody holds anything.
  public var heldBytes: UInt64? {
    bytes.flatMap { try? HeldRecord($0.span) }.map { $0.pageCount * 4096 }
  }

  /// The record of an image's stage two, where that is what is held.
  func record(of image: PackedImage) -> [UInt8]? {
    guard let bytes, let record = try? HeldRecord(bytes.span) else {
      return nil
    }
    let digests = image.stageTwo.map { part in
      Digest(of: Array(part).span)
    }
    return digests == record.digests ? bytes : nil
  }

  /// Whether the reservation is too small for a whole image to be unpacked.
  ///
  /// Only then is it worth something that the image goes without stage two:
  /// what lies in the reservation cannot be lost with the system that crashed.
  func isNeeded(for image: PackedImage) -> Bool {
    guard let reserved = root.number(Self.reservation), reserved > 0 else {
      return false
    }
    let kernel = root.text("/proc/iomem").map(MemoryResources.init)?.kernelSize
    let needed = ReservationEstimate.twoStages(
      kernelSize: kernel,
      image: UInt64(image.byteCount)
    ).mebibytes
    return UInt64(reserved) >> 20 < needed
  }

  /// The whole image that was kept of a kernel, if it is sound.
  func kept(_ kernel: String) -> PackedImage? {
    root.bytes(Self.source(kernel)).flatMap(PackedImage.init)
      .flatMap { Self.isSound($0) ? $0 : nil }
  }

  /// Whether the parts are those of the manifest: of damaged ones a digest would
  /// be made, and believed.
  private static func isSound(_ image: PackedImage) -> Bool {
    guard let bytes = image.manifest, let manifest = try? Manifest(bytes.span)
    else { return false }
    return image.stageTwo.map { Checksum.of(Array($0).span) }
      == manifest.partChecksums
  }

  /// Keeps a kernel's whole image, for whoever will hold its stage two.
  func keep(_ image: PackedImage, of kernel: String) throws(IntegrationError) {
    guard Self.isSound(image) else {
      throw .packing(kernel: kernel, "the image's stage two is damaged")
    }
    let kept = kept(kernel)
    guard kept?.manifest != image.manifest || kept?.origin != image.origin
    else { return }
    do throws(PackError) {
      try ImagePacker.write(image.whole, to: root.host(Self.source(kernel)))
    } catch { throw .packing(kernel: kernel, "\(error)") }
  }

  /// Forgets a kernel's image; whoever holds its stage two ends then.
  func forget(_ kernel: String) throws(IntegrationError) {
    try root.remove(Self.source(kernel))
  }
}
