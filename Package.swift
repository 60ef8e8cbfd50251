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
    .target(name: "CStageTwo", linkerSettings: [.linkedLibrary("lzma")]),
    stage("BootImage", ["CStageTwo", "Memory"]),
    .target(name: "CLinux"),
    stage("Linux", ["CLinux", "Memory"]),
    .executableTarget(
      name: "oldmemd",
      dependencies: ["Linux", "Memory"],
      swiftSettings: pipeline
    ),

    // Host only.
    .target(
      name: "CCodecs",
      linkerSettings: [
        .linkedLibrary("bz2"), .linkedLibrary("lz4"), .linkedLibrary("lzma"),
        .linkedLibrary("z"), .linkedLibrary("zstd"),
      ]
    ),
    .target(
      name: "ImagePacker",
      dependencies: ["BootImage", "CCodecs"],
      swiftSettings: strict
    ),

    suite("MemoryTests", ["Memory"]),
    suite("BootImageTests", ["BootImage"]),
    suite("ImagePackerTests", ["BootImage", "ImagePacker"]),
  ],
  swiftLanguageModes: [.v6]
)
