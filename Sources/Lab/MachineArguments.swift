// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// QEMU's command line for a machine of the lab.
public struct MachineArguments: Sendable {
  /// A disk image and how the machine sees it.
  public struct Drive: Sendable, Equatable {
    /// The name that the guest finds as the disk's serial number.
    public let name: String
    /// The image, raw.
    public let path: String
    /// Whether writes are dropped when the machine stops.
    public let temporary: Bool
    /// How many bytes a second may be read, and how many written; nil for as
    /// many as QEMU can.
    public let bytesPerSecond: Int?
    /// What it is attached to.
    public let bus: Bus

    /// What a disk is attached to.
    public enum Bus: Sendable {
      /// A virtio device.
      case virtio
      /// An NVMe controller of its own.
      case nvme
      /// Two SCSI controllers of virtio's, which lead to one disk.
      case twoPaths
    }

    /// A raw image under a name.
    public init(
      name: String,
      path: String,
      temporary: Bool,
      bytesPerSecond: Int? = nil,
      bus: Bus = .virtio
    ) {
      self.name = name
      self.path = path
      self.temporary = temporary
      self.bytesPerSecond = bytesPerSecond
      self.bus = bus
    }

    /// How the image is reached, and how fast.
    ///
    /// Requests that are to stay in flight go past the host's cache. Threads
    /// do the rest: not every file system of a host has native asynchronous
    /// I/O, and what waits for the throttle has not reached it yet.
    var cacheOptions: String {
      guard let bytesPerSecond else {
        return "cache=unsafe,discard=unmap,detect-zeroes=unmap"
      }
      return "cache=none,aio=threads,throttling.bps-read=\(bytesPerSecond)"
        + ",throttling.bps-write=\(bytesPerSecond)"
    }
  }

  /// `tcg` or `kvm`.
  public var accelerator = "tcg"
  /// The CPU model with its flags; nil for what suits the accelerator.
  public var cpu: String?
  /// The number of processors, each in a socket of its own.
  public var processors = 1
  /// The machine's memory.
  public var memory = MemorySize(mebibytes: 2048)
  /// The number of nodes that memory and processors are dealt to.
  public var nodes = 1
  /// Whether there is a memory balloon.
  public var hasBalloon = false
  /// What a memory device of twice that size has plugged in; nil for none.
  public var pluggedMemory: MemorySize?
  /// The file that is the machine's memory, for those who write into it
  /// from outside; nil keeps it in QEMU.
  ///
  /// It takes a machine of one node.
  public var memoryFile: String?
  /// The kernel image that boots first.
  public var kernel = ""
  /// Its initramfs.
  public var initrd = ""
  /// Its command line.
  public var commandLine = ""
  /// The disks, in the order in which the kernel finds them.
  public var drives: [Drive] = []
  /// The folder that the TFTP server serves; nil for none.
  public var network: String?
  /// Servers that the guest finds at `DebianGuest.server`: by port, the
  /// program and its words that serve one connection.
  public var services: [(port: Int, command: [String])] = []
  /// Whether there is a network card though nobody serves.
  public var hasNetworkCard = false
  /// The folder of the pipes `serial`, `port` and `monitor`.
  public var pipes = ""
  /// Whether messages go over a second serial line, for a kernel that has no
  /// driver for virtio.
  public var hasSerialPort = false
  /// Whether what devices see of memory is translated by an IOMMU.
  public var hasIOMMU = false

  /// The usual machine, with nothing to boot yet.
  public init() {}

