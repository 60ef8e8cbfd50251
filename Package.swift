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
    .executable(name: "oldmemd", targets: ["oldmemd"]),
    .executable(name: "oldmem", targets: ["oldmem"]),
  ],
  dependencies: [
    .package(
      url: "https://github.com/apple/swift-argument-parser",
      exact: "1.8.2"
    )
  ],
  targets: [
    // The pipeline, in the order in which data flows through it.
    stage("Memory"),
    stage("VMCore", ["Memory"]),
    stage("MemoryMap", ["Memory", "VMCore"]),
    stage("PageClasses", ["Memory", "MemoryMap", "VMCore"]),
    .target(name: "CLinux"),
    stage("Linux", ["CLinux", "Memory"]),
    .executableTarget(
      name: "oldmemd",
      dependencies: ["Linux", "Memory"],
      swiftSettings: pipeline
    ),

    // The tools for the host.
    .executableTarget(
      name: "oldmem",
      dependencies: [
        "Memory", "MemoryMap", "PageClasses", "VMCore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    // Host only: vmcores out of a description, for tests and benchmarks.
    .target(
      name: "SyntheticVMCore",
      dependencies: ["Memory"],
      swiftSettings: strict
    ),
    // Host only: what a dump says that it holds, for those who judge.
    .target(
      name: "KdumpFile",
      dependencies: ["Memory"],
      swiftSettings: strict
    ),

    suite("MemoryTests", ["Memory"]),
    suite("VMCoreTests", ["Memory", "SyntheticVMCore", "VMCore"]),
    suite("SyntheticVMCoreTests", ["KdumpFile", "Memory", "SyntheticVMCore"]),
  ],
  swiftLanguageModes: [.v6]
)
