// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A real Debian with a kdump stack as it is shipped: which, and where it
/// sends dumps.
public struct DebianGuest: Sendable, Equatable {
  /// What captures.
  public enum Stack: String, Sendable, Equatable, CaseIterable {
    /// kdump-tools, with the initramfs that it makes for the machine.
    case kdumpToolsDep = "kdump-tools-dep"
    /// kdump-tools, with an initramfs for any machine.
    case kdumpToolsMost = "kdump-tools-most"
    /// An initramfs of dracut's for any machine, which dumps by itself.
    case dracut
  }

  /// Where dumps go.
  public enum Target: String, Sendable, Equatable, CaseIterable {
    /// The root's ext4.
    case disk
    /// A server's sshd.
    case ssh
    /// A server's NFS, version 4.
    case nfs
  }

  /// What captures.
  public let stack: Stack
  /// Where dumps go.
  public let target: Target
  /// Whether Debian boots first, and loads by its own services what captures;
  /// otherwise the lab's first kernel loads the same with the same command
  /// line, which takes half the time.
  public let bootsWhole: Bool

  /// A guest.
  public init(stack: Stack, target: Target, bootsWhole: Bool = true) {
    self.stack = stack
    self.target = target
    self.bootsWhole = bootsWhole
  }

  /// The address at which the guest's network has a server.
  public static let server = "10.0.2.100"

  /// How kdump-tools is told of the target, on the command line.
  public var targetWords: [String] {
    switch target {
    case .disk: []
    case .ssh: ["lab.ssh=root@\(Self.server)"]
    case .nfs: ["lab.nfs=\(Self.server):/crash"]
    }
  }

  /// What the capture kernel's command line gains for oldmem, beside what it
  /// always does: less that is done at a time, less that is accounted for, and
  /// no more swap than the unpacked initramfs and some processes need.
  public var thriftyWords: [String] {
    let size = stack == .kdumpToolsDep ? "128M" : "160M"
    return [
      "udev.children-max=2", "cgroup_disable=memory", "oldmem.size=\(size)",
    ]
  }

  /// Where the guest has the initramfs that its kdump stack loads.
  public func initrd(release: String, oldmem: Bool) -> String {
    let folder = "/var/lib/kdump/"
    switch (stack, oldmem) {
    case (.kdumpToolsDep, false): return folder + "initrd.img-\(release)"
    case (.kdumpToolsMost, false): return folder + "most.img"
    case (.dracut, _): preconditionFailure("only the lab loads it")
    case (_, true): return folder + "\(stack.rawValue)-oldmem.img"
    }
  }
}

/// The words of the command line that the guest's kexec(8) was given, as
/// kdump-config writes it down.
public func captureWords(ofKexecCommand command: String) -> [String]? {
  let start = "--command-line=\""
  guard let head = command.firstRange(of: start),
    let end = command[head.upperBound...].firstIndex(of: "\"")
  else { return nil }
  return command[head.upperBound..<end].split(separator: " ").map(String.init)
}
