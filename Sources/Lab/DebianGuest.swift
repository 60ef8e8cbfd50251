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
    /// A logical volume on a disk of its own.
    case lvm
    /// A SCSI disk that two controllers lead to.
    case multipath

    /// Whether /var/crash is another disk than the root.
    public var hasOwnDisk: Bool { self == .lvm || self == .multipath }
  }

  /// What is done on the machine after it has loaded what captures, and before
  /// it panics.
  public enum Deed: String, Sendable, Equatable {
    /// The package is purged.
    case purge
    /// MAKEDUMP_ARGS get a level by which nothing may be lent, and the panic
    /// comes when the package has seen to that.
    case levelNoticed = "level-noticed"
    /// The same, and the panic comes at once.
    case levelMissed = "level-missed"
    /// None, but stage two is held: oldmem-hold is enabled when Debian boots.
    case hold
    /// None, but kdump-config will find that a dump cannot be written.
    case copy
  }

  /// What captures.
  public let stack: Stack
  /// Where dumps go; the initramfs is the machine's where that is another disk.
  public let target: Target
  /// Whether Debian boots first, and loads by its own services what captures;
  /// otherwise the lab's first kernel loads the same with the same command
  /// line, which takes half the time.
  public let bootsWhole: Bool
  /// What is done before the panic, where Debian boots first.
  public var deed: Deed?

  /// A guest.
  public init(stack: Stack, target: Target, bootsWhole: Bool = true) {
    self.stack = stack
    self.target = target
    self.bootsWhole = bootsWhole
  }

  /// The address at which the guest's network has a server.
  public static let server = "10.0.2.100"

  /// How the guest is told of the target, and of what it is to do, on the
  /// command line.
  public var words: [String] {
    let target: [String] =
      switch target {
      case .disk, .lvm, .multipath: []
      case .ssh: ["lab.ssh=root@\(Self.server)"]
      case .nfs: ["lab.nfs=\(Self.server):/crash"]
      }
    return target + (deed.map { ["lab.deed=\($0.rawValue)"] } ?? [])
  }

  /// What the command line of dracut's gains for oldmem, where no package sees
  /// to it: less that is done at a time, less that is accounted for, and no
  /// more swap than the unpacked initramfs and some processes need.
  public static let dracutWords = [
    "udev.children-max=2", "cgroup_disable=memory", "oldmem.size=160M",
  ]

  /// What is done when the package is installed, and what its disk is called
  /// behind the stock one's name.
  public var installation: (step: String, suffix: String) {
    deed == .hold ? ("install-hold", "-held") : ("install", "-oldmem")
  }

  /// What is done when the disk is made that it boots from, and what that disk is
  /// called: one for each initramfs, and for each kind of /var/crash.
  public var setUp: String {
    if target.hasOwnDisk { return target.rawValue }
    return stack == .kdumpToolsMost ? "most" : "dep"
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
