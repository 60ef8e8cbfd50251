// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A short name for a kernel of Debian's, and the package that stands for its
/// newest release.
public struct KernelName: Sendable, Equatable {
  /// As people write it: `6.12`, `6.1-full`.
  public let name: String
  /// An empty package that depends on the newest release.
  public let package: String

  /// The one that scenarios crash where nobody says which.
  public static let usual = "6.12"

  /// All of them: cloud kernels have drivers for virtual machines alone, full
  /// ones those for hardware too.
  public static let all = [
    KernelName(name: "6.12", package: "linux-image-6.12-cloud-amd64"),
    KernelName(name: "6.12-full", package: "linux-image-6.12-amd64"),
    KernelName(name: "6.1", package: "linux-image-cloud-amd64"),
    KernelName(name: "6.1-full", package: "linux-image-amd64"),
  ]

  /// The kernel of that name.
  public static func named(_ name: String) -> KernelName? {
    all.first { $0.name == name }
  }

  /// The newest release by what `apt-cache depends` says of the package; nil
  /// when it says nothing, or names a kernel of another version.
  public func release(in dependencies: String) -> String? {
    let start = "Depends: linux-image-"
    let version = name.prefix { $0 != "-" } + "."
    for line in dependencies.split(separator: "\n") {
      guard let found = line.firstRange(of: start) else { continue }
      let release = line[found.upperBound...]
      if release.hasPrefix(version) { return String(release) }
    }
    return nil
  }
}
