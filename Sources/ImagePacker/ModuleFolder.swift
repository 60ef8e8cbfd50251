// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// /lib/modules/VERSION as depmod(8) leaves it: modules.dep has a line
// `path: path ...` for each module with all that must be loaded before it, the
// last one first; modules.builtin has the paths of those within the kernel.

/// A folder of kernel modules with its indexes.
struct ModuleFolder {
  /// A module to load, uncompressed.
  struct Module {
    /// Its name, with `_` for `-`.
    let name: String
    /// The module as finit_module(2) takes it.
    let data: [UInt8]
  }

  private let folder: String
  private var needs = [String: (path: String, before: [String])]()
  private var builtin = Set<String>()

  /// Reads the indexes of `folder`.
  init(_ folder: String) throws(PackError) {
    self.folder = folder
    for line in try Self.lines(folder + "/modules.dep") {
      let sides = line.split(separator: ":", maxSplits: 1)
      guard let path = sides.first.map(String.init) else { continue }
      let before = sides.count > 1 ? sides[1].split(separator: " ") : []
      needs[Self.name(path)] = (path, before.map(String.init))
    }
    for line in try Self.lines(folder + "/modules.builtin") {
      builtin.insert(Self.name(String(line)))
    }
  }

  /// The driver for devices whose requests a process answers: the best that
  /// the kernel has, and the best of all where it has none.
  var deviceDriver: String {
    drivers.first ?? Self.deviceDrivers[0]
  }

  private static let deviceDrivers = ["ublk_drv", "nbd"]
  private var drivers: [String] {
    Self.deviceDrivers.filter { needs[$0] != nil || builtin.contains($0) }
  }

  /// The modules of the route `dm`, in load order, as far as the kernel has
  /// them; slram, which takes parameters, is the last.
  ///
  /// Device-mapper with what checks and mirrors, and whatever shows memory as
  /// a block device: pmem for what `memmap=` has set apart, slram for any.
  func stitching() throws(PackError) -> [Module] {
    let needed = ["dm_mod"]
    let useful = [
      "crc32c_generic", "dm_integrity", "dm_mirror", "nd_e820", "nd_pmem",
      "mtdblock", "slram",
    ]
    let there = useful.filter { needs[$0] != nil }
    return try resolve(needed + there)
  }

  /// What is packed unless somebody says otherwise: the driver, and oldmem
  /// where DKMS or somebody else has installed it.
  ///
  /// - Parameter stitching: whether there will be a device that needs no such
  ///   driver.
  func defaultNames(stitching: Bool = false) -> [String] {
    let driver = stitching && drivers.isEmpty ? [] : [deviceDriver]
    return driver + (needs["oldmem"] != nil ? ["oldmem"] : [])
  }

  /// A module in a file of its own, which needs no other.
  static func module(inFile file: String) throws(PackError) -> Module {
    let data = try unpack(HostFile.read(file), file: file)
    // What insmod(8) would be told is no module is found out here.
    guard data.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw .notModule(file: file)
    }
    return Module(name: name(file), data: data)
  }

  /// The modules that `names` stand for and all that they need, in load order,
  /// without those that are built in.
  func resolve(_ names: [String]) throws(PackError) -> [Module] {
    var order = [(name: String, path: String)]()
    for wanted in names {
      let name = Self.name(wanted)
      guard let entry = needs[name] else {
        guard builtin.contains(name) else {
          throw .unknownModule(wanted, folder: folder)
        }
        continue
      }
      for path in entry.before.reversed() + [entry.path] {
        let name = Self.name(path)
        guard !order.contains(where: { $0.name == name }) else { continue }
        order.append((name, path))
      }
    }
    var modules = [Module]()
    for (name, path) in order {
      let file = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      let packed = try HostFile.read(file)
      let data = try Self.unpack(packed, file: file)
      modules.append(Module(name: name, data: data))
    }
    return modules
  }

  private static func unpack(
    _ bytes: [UInt8],
    file: String
  ) throws(PackError) -> [UInt8] {
    guard let format = Compression(bytes[...]) else { return bytes }
    var data = [UInt8]()
    var position = 0
    do throws(Codec.Corrupt) {
      var decoder = try Codec(decoding: format)
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let rest = bytes.span.extracting(position..<bytes.count)
        let step = try decoder.run(rest, into: &buffer)
        data += buffer[..<step.given]
        position += step.taken
        if step.ended { return data }
        guard step.taken > 0 || step.given > 0 else { throw Codec.Corrupt() }
      }
    } catch {
      throw .corrupt(file: file, segment: 0, at: position)
    }
  }

  /// The module's name in a path or as a person writes it.
  static func name(_ path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.prefix { $0 != "." }
    return String(stem.map { $0 == "-" ? "_" : $0 })
  }

  private static func lines(
    _ file: String
  ) throws(PackError) -> [Substring] {
    let text = String(decoding: try HostFile.read(file), as: UTF8.self)
    return text.split(separator: "\n")
  }
}
