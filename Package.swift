// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PackageDescription

/// What every Swift target is held to.
let careful: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

/// What is shipped is held to strict memory safety too; the macros of Swift
/// Testing expand to code that does not pass it.
let strict = careful + [.strictMemorySafety()]

/// The pipeline also compiles in Embedded Swift, where the daemon lives.
let pipeline: [SwiftSetting] =
  strict + [
    .treatWarning("EmbeddedRestrictions", as: .error)
  ]

func stage(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: pipeline)
}

func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: careful)
}

let package = Package(
  name: "oldmem",
  products: [
    .executable(name: "oldmemd", targets: ["oldmemd"])
  ],
  targets: [
    // The pipeline, in the order in which data flows through it.
    stage("Memory"),
    .target(
      name: "CLinux",
      linkerSettings: [.linkedLibrary("uring")]
    ),
    stage("Linux", ["CLinux", "Memory"]),
    stage("FramePool", ["Memory"]),
    .target(name: "CXXHash"),
    stage("BlockStore", ["CXXHash", "Memory"]),
    stage("Devices", ["Linux", "Memory"]),
    stage("Ublk", ["BlockStore", "Linux", "Memory"]),
    stage("Supervisor", ["Linux", "Memory"]),
    stage("Activation", ["Linux", "Memory"]),
    .executableTarget(
      name: "oldmemd",
      dependencies: [
        "Activation", "BlockStore", "Devices", "FramePool", "Linux", "Memory",
        "Supervisor", "Ublk",
      ],
      swiftSettings: pipeline
    ),

    suite("MemoryTests", ["Memory"]),
    suite("LinuxTests", ["Linux"]),
    suite("DevicesTests", ["Devices", "Memory"]),
    suite("SupervisorTests", ["Linux", "Supervisor"]),
    suite("ActivationTests", ["Activation", "Linux"]),
    .target(name: "CUblkABI", path: "Tests/CUblkABI"),
    suite("UblkTests", ["BlockStore", "CUblkABI", "Linux", "Memory", "Ublk"]),
    suite("FramePoolTests", ["FramePool", "Memory"]),
    suite("BlockStoreTests", ["BlockStore", "CXXHash", "Memory"]),
  ],
  swiftLanguageModes: [.v6]
)