  /// The arguments, without the program's name.
  public var list: [String] {
    var list = [
      "-accel", accelerator == "tcg" ? "tcg,thread=multi" : accelerator,
      // What TCG does not emulate, a kernel must not find.
      "-cpu", cpu ?? (accelerator == "tcg" ? "Nehalem" : "host"),
      "-machine", "q35,sata=off,smbus=off",
      "-nodefaults", "-no-reboot", "-display", "none", "-vga", "none",
      "-m", memoryOptions,
      "-smp", "\(processors),sockets=\(processors)",
      "-kernel", kernel, "-initrd", initrd, "-append", commandLine,
    ]
    list += nodeOptions
    if let pluggedMemory {
      let size = pluggedMemory.mebibytes
      list += [
        "-object", "memory-backend-ram,id=plug,size=\(size * 2)M",
        "-device",
        "virtio-mem-pci,memdev=plug,node=0,requested-size=\(size)M",
      ]
    }
    if hasBalloon { list += ["-device", "virtio-balloon-pci"] }
    if let memoryFile {
      var object = "memory-backend-file,id=ram,share=on"
      object += ",size=\(memory.mebibytes)M,mem-path=\(escaped(memoryFile))"
      list += ["-object", object, "-machine", "memory-backend=ram"]
    }
    for pipe in ["serial", "port", "monitor"] {
      list += [
        "-chardev", "pipe,id=\(pipe),path=\(escaped("\(pipes)/\(pipe)"))",
      ]
    }
    list += [
      "-serial", "chardev:serial",
      "-mon", "chardev=monitor,mode=control",
    ]
    // It has to come before the devices that it translates for.
    if hasIOMMU { list += ["-device", "intel-iommu,intremap=off"] }
    if hasSerialPort {
      list += ["-serial", "chardev:port"]
    } else {
      list += [
        "-device", "virtio-serial-pci",
        "-device", "virtserialport,chardev=port,name=org.oldmem.lab",
      ]
    }
    for (index, drive) in drives.enumerated() {
      guard drive.bus != .twoPaths else {
        list += paths(to: drive, index)
        continue
      }
      var options = "file=\(escaped(drive.path)),format=raw,if=none"
      options += ",id=disk\(index),\(drive.cacheOptions)"
      if drive.temporary { options += ",snapshot=on" }
      list += ["-drive", options, "-device", device(of: drive, index)]
    }
    if network != nil || hasNetworkCard || !services.isEmpty {
      list += [
        "-netdev", networkOptions,
        "-device", "virtio-net-pci,netdev=net,romfile=",
      ]
    }
    return list
  }

  /// What a device may plug in has to have its place.
  private var memoryOptions: String {
    guard let pluggedMemory else { return "\(memory.mebibytes)" }
    let most = memory.mebibytes + pluggedMemory.mebibytes * 2
    return "\(memory.mebibytes)M,maxmem=\(most)M"
  }

  /// Nodes of equal memory, but for what does not divide; processor n is in
  /// node n, as long as there are as many.
  private var nodeOptions: [String] {
    guard nodes > 1 else { return [] }
    precondition(memoryFile == nil, "one file is the memory of one node")
    let share = memory.mebibytes / nodes
    return (0..<nodes).flatMap { node in
      let size = node > 0 ? share : memory.mebibytes - share * (nodes - 1)
      var options = "node,nodeid=\(node),memdev=node\(node)"
      for processor in 0..<processors where processor % nodes == node {
        options += ",cpus=\(processor)"
      }
      return [
        "-object", "memory-backend-ram,id=node\(node),size=\(size)M",
        "-numa", options,
      ]
    }
  }

  /// Nothing outside but what is served is to be reached.
  private var networkOptions: String {
    var options = "user,id=net,restrict=on"
    if let network { options += ",tftp=\(escaped(network))" }
    for service in services {
      let words = service.command.map { "'\($0)'" }.joined(separator: " ")
      options += ",guestfwd=tcp:\(DebianGuest.server):\(service.port)"
      options += "-cmd:\(escaped(words))"
    }
    return options
  }

  private func device(of drive: Drive, _ index: Int) -> String {
    let identity = "drive=disk\(index),serial=\(drive.name)"
    switch drive.bus {
    case .nvme: return "nvme,\(identity)"
    case .virtio where hasIOMMU:
      // Only the modern device says that its addresses are translated.
      return "virtio-blk-pci,\(identity),iommu_platform=on,disable-legacy=on"
    case .virtio: return "virtio-blk-pci,\(identity)"
    case .twoPaths: preconditionFailure("it takes more than a device")
    }
  }

  /// Two disks of one image, and one name: what a guest takes for two ways to
  /// one disk.
  private func paths(to drive: Drive, _ index: Int) -> [String] {
    precondition(!drive.temporary, "what one path writes the other must read")
    return (0..<2).flatMap { path in
      let name = "disk\(index)path\(path)"
      return [
        "-device", "virtio-scsi-pci,id=scsi\(path)",
        "-drive",
        "file=\(escaped(drive.path)),format=raw,if=none,id=\(name)"
          + ",file.locking=off,\(drive.cacheOptions)",
        "-device",
        "scsi-hd,drive=\(name),bus=scsi\(path).0,serial=\(drive.name)"
          + ",wwn=0x5000000000000001,share-rw=on",
      ]
    }
  }

  /// QEMU ends an option at a comma; two of them stand for one.
  private func escaped(_ path: String) -> String {
    path.replacing(",", with: ",,")
  }
}
