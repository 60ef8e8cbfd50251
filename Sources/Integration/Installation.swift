// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import ImagePacker

/// oldmem under kdump-tools: brings the images of all kernels to what they
/// should be, and puts back what was there before.
///
/// An image lends by itself: it starts oldmem as its /init and has the level
/// in it, so no word of a command line can disagree with it. Where nothing may
/// be lent kdump-tools' own initrd is in its place.
public struct Installation {
  static let folder = "/var/lib/oldmem"
  static let mark = folder + "/disabled"
  static let lock = folder + "/lock"

  /// What can only be found out by asking the machine.
  public struct Host {
    /// The version of the makedumpfile that is installed.
    public var makedumpfile: String?
    /// The release of the kernel that runs, and its flag layout.
    public var running: (kernel: String, layout: [UInt8]?)?

    /// What was found out.
    public init(
      makedumpfile: String?,
      running: (kernel: String, layout: [UInt8]?)?
    ) {
      self.makedumpfile = makedumpfile
      self.running = running
    }
  }

  /// What has become of a kernel's image.
  public enum Outcome: Equatable, Sendable {
    /// Made, of the initrd that kdump-tools made.
    case packed
    /// Given other settings, or another flag layout.
    case settings
    case unchanged
    /// kdump-tools' own is in its place, until somebody has time to pack it.
    case waiting
    /// kdump-tools' own is in its place, for this reason.
    case plain(String, changed: Bool)
    /// There is no initrd for that kernel any more.
    case gone

    /// Whether a capture kernel that is loaded has another initrd now.
    public var isChange: Bool {
      switch self {
      case .packed, .settings, .plain(_, changed: true): true
      case .unchanged, .waiting, .plain, .gone: false
      }
    }
  }

  /// The system.
  public let root: SystemRoot
  /// What its kdump-tools is set to do.
  public let tools: KdumpTools
  /// What its images are to be made of.
  public let recipe: ImageRecipe
  /// The release of the kernel that runs.
  public let runningKernel: String?
  /// The flag layout of the kernel that runs.
  let runningLayout: [UInt8]?
  /// Whoever holds stage two in the running system's memory.
  public let holder: Holder

  /// oldmem in that system.
  public init(_ root: SystemRoot, _ host: Host) {
    self.root = root
    tools = KdumpTools(root)
    holder = Holder(root)
    recipe = ImageRecipe(
      root,
      level: tools.level,
      makedumpfile: host.makedumpfile,
      running: host.running
    )
    runningKernel = host.running?.kernel
    runningLayout = host.running?.layout
  }

  /// Whether the administrator has not said otherwise.
  public var isEnabled: Bool { !root.exists(Self.mark) }

  /// Whether images would be the same by the settings of both.
  public func wantsSame(as other: Installation) -> Bool {
    whyPlain == other.whyPlain && recipe.settings == other.recipe.settings
  }

  /// The kernels with an initrd of kdump-tools'.
  public var kernels: [String] { KdumpTools.kernels(root) }

  /// The initrd of a kernel.
  public func image(of kernel: String) -> KdumpImage {
    KdumpImage(root, kernel: kernel)
  }

  /// Why kdump-tools' own initrd is to be in its place; nil where ours is.
  public var whyPlain: String? {
    if !isEnabled { return "oldmem is disabled" }
    // `log` is for images that have nothing else: here it would cost the dump.
    if let mode = ImageRecipe.value("mode", in: recipe.administrator),
      ["off", "log"].contains(mode)
    {
      return "\(ImageRecipe.configuration) sets mode = \(mode)"
    }
    return recipe.level.reason
  }

  /// Brings a kernel's image to what it should be.
  ///
  /// - Parameter quickly: leave what takes longer than a moment to others.
  public func refresh(
    _ kernel: String,
    quickly: Bool
  ) throws(IntegrationError) -> Outcome {
    let root = root
    try root.makeFolder(Self.folder)
    // What nobody could start with is not left for later.
    let isUrgent = image(of: kernel).packed.map(lacksStageTwo) ?? false
    let outcome = try root.locked(Self.lock, waiting: !quickly || isUrgent) {
      () throws(IntegrationError) in
      try bring(image(of: kernel), quickly)
    }
    return outcome ?? .waiting
  }

  private func bring(
    _ image: KdumpImage,
    _ quickly: Bool
  ) throws(IntegrationError) -> Outcome {
    guard image.isThere else {
      try root.remove(image.plainPath)
      try holder.forget(image.kernel)
      return .gone
    }
    guard image.isReadable else { throw .file(image.path, EIO) }
    if let whyPlain {
      return .plain(whyPlain, changed: try putPlainBack(image))
    }
    if image.isDamaged {
      return .plain("damaged", changed: try image.restore())
    }
    guard let packed = image.packed else {
      if quickly { return .waiting }
      // What is kept of an initrd before this one is of no use any more; this
      // one is kept once there is something to put in its place.
      try root.remove(image.plainPath)
      let made = try recipe.pack(image, from: image.path, root)
      try image.keep()
      try put(made, as: image)
      return .packed
    }
    guard let whole = whole(packed, of: image.kernel) else {
      // Stage two is nowhere but in memory that nobody holds any more.
      return .plain("stage two is lost", changed: try image.restore())
    }
    // The level first: whatever fails behind it, no higher one stays.
    let layout = recipe.flagLayout(for: image)
    let held = held(of: whole, image.kernel)
    let isStale =
      packed.settings != recipe.settings(for: packed)
      || packed.flagLayout != layout
      || packed.heldRecord != held
    if isStale {
      do throws(IntegrationError) {
        try image.put(try recipe.renew(whole, of: image, held: held))
      } catch {
        guard lacksStageTwo(packed) else { throw error }
        // A rename, for which there is room on a disk that is full.
        return .plain("\(error)", changed: try image.restore())
      }
    }
    let origin = recipe.origin(of: image, from: image.plainPath, root)
    if !quickly, let origin, origin != packed.origin {
      let made = try recipe.pack(image, from: image.plainPath, root)
      try put(made, as: self.image(of: image.kernel))
      return .packed
    }
    return isStale ? .settings : .unchanged
  }

  /// Puts back what kdump-tools made; where that is gone the image stays, and
  /// lends nothing.
  private func putPlainBack(
    _ image: KdumpImage
  ) throws(IntegrationError) -> Bool {
    do throws(IntegrationError) { return try image.restore() } catch {
      if let packed = image.packed {
        let whole = whole(packed, of: image.kernel) ?? packed
        try image.put(try recipe.lendingNothing(whole, of: image))
      }
      throw error
    }
  }

  /// Puts back what kdump-tools made for a kernel; says whether that has
  /// changed anything.
  ///
  /// - Parameter forgetting: whether nobody is to hold its stage two any more.
  public func restore(
    _ kernel: String,
    forgetting: Bool = true
  ) throws(IntegrationError) -> Bool {
    let root = root
    try root.makeFolder(Self.folder)
    return try root.locked(Self.lock) { () throws(IntegrationError) in
      let isChanged = try putPlainBack(image(of: kernel))
      if forgetting { try holder.forget(kernel) }
      return isChanged
    } ?? false
  }

  /// Remembers what the administrator wants.
  public func setEnabled(_ isEnabled: Bool) throws(IntegrationError) {
    try root.makeFolder(Self.folder)
    if isEnabled {
      try root.remove(Self.mark)
    } else {
      try root.write("`oldmem enable` undoes this.\n", to: Self.mark)
    }
  }
}
