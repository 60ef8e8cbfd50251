// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private let dependencies = """
  linux-image-amd64
    Depends: linux-image-6.1.0-56-amd64
    Conflicts: <linux-image-generic>

  """

@Test func theReleaseIsWhatThePackageDependsOn() {
  let kernel = KernelName.named("6.1-full")
  #expect(kernel?.release(in: dependencies) == "6.1.0-56-amd64")
}

/// Where the package has moved on to the next version of Debian.
@Test func aKernelOfAnotherVersionIsNoRelease() {
  let other = dependencies.replacing("6.1.0-56", with: "6.12.1+deb13")
  #expect(KernelName.named("6.1-full")?.release(in: other) == nil)
  #expect(KernelName.named("6.1-full")?.release(in: "") == nil)
}

@Test func eachKernelIsOfAPackageOfItsOwn() {
  #expect(Set(KernelName.all.map(\.name)).count == KernelName.all.count)
  #expect(Set(KernelName.all.map(\.package)).count == KernelName.all.count)
  #expect(KernelName.named("6.13") == nil)
}
