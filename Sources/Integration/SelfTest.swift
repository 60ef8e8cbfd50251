// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import ImagePacker

/// All that can be checked without a crash: `oldmem test`.
public struct SelfTest {
  let installation: Installation
  let capture: CaptureKernel
  var root: SystemRoot { installation.root }
  private var tools: KdumpTools { installation.tools }

  /// Checks the system that `installation` is in.
  public init(_ installation: Installation) {
    self.installation = installation
    capture = CaptureKernel(installation)
  }

  /// What the checks find, in the order in which a crash would meet it.
  public func run() -> [Finding] {
    guard tools.isInstalled else {
      return [
        .problem(
          "kdump-tools",
          "is not installed",
          "apt-get install kdump-tools, or see docs/integration.md"
        )
      ]
    }
    var findings = [stack, level, commandLine]
    if let kernel = installation.runningKernel {
      let image = installation.image(of: kernel)
      findings.append(self.image(image))
      if let packed = image.packed {
        findings += [
          flagLayout(packed), driver(packed, image), fit(packed),
        ]
        findings.append(route(packed, kernel))
      }
    }
    findings.append(loaded)
    findings.append(marking)
    return findings
  }

  private var stack: Finding {
    let check = "kdump-tools"
    if !installation.isEnabled {
      return .problem(check, "oldmem is disabled", "oldmem enable")
    }
    if !tools.isOn {
      return .problem(
        check,
        "USE_KDUMP is not 1",
        "set it in \(KdumpTools.defaults)"
      )
    }
    guard tools.initrd == KdumpTools.folder + "/initrd.img" else {
      return .problem(
        check,
        "loads \(tools.initrd.isEmpty ? "/boot/initrd.img" : tools.initrd)",
        "set KDUMP_INITRD=\(KdumpTools.folder)/initrd.img in "
          + "\(KdumpTools.defaults), or pack that initrd by hand"
      )
    }
    return .ok(check, "loads \(tools.initrd)")
  }

  private var level: Finding {
    let check = "dump level"
    let level = installation.recipe.level
    if let reason = installation.whyPlain {
      return .problem(
        check,
        "nothing is lent: \(reason)",
        "see docs/integration.md, \"The dump level\""
      )
    }
    guard let version = installation.recipe.makedumpfile else {
      return .warning(
        check,
        "\(level.level); the version of makedumpfile is not known",
        "makedumpfile -v should say it; the worst is assumed"
      )
    }
    return .ok(
      check,
      "\(level.level), by makedumpfile \(version) "
        + tools.makedumpfileArguments
    )
  }

  /// Words that are stronger than what the image has.
  private var commandLine: Finding {
    let check = "command line"
    let own = tools.commandLine + " " + (root.text("/proc/cmdline") ?? "")
    let words = own.split { " \t\n".contains($0) }.map(String.init)
    if words.contains("oldmem=off") {
      return .problem(check, "oldmem=off: nothing is lent", "take it away")
    }
    if let word = words.last(where: { $0.hasPrefix("oldmem.dump-level=") }) {
      return .problem(
        check,
        "\(word) is stronger than the level that kdump-tools has",
        "take it away: MAKEDUMP_ARGS owns the level"
      )
    }
    if let word = words.last(where: { $0.hasPrefix("rdinit=") }),
      word != "rdinit=/oldmem/init"
    {
      return .problem(check, "\(word) starts something else", "take it away")
    }
    if words.contains("rdinit=/oldmem/init") {
      return .warning(
        check,
        "rdinit=/oldmem/init, which a plain initrd would die of",
        "take it away: the image needs no word"
      )
    }
    return .ok(check, "needs no word of oldmem's, and has none")
  }

  private func image(_ image: KdumpImage) -> Finding {
    let check = "image"
    guard let packed = image.packed else {
      let state =
        image.isThere ? "\(image.path) is plain" : "there is no \(image.path)"
      return .problem(
        check,
        state,
        image.isThere
          ? "oldmem refresh says why" : "kdump-config load makes one"
      )
    }
    guard image.hasPlain else {
      return .problem(
        check,
        "\(image.plainPath) is gone",
        "\(KdumpTools.buildHook) \(image.kernel), then oldmem refresh"
      )
    }
    let recipe = installation.recipe
    guard
      recipe.origin(of: image, from: image.plainPath, root) == packed.origin,
      recipe.settings(for: packed) == packed.settings
    else {
      return .problem(
        check,
        "is not of the initrd, modules or settings of now",
        "oldmem refresh"
      )
    }
    if installation.lacksStageTwo(packed) {
      return .problem(
        check,
        "nobody holds its stage two any more",
        "oldmem refresh; systemctl status oldmem-hold"
      )
    }
    let stageTwo = packed.hasStageTwo ? "" : ", stage two is held in memory"
    return .ok(check, "\(image.path), \(packed.byteCount) bytes\(stageTwo)")
  }

  private var loaded: Finding {
    let check = "capture kernel"
    switch (capture.isLoaded, capture.isCurrent) {
    case (true, false):
      return .problem(
        check,
        "was loaded before its initrd was made",
        "kdump-config reload"
      )
    case (true, _): return .ok(check, "is loaded")
    case (false, _):
      return .problem(check, "is not loaded", "kdump-config load says why")
    case (nil, _):
      return .warning(
        check,
        "this kernel does not say whether one is loaded",
        "kdump-config status"
      )
    }
  }

  /// Whether dumps will get the list of what was lent.
  private var marking: Finding {
    let check = "lent-frames"
    let places = ["/lib/systemd/system", "/usr/lib/systemd/system"]
    let isThere = places.contains {
      root.exists($0 + "/kdump-tools-dump.service.d/oldmem.conf")
    }
    return isThere
      ? .ok(check, "will be saved beside each dump")
      : .warning(
        check,
        "nothing saves the list of lent frames beside a dump",
        "install oldmem's package; docs/integration.md has it by hand"
      )
  }
}
