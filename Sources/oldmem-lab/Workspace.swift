// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation

/// The folders that the lab reads and writes, all below one checkout.
struct Workspace {
  /// The checkout.
  let root: String

  init(root: String = FileManager.default.currentDirectoryPath) throws {
    self.root = root
    guard FileManager.default.fileExists(atPath: root + "/lab/guest") else {
      throw LabError.notACheckout(root)
    }
    for folder in [kernels, images, programs, packed, vmcores] {
      try Self.make(folder: folder)
    }
  }

  /// Sources of what runs in the guest.
  var guest: String { root + "/lab/guest" }
  /// Scripts that build what takes a distribution.
  var recipes: String { root + "/lab/images" }
  /// All output.
  var lab: String { root + "/.build/lab" }
  /// Unpacked kernel packages, by release.
  var kernels: String { lab + "/kernels" }
  /// What is built once and used by many runs.
  var images: String { lab + "/images" }
  /// Compiled guest programs.
  var programs: String { lab + "/programs" }
  /// Images of two stages.
  var packed: String { lab + "/packed" }
  /// What capture-vmcore saves.
  var vmcores: String { lab + "/vmcores" }

  /// The folder of a scenario's results.
  func results(_ scenario: String) throws -> String {
    let folder = lab + "/" + scenario
    try Self.make(folder: folder)
    return folder
  }

  /// When a file was last written; nil when there is none.
  static func modified(_ path: String) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.modificationDate] as? Date
  }

  static func make(folder: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
  }
}

/// A file's bytes, with an error that names it.
func contents(of path: String) throws -> [UInt8] {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw LabError.missingFile(path, hint: "or it cannot be read")
  }
  return Array(data)
}

/// A text file, with an error that names it.
func text(of path: String) throws -> String {
  String(decoding: try contents(of: path), as: UTF8.self)
}

/// Writes a file in one step.
func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
}
