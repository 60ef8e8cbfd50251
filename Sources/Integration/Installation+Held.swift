// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import ImagePacker

/// Images whose stage two the running system holds.
extension Installation {
  /// Keeps the image of the kernel that runs for whoever is about to hold its
  /// stage two, and says where; nil where there is nothing to hold.
  public func prepareHolding() throws(IntegrationError) -> String? {
    let root = root
    guard whyPlain == nil, let kernel = runningKernel else { return nil }
    try root.makeFolder(Self.folder)
    return try root.locked(Self.lock) { () throws(IntegrationError) in
      guard let packed = image(of: kernel).packed,
        let whole = whole(packed, of: kernel)
      else { return nil }
      try holder.keep(whole, of: kernel)
      return Holder.source(kernel)
    } ?? nil
  }

  /// The image with its stage two: this one, or the one that was kept when its
  /// stage two was left out.
  func whole(_ packed: PackedImage, of kernel: String) -> PackedImage? {
    if packed.hasStageTwo { return packed }
    let kept = holder.kept(kernel)
    return kept?.manifest == packed.manifest ? kept : nil
  }

  /// The record of stage two where the image is to go without.
  func held(of whole: PackedImage, _ kernel: String) -> [UInt8]? {
    guard kernel == runningKernel, holder.isNeeded(for: whole) else {
      return nil
    }
    return holder.record(of: whole)
  }

  /// Lets a stage two that is new be held in place of the one before.
  func renewHeld(_ made: [UInt8], of kernel: String) throws(IntegrationError) {
    guard root.exists(Holder.source(kernel)), let image = PackedImage(made)
    else { return }
    try holder.keep(image, of: kernel)
  }

  /// Whether an image goes without a stage two that nobody holds any more: no
  /// capture kernel can start with it.
  public func lacksStageTwo(_ packed: PackedImage) -> Bool {
    !packed.hasStageTwo && packed.heldRecord != holder.bytes
  }
}
