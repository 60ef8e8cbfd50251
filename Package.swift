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

let arguments = Target.Dependency.product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)

let package = Package(
  name: "oldmem",
  products: [
    .executable(name: "oldmemd", targets: ["oldmemd"]),
    .executable(name: "oldmem", targets: ["oldmem"]),
    .executable(name: "oldmem-lab", targets: ["oldmem-lab"]),
  ],
  dependencies: [
    .package(
      url: "https://github.com/apple/swift-argument-parser",
      exact: "1.8.2"
    )
  ],
  targets: [
    // The pipeline, in the order in which data flows through it.
    .target(name: "CXXHash"),
    stage("Memory", ["CXXHash"]),
    stage("VMCore", ["Memory"]),
    stage("MemoryMap", ["Memory", "VMCore"]),
    stage("PageClasses", ["Memory", "MemoryMap", "VMCore"]),
    stage("FramePool", ["Memory", "PageClasses"]),
    stage("BlockStore", ["Memory"]),
    stage("Health", ["BlockStore"]),
    stage(
      "Rescue",
      ["BootImage", "Memory", "MemoryMap", "PageClasses", "VMCore"]
    ),
    .target(name: "CSeal", linkerSettings: [.linkedLibrary("bearssl")]),
    stage("RescueStream", ["BootImage", "CSeal", "Memory", "Rescue"]),

    // The way to the kernel, and what stands on it.
    .target(
      name: "CLinux",
      linkerSettings: [.linkedLibrary("uring")]
    ),
    stage("Linux", ["CLinux", "Memory"]),
    stage("Devices", ["CXXHash", "Linux", "Memory"]),
    stage("Quiesce", ["Linux", "Memory"]),
    stage("Hotplug", ["Linux", "Memory", "PageClasses"]),
    stage("Ublk", ["BlockStore", "Linux", "Memory"]),
    stage("NBD", ["BlockStore", "Linux", "Memory"]),
    stage("NBDKernel", ["Linux"]),
    stage("Supervisor", ["Linux", "Memory"]),
    stage("Status", ["BlockStore", "Health", "Linux", "Memory"]),
    .target(
      name: "CStageTwo",
      linkerSettings: [.linkedLibrary("lzma"), .linkedLibrary("md")]
    ),
    stage("BootImage", ["CStageTwo", "Memory"]),
    stage("Holding", ["BootImage", "Linux", "Memory"]),
    stage("DeviceMapper", ["Linux", "Memory"]),
    stage(
      "Activation",
      ["BootImage", "Health", "Linux", "Memory", "Rescue", "RescueStream"]
    ),
    .executableTarget(
      name: "oldmemd",
      dependencies: [
        "Activation", "BlockStore", "BootImage", "DeviceMapper", "Devices",
        "FramePool", "Health", "Holding", "Hotplug", "Linux", "Memory",
        "MemoryMap", "NBD", "NBDKernel", "PageClasses", "Quiesce", "Rescue",
        "RescueStream", "Status", "Supervisor", "Ublk", "VMCore",
      ],
      swiftSettings: pipeline
    ),

    // Host only: the two-stage image.
    .target(
      name: "CCodecs",
      linkerSettings: [
        .linkedLibrary("bz2"), .linkedLibrary("lz4"), .linkedLibrary("lzma"),
        .linkedLibrary("z"), .linkedLibrary("zstd"),
      ]
    ),
    .target(
      name: "ImagePacker",
      dependencies: ["BootImage", "CCodecs", "RescueStream"],
      swiftSettings: strict
    ),

    // Host only: dumps of our own.
    .target(
      name: "CPageCodecs",
      linkerSettings: [.linkedLibrary("z"), .linkedLibrary("zstd")]
    ),
    .target(
      name: "DumpWriter",
      dependencies: [
        "CPageCodecs", "Memory", "PageClasses", "Rescue", "VMCore",
      ],
      swiftSettings: strict
    ),

    // Host only: the other end of what is saved over a network or a line.
    .target(
      name: "RescueReceiver",
      dependencies: ["RescueStream"],
      swiftSettings: strict
    ),

    // Host only: under the kdump stack of a distribution.
    .target(
      name: "Integration",
      dependencies: ["BootImage", "ImagePacker", "Reservation"],
      swiftSettings: strict
    ),

    // Host only: vmcores out of a description, and what a dump holds.
    .target(
      name: "SyntheticVMCore",
      dependencies: ["Memory"],
      swiftSettings: strict
    ),
    .target(
      name: "KdumpFile",
      dependencies: ["Memory"],
      swiftSettings: strict
    ),
    .target(
      name: "FuzzCases",
      dependencies: [
        "FramePool", "Memory", "MemoryMap", "PageClasses", "Rescue",
        "SyntheticVMCore", "VMCore",
      ],
      swiftSettings: strict
    ),
    // Host only: clients of NBD that do as they should not. All raw sockets,
    // and none of it shipped.
    .target(
      name: "NBDCases",
      dependencies: ["Memory"],
      swiftSettings: careful
    ),
    .executableTarget(
      name: "oldmem-fuzz",
      dependencies: ["FuzzCases", "NBDCases"],
      swiftSettings: strict
    ),
    // Host only: the store against a plain array, whatever happens to it. All
    // raw memory, and none of it shipped.
    .target(name: "CSoak"),
    .target(
      name: "SoakCases",
      dependencies: ["BlockStore", "CSoak", "Memory"],
      swiftSettings: careful
    ),
    .executableTarget(
      name: "oldmem-soak",
      dependencies: ["SoakCases"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "oldmem-bench",
      dependencies: [
        "BlockStore", "Devices", "Linux", "Memory", "MemoryMap",
        "PageClasses", "Report", "SyntheticVMCore", "VMCore",
      ],
      swiftSettings: strict
    ),

    // Host only: how much memory a capture kernel takes.
    .target(name: "Reservation", swiftSettings: strict),

    // Host only: how results look.
    .target(
      name: "Report",
      dependencies: ["BootImage"],
      swiftSettings: strict
    ),
    .target(
      name: "MapPicture",
      dependencies: ["FramePool", "Memory", "PageClasses", "Report"],
      swiftSettings: strict
    ),

    // Host only: what became of a crash.
    .target(
      name: "CaptureReport",
      dependencies: [
        "KdumpFile", "MapPicture", "Memory", "PageClasses", "Report",
      ],
      swiftSettings: strict
    ),

    // The lab: real kernels in QEMU.
    .target(name: "Lab", dependencies: ["Report"], swiftSettings: strict),
    .executableTarget(
      name: "oldmem-lab",
      dependencies: ["Lab", "Report", arguments],
      swiftSettings: strict
    ),

    // The tool for production hosts and laptops.
    .executableTarget(
      name: "oldmem",
      dependencies: [
        "CaptureReport", "DumpWriter", "FramePool", "ImagePacker",
        "Integration", "MapPicture", "Memory", "MemoryMap", "PageClasses",
        "Report", "Rescue",
        "RescueReceiver", "RescueStream", "Reservation", "VMCore", arguments,
      ],
      swiftSettings: strict
    ),

    .target(
      name: "TestPrograms",
      path: "Tests/TestPrograms",
      swiftSettings: careful
    ),
    suite("MemoryTests", ["Memory"]),
    suite("VMCoreTests", ["Memory", "SyntheticVMCore", "VMCore"]),
    suite(
      "MemoryMapTests",
      ["Memory", "MemoryMap", "SyntheticVMCore", "VMCore"]
    ),
    suite(
      "PageClassesTests",
      ["Memory", "MemoryMap", "PageClasses", "SyntheticVMCore", "VMCore"]
    ),
    suite(
      "SyntheticVMCoreTests",
      ["KdumpFile", "Memory", "SyntheticVMCore", "TestPrograms"]
    ),
    suite(
      "RescueStreamTests",
      [
        "CSeal", "ImagePacker", "Rescue", "RescueReceiver", "RescueStream",
      ]
    ),
    suite(
      "RescueTests",
      ["Memory", "Rescue", "SyntheticVMCore", "TestPrograms", "VMCore"]
    ),
    suite(
      "DumpWriterTests",
      [
        "DumpWriter", "KdumpFile", "Memory", "PageClasses", "Rescue",
        "SyntheticVMCore", "TestPrograms", "VMCore",
      ]
    ),
    suite("FuzzTests", ["FuzzCases"]),
    suite(
      "JudgeTests",
      ["KdumpFile", "Memory", "TestPrograms", "VMCore", "oldmem"]
    ),
    suite(
      "FramePoolTests",
      ["FramePool", "Memory", "PageClasses", "SyntheticVMCore", "VMCore"]
    ),
    suite("BlockStoreTests", ["BlockStore", "CXXHash", "Memory"]),
    suite("SoakTests", ["SoakCases"]),
    suite("HealthTests", ["BlockStore", "Health"]),
    suite("LinuxTests", ["Linux"]),
    suite("DevicesTests", ["Devices", "Linux", "Memory"]),
    suite("DeviceMapperTests", ["DeviceMapper", "Linux", "Memory"]),
    suite("QuiesceTests", ["Linux", "Quiesce"]),
    .target(name: "CHotplugABI", path: "Tests/CHotplugABI"),
    suite(
      "HotplugTests",
      ["CHotplugABI", "Hotplug", "Linux", "Memory", "PageClasses"]
    ),
    .target(name: "CUblkABI", path: "Tests/CUblkABI"),
    suite("UblkTests", ["BlockStore", "CUblkABI", "Linux", "Memory", "Ublk"]),
    suite(
      "NBDTests",
      ["BlockStore", "Linux", "Memory", "NBD", "NBDCases", "TestPrograms"]
    ),
    suite("SupervisorTests", ["Linux", "Supervisor"]),
    suite("SurvivalTests", ["BlockStore", "Devices", "Linux", "Memory"]),
    suite(
      "StatusTests",
      ["BlockStore", "Health", "Linux", "Status", "TestPrograms"]
    ),
    suite("BootImageTests", ["BootImage", "Memory", "TestPrograms"]),
    suite("HoldingTests", ["BootImage", "Holding", "Linux", "TestPrograms"]),
    suite("ImagePackerTests", ["BootImage", "ImagePacker", "TestPrograms"]),
    suite(
      "IntegrationTests",
      [
        "BootImage", "ImagePacker", "Integration", "Memory", "oldmem",
        "TestPrograms",
      ]
    ),
    suite(
      "ActivationTests",
      [
        "Activation", "BootImage", "Health", "ImagePacker", "Linux", "Rescue",
      ]
    ),
    suite("OldmemdTests", ["TestPrograms"]),
    suite(
      "ManualTests",
      ["Activation", "Memory", "oldmem", "oldmem-lab", "TestPrograms"]
    ),
    suite("ReservationTests", ["Reservation"]),
    suite("ReportTests", ["Report"]),
    suite(
      "MapPictureTests",
      [
        "FramePool", "MapPicture", "Memory", "MemoryMap", "PageClasses",
        "SyntheticVMCore", "VMCore",
      ]
    ),
    suite(
      "CaptureReportTests",
      [
        "CaptureReport", "KdumpFile", "Report", "TestPrograms", "oldmem",
      ]
    ),
    suite("LabTests", ["Lab", "TestPrograms"]),
  ],
  swiftLanguageModes: [.v6]
)
