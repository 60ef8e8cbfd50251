// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// The capture kernel that is loaded, and what it was loaded with.
public struct CaptureKernel {
  /// What was loaded last, for the capture system that finds out whether its
  /// makedumpfile is called otherwise by then.
  static let record = Installation.folder + "/loaded"
  private static let lock = Installation.folder + "/load-lock"
  private static let loaded = "/sys/kernel/kexec_crash_loaded"
  private static let reservation = "/sys/kernel/kexec_crash_size"

  private let installation: Installation
  private var root: SystemRoot { installation.root }

  /// The one of the system that `installation` is in.
  public init(_ installation: Installation) {
    self.installation = installation
  }

  /// Whether one is loaded; nil where this kernel does not tell.
  public var isLoaded: Bool? { root.number(Self.loaded).map { $0 == 1 } }

  /// Bytes that are reserved for it.
  public var reservedBytes: Int? { root.number(Self.reservation) }

  /// Whether it was loaded with the initrd that is in its place now, as far as
  /// times tell; nil where they do not.
  public var isCurrent: Bool? {
    guard let kernel = installation.runningKernel else { return nil }
    let command = installation.tools.coreFolder + "/kexec_cmd"
    guard let loaded = root.modified(command),
      let made = root.changed(installation.image(of: kernel).path)
    else { return nil }
    return made <= loaded
  }

  /// What has become of it.
  public enum Outcome: Equatable, Sendable {
    /// There was none to load again, or this is not the system that runs.
    case left
    case loaded
    /// kdump-tools could not load our image, and has loaded its own initrd.
    case fellBack
    /// Nothing is loaded now.
    case lost
  }

  /// Has kdump-tools load what is in its place now, if another one is loaded;
  /// with its own initrd where it cannot load ours.
  public func reload() throws(IntegrationError) -> Outcome {
    guard root.isRunning, isLoaded == true else { return .left }
    return try alone { () throws(IntegrationError) in
      // Somebody else may have done it while this one waited.
      if isCurrent != true { Self.run([KdumpTools.program, "try-reload"]) }
      return try outcome()
    }
  }

  /// After kdump-tools was told to load one: remembers with what, or falls
  /// back to its own initrd.
  public func check() throws(IntegrationError) -> Outcome {
    guard root.isRunning else { return .left }
    return try alone { () throws(IntegrationError) in try outcome() }
  }

  /// kdump-tools unloads before it loads: who looks in between sees a failure.
  private func alone(
    _ body: () throws(IntegrationError) -> Outcome
  ) throws(IntegrationError) -> Outcome {
    try root.makeFolder(Installation.folder)
    return try root.locked(Self.lock, body) ?? .left
  }

  private func outcome() throws(IntegrationError) -> Outcome {
    guard let kernel = installation.runningKernel else { return .left }
    if let packed = installation.image(of: kernel).packed,
      installation.lacksStageTwo(packed)
    {
      _ = try installation.refresh(kernel, quickly: true)
      Self.run([KdumpTools.program, "try-reload"])
    }
    if isLoaded == true {
      try remember()
      return .loaded
    }
    guard installation.tools.isOn, let reservedBytes, reservedBytes > 0,
      installation.image(of: kernel).packed != nil
    else { return .left }
    _ = try installation.restore(kernel, forgetting: false)
    Self.run([KdumpTools.program, "load"])
    return isLoaded == true ? .fellBack : .lost
  }

  /// Has the running kernel's stage two held, where that is wanted and nobody
  /// does it: what keeps one from starting may be over.
  public func startHolder() {
    guard root.isRunning, installation.wantsHolder else { return }
    Self.run([
      "/usr/bin/systemctl", "--no-block", "start", Holder.service,
    ])
  }

  private func remember() throws(IntegrationError) {
    try root.makeFolder(Installation.folder)
    // What was loaded before somebody had time for the image is by other
    // settings, and nobody knows which: no arguments are these.
    let recipe = installation.recipe
    let isKnown =
      isCurrent != false
      && installation.runningKernel.flatMap {
        installation.image(of: $0).packed
      }.map { recipe.settings(for: $0) == $0.settings } ?? false
    let arguments =
      isKnown ? installation.tools.makedumpfileArguments : "not known"
    try root.write("arguments=\(arguments)\n", to: Self.record)
  }

  private static func run(_ command: [String]) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    // kdump-config says what it does; that is no part of our own output.
    process.standardOutput = FileHandle.standardError
    guard (try? process.run()) != nil else { return }
    process.waitUntilExit()
  }
}
