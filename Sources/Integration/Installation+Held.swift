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

  /// Puts an image that was just made in its place, without its stage two where
  /// that is held already; where another one is, it is to be held next.
  func put(
    _ made: [UInt8],
    as image: KdumpImage
  ) throws(IntegrationError) {
    guard let whole = PackedImage(made) else {
      throw .packing(kernel: image.kernel, "what was packed cannot be read")
    }
    let held = held(of: whole, image.kernel)
    try image.put(
      held == nil ? made : try recipe.renew(whole, of: image, held: held)
    )
    if root.exists(Holder.source(image.kernel)) {
      try holder.keep(whole, of: image.kernel)
    }
  }

  /// Whether an image goes without a stage two that nobody holds any more: no
  /// capture kernel can start with it.
  ///
  /// Where pages have moved since it was loaded, they are found by what is in
  /// them: that is no other holding.
  public func lacksStageTwo(_ packed: PackedImage) -> Bool {
    !packed.hasStageTwo && !holder.holds(packed.heldRecord)
  }

  /// Whether the running kernel's stage two is to be held and nobody does: the
  /// whole image does not fit, and the administrator has asked for it.
  public var wantsHolder: Bool {
    guard holder.isAskedFor, holder.bytes == nil, whyPlain == nil,
      let kernel = runningKernel, let packed = image(of: kernel).packed,
      let whole = whole(packed, of: kernel)
    else { return false }
    return holder.isNeeded(for: whole)
  }
}
