// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What kdump-tools (1.8.1) is set to do, and where it keeps its things.
public struct KdumpTools: Sendable {
  static let program = "/usr/sbin/kdump-config"
  static let defaults = "/etc/default/kdump-tools"
  static let folder = "/var/lib/kdump"
  /// What makes the kdump initrd of a kernel.
  static let buildHook = "/etc/kernel/postinst.d/kdump-tools"
  /// kdump-config calls makedumpfile with these where nobody has said so.
  static let defaultArguments = "-F -c -d 31"
  /// kdump-config looks for programs here, in this order.
  private static let programFolders = [
    "/bin", "/usr/bin", "/sbin", "/usr/sbin",
  ]

  /// Whether there is a kdump-tools at all.
  public let isInstalled: Bool
  /// Whether it is told to load a capture kernel.
  public let isOn: Bool
  /// What makedumpfile is called with.
  public let makedumpfileArguments: String
  /// The level by which memory may be lent.
  public let level: OwnedLevel
  /// The initrd that it loads.
  public let initrd: String
  /// Where it writes dumps.
  public let coreFolder: String
  /// Words that it adds to the capture kernel's command line.
  public let commandLine: String

  /// Reads the settings of that system.
  public init(_ root: SystemRoot) {
    isInstalled = root.exists(Self.program)
    let variables = [
      "USE_KDUMP", "MAKEDUMP_ARGS", "KDUMP_KERNEL", "KDUMP_INITRD",
      "KDUMP_COREDIR",
      "KDUMP_CMDLINE", "KDUMP_CMDLINE_APPEND",
    ]
    let settings = ShellSettings(
      root.host(Self.defaults),
      variables: variables
    )
    isOn = settings.map { !["", "0"].contains($0["USE_KDUMP"]) } ?? false
    // kdump-config has a kernel and an initrd of its own where no kernel is set.
    let hasKernel = settings.map { !$0["KDUMP_KERNEL"].isEmpty } ?? false
    initrd = hasKernel ? settings?["KDUMP_INITRD"] ?? "" : ""
    let folder = settings?["KDUMP_COREDIR"] ?? ""
    coreFolder = folder.isEmpty ? "/var/crash" : folder
    commandLine =
      settings.map { $0["KDUMP_CMDLINE"] + " " + $0["KDUMP_CMDLINE_APPEND"] }
      ?? ""
    let given = settings?["MAKEDUMP_ARGS"] ?? ""
    makedumpfileArguments = given.isEmpty ? Self.defaultArguments : given
    if settings == nil {
      level = .none("\(Self.defaults) cannot be read")
    } else if let doubt = Self.doubt(root, arguments: given) {
      level = .none(doubt)
    } else {
      level = OwnedLevel(makedumpfileArguments: makedumpfileArguments)
    }
  }

  /// The makedumpfile that kdump-config finds; nil where there is none.
  public static func makedumpfile(_ root: SystemRoot) -> String? {
    programFolders.map { $0 + "/makedumpfile" }.first { root.exists($0) }
  }

  /// Why nobody can say how, or whether, makedumpfile will be called.
  private static func doubt(_ root: SystemRoot, arguments: String) -> String? {
    guard let program = makedumpfile(root) else {
      return "makedumpfile is not installed, and all memory would be copied"
    }
    guard root.bytes(program)?.starts(with: [0x7f, 0x45, 0x4c, 0x46]) == true
    else { return "\(program) is not makedumpfile itself" }
    // systemd reads the file first, line by line, without asking questions,
    // and what it finds is there when the shell begins.
    let mark = "-d 0"
    let again = ShellSettings(
      root.host(defaults),
      variables: ["MAKEDUMP_ARGS"],
      environment: ["MAKEDUMP_ARGS": mark]
    )
    let isAlwaysSet = again?["MAKEDUMP_ARGS"] == arguments
    let isNeverSet =
      arguments.isEmpty && again?["MAKEDUMP_ARGS"] == mark
      && !(root.text(defaults) ?? "").split(separator: "\n").contains {
        let line = $0.drop { " \t".contains($0) }
        return !line.hasPrefix("#") && line.contains("MAKEDUMP_ARGS")
      }
    return isAlwaysSet || isNeverSet
      ? nil : "\(defaults) sets MAKEDUMP_ARGS only sometimes"
  }

  /// The kernels that it has made an initrd for.
  static func kernels(_ root: SystemRoot) -> [String] {
    let start = "initrd.img-"
    // Drafts, and what is kept beside an image, end otherwise than a release.
    let others = [".new", ".plain", ".tmp"]
    return root.names(in: folder).filter { name in
      name.hasPrefix(start) && !others.contains { name.hasSuffix($0) }
    }.map { String($0.dropFirst(start.count)) }
  }
}
