// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage

// Makes the two-stage image (`ImageLayout`): what `oldmem pack` does.

/// What an image is made of.
public struct PackRequest: Sendable {
  /// The distribution's kdump initrd; nil for an image that saves the log and
  /// has no stage two.
  public var initrd: String?
  /// The capture kernel's modules, /lib/modules/VERSION.
  public var modules: String
  /// The modules to load before anything else, with what they need; nil takes
  /// the driver of the device, ublk_drv, or nbd where the kernel has no ublk,
  /// and oldmem where it is installed.
  public var moduleNames: [String]?
  /// Whether the modules of the route `dm` are packed.
  public var packsStitching = false
  /// Files of further modules, loaded after those.
  public var moduleFiles = [String]()
  /// The static oldmemd.
  public var daemon: String
  /// The settings file; nil for one without settings.
  public var configuration: String?
  /// The file with the key that what is sent is sealed with; nil takes the one
  /// that the settings file names.
  public var rescueKey: String?
  /// Settings that hold unless the settings file says otherwise, a line each.
  public var settings = [String]()
  /// The crashed kernel's flag layout; nil where it is not known.
  public var layout: [UInt8]?
  /// The lab's step hook.
  public var hook: String?
  /// Further files, with their absolute paths in the image.
  public var additions = [(file: String, path: String)]()
  /// What is to be found in the image of what it was made of; nil for nothing.
  public var origin: String?

  /// Asks for an image with the default module and nothing added.
  public init(initrd: String?, modules: String, daemon: String) {
    self.initrd = initrd
    self.modules = modules
    self.daemon = daemon
  }
}

/// What went into an image; all sizes in bytes.
public struct PackReport: Equatable, Sendable {
  /// One line of the table.
  public struct Item: Equatable, Sendable {
    /// The path in the image.
    public let path: String
    /// The size of the file.
    public let size: Int
  }

  /// The files of stage one, without stage two.
  public var items = [Item]()
  /// The whole image.
  public var imageSize = 0
  /// The initrd as it came.
  public var initrdSize = 0
  /// Stage two packed.
  public var packedSize = 0
  /// Stage two unpacked.
  public var unpackedSize = 0
  /// The parts of stage two.
  public var partCount = 0
  /// The entries of the initrd.
  public var entryCount = 0
  /// Whether the initrd's last archive has no end mark: it may be cut short.
  public var lacksTrailer = false
}

/// Makes two-stage images.
public struct ImagePacker {
  /// What is being done, and how much of it: 0 to 1.
  public typealias Progress = (_ step: String, _ share: Double) -> Void

  /// Makes the image's bytes, which are the same for the same files.
  public static func pack(
    _ request: PackRequest,
    progress: Progress = { _, _ in }
  ) throws(PackError) -> (image: [UInt8], report: PackReport) {
    var report = PackReport()
    let daemon = try HostFile.read(request.daemon)
    let known = request.settings.map { $0 + "\n" }.joined()
    let configuration =
      try Array(known.utf8)
      + (request.configuration.map(HostFile.read)
        ?? Array("# Nothing else is set: all defaults hold.\n".utf8))
    var keyFile = request.rescueKey
    if keyFile == nil { keyFile = try RescueKeyFile.named(in: configuration) }
    let key = try keyFile.map(RescueKeyFile.read)
    let hook = try request.hook.map(HostFile.read)
    let folder = try ModuleFolder(request.modules)
    let usual = request.initrd.map { _ in
      folder.defaultNames(stitching: request.packsStitching)
    }
    let names = request.moduleNames ?? usual ?? []
    var modules = try folder.resolve(names)
    for file in request.moduleFiles {
      let module = try ModuleFolder.module(inFile: file)
      // One that is installed as well gives way to the one that was asked for.
      modules.removeAll { $0.name == module.name }
      modules.append(module)
    }
    var tree = StageOne()
    try tree.add("\(ImageLayout.daemon)", daemon, permissions: 0o755)
    try tree.add("\(ImageLayout.start)", linkTo: "\(ImageLayout.daemon)")
    try tree.add("\(ImageLayout.configuration)", configuration)
    if let origin = request.origin {
      try tree.add("\(ImageLayout.origin)", Array(origin.utf8))
    }
    if let key {
      try tree.add("\(ImageLayout.rescueKey)", key, permissions: 0o600)
    }
    if let layout = request.layout {
      try tree.add("\(ImageLayout.flagLayout)", layout)
    }
    if let hook {
      try tree.add("\(ImageLayout.hook)", hook, permissions: 0o755)
    }
    try tree.add(modules, in: ImageLayout.modules)
    if request.packsStitching {
      var stitching = try folder.stitching()
      if stitching.last?.name == "slram" {
        try tree.add("\(ImageLayout.slram)", stitching.removeLast().data)
      }
      try tree.add(stitching, in: ImageLayout.stitchModules)
    }
    for (file, path) in request.additions {
      let data = try HostFile.read(file)
      let permissions = HostFile.permissions(file)
      try tree.add(path, data, permissions: permissions)
    }
    report.items = tree.items

    if let file = request.initrd {
      let initrd = try HostFile.read(file)
      guard !PackedImage.begins(initrd) else { throw .isPacked(file: file) }
      let stageTwo = try pack(initrd, file, &report, progress)
      progress("checking", 0)
      try stageTwo.verify()
      try tree.add("\(ImageLayout.manifest)", stageTwo.manifest.bytes)
      for (index, part) in stageTwo.parts.enumerated() {
        let path = ImageLayout.partPath(UInt32(index)) ?? []
        try tree.add(String(decoding: path.dropLast(), as: UTF8.self), part)
      }
    }
    let image = tree.finish()
    report.imageSize = image.count
    return (image, report)
  }

  /// Writes an image: all of it, or nothing.
  public static func write(
    _ image: [UInt8],
    to file: String
  ) throws(PackError) {
    try HostFile.replace(file, with: image)
  }

  private static func pack(
    _ initrd: [UInt8],
    _ file: String,
    _ report: inout PackReport,
    _ progress: Progress
  ) throws(PackError) -> PackedStageTwo {
    var packer = try StageTwoPacker()
    var reader = InitrdReader(initrd, file: file)
    try reader.unpack { (piece, reached) throws(PackError) in
      try packer.add(piece)
      progress("packing", Double(reached) / Double(initrd.count))
    }
    let stageTwo = try packer.finish()
    report.initrdSize = initrd.count
    report.packedSize = Int(stageTwo.manifest.packedSize)
    report.unpackedSize = Int(stageTwo.manifest.unpackedSize)
    report.partCount = stageTwo.parts.count
    report.entryCount = reader.inventory.entryCount
    report.lacksTrailer = reader.lacksTrailer
    return stageTwo
  }
}
