// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Lab

/// Kernel modules of this checkout.
extension Workspace {
  /// The path of the module `name`, built for a kernel when its sources are
  /// newer: `oldmem` of kernel/module, any other of kernel/test.
  func ownModule(
    _ name: String,
    for kernel: KernelPackage
  ) throws -> String {
    let folder = "kernel/" + (name == "oldmem" ? "module" : "test")
    let path = "\(root)/.build/module/\(kernel.release)/\(name).ko"
    let sources = try FileManager.default.contentsOfDirectory(
      atPath: "\(root)/\(folder)"
    )
    let written = sources.compactMap {
      Self.modified("\(root)/\(folder)/\($0)")
    }
    if let made = Self.modified(path), written.allSatisfy({ $0 < made }) {
      return path
    }
    try Command.run(
      [root + "/scripts/build-module", folder, kernel.release],
      in: root,
      seconds: 600,
      saying: "building \(name).ko for \(kernel.release)"
    )
    return path
  }
}
