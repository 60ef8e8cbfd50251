// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

/// The options of the only disk.
private func options(of drive: MachineArguments.Drive) -> [Substring] {
  var arguments = MachineArguments()
  arguments.drives = [drive]
  let list = arguments.list
  let index = list.firstIndex(of: "-drive").map { $0 + 1 }
  return index.map { list[$0].split(separator: ",") } ?? []
}

@Test func requestsToAThrottledDiskStayInFlight() {
  let found = options(
    of: .init(name: "a", path: "/a", temporary: false, bytesPerSecond: 50_000)
  )
  // A cache of the host's would take writes at once and answer reads.
  #expect(found.contains("cache=none"))
  #expect(found.contains("throttling.bps-read=50000"))
  #expect(found.contains("throttling.bps-write=50000"))
}

@Test func otherDisksAreNotThrottled() {
  let found = options(of: .init(name: "a", path: "/a", temporary: false))
  #expect(found.contains("cache=unsafe"))
  #expect(!found.contains { $0.hasPrefix("throttling") })
}

@Test func onlyAThrottledDiskHasALimit() {
  let size = MemorySize(mebibytes: 16)
  let throttled = Disk.throttled(name: "t", size: size, bytesPerSecond: 7)
  #expect(throttled.bytesPerSecond == 7)
  #expect(throttled.name == "t")
  #expect(Disk.raw(name: "r", size: size).bytesPerSecond == nil)
}

/// What follows `option`, each time that it is there.
private func values(
  of option: String,
  in arguments: MachineArguments
) -> [String] {
  let list = arguments.list
  return list.indices.dropLast().filter { list[$0] == option }
    .map { list[$0 + 1] }
}

@Test func allMemoryAndAllProcessorsAreDealtToTheNodes() {
  var arguments = MachineArguments()
  arguments.memory = MemorySize(mebibytes: 1025)
  arguments.nodes = 2
  arguments.processors = 3
  let objects = values(of: "-object", in: arguments)
  #expect(
    objects == [
      "memory-backend-ram,id=node0,size=513M",
      "memory-backend-ram,id=node1,size=512M",
    ]
  )
  let nodes = values(of: "-numa", in: arguments)
  #expect(
    nodes == [
      "node,nodeid=0,memdev=node0,cpus=0,cpus=2",
      "node,nodeid=1,memdev=node1,cpus=1",
    ]
  )
}

@Test func aDiskOnNVMeIsNoVirtioDevice() {
  var arguments = MachineArguments()
  arguments.hasSerialPort = true
  arguments.drives = [
    .init(name: "a", path: "/a", temporary: false, bus: .nvme)
  ]
  #expect(arguments.list.contains("nvme,drive=disk0,serial=a"))
  // Nothing that a kernel without a driver for virtio would miss.
  #expect(!arguments.list.contains { $0.hasPrefix("virtio") })
  let serials = arguments.list.indices.filter {
    arguments.list[$0] == "-serial"
  }
  // The console comes first.
  #expect(
    serials.map { arguments.list[$0 + 1] } == [
      "chardev:serial", "chardev:port",
    ]
  )
}

@Test func theUsualMachineHasOneProcessorAndNoNodes() {
  let arguments = MachineArguments()
  #expect(values(of: "-smp", in: arguments) == ["1,sockets=1"])
  #expect(values(of: "-numa", in: arguments).isEmpty)
  #expect(!arguments.list.contains { $0.contains("balloon") })
}

@Test func aCPUThatATrialNamesComesBeforeTheAccelerators() {
  var arguments = MachineArguments()
  #expect(values(of: "-cpu", in: arguments) == ["Nehalem"])
  arguments.accelerator = "kvm"
  #expect(values(of: "-cpu", in: arguments) == ["host"])
  arguments.cpu = "max,la57=on"
  #expect(values(of: "-cpu", in: arguments) == ["max,la57=on"])
}

@Test func aBalloonIsThereWhenItIsWanted() {
  var arguments = MachineArguments()
  arguments.hasBalloon = true
  #expect(values(of: "-device", in: arguments).contains("virtio-balloon-pci"))
}

@Test func anIOMMUTranslatesForVirtioToo() throws {
  var arguments = MachineArguments()
  arguments.hasIOMMU = true
  arguments.drives = [.init(name: "a", path: "/a", temporary: false)]
  let unit = try #require(
    arguments.list.firstIndex { $0.hasPrefix("intel-iommu") }
  )
  let disk = try #require(
    arguments.list.firstIndex { $0.contains("iommu_platform=on") }
  )
  // QEMU takes over only devices that come later.
  #expect(unit < disk)
}

@Test func aMemoryDeviceHasRoomForTwiceWhatIsPluggedIn() {
  var arguments = MachineArguments()
  arguments.pluggedMemory = MemorySize(mebibytes: 160)
  #expect(values(of: "-m", in: arguments) == ["2048M,maxmem=2368M"])
  #expect(
    values(of: "-object", in: arguments) == [
      "memory-backend-ram,id=plug,size=320M"
    ]
  )
  #expect(
    arguments.list.contains(
      "virtio-mem-pci,memdev=plug,node=0,requested-size=160M"
    )
  )
}

@Test func aServiceIsReachedByItsOwnCommandAndNothingElseIsReached() throws {
  var arguments = MachineArguments()
  #expect(values(of: "-netdev", in: arguments).isEmpty)
  arguments.services = [(22, ["/lab/ssh", "/a,b"]), (2049, ["nc"])]
  let network = try #require(values(of: "-netdev", in: arguments).first)
  #expect(
    network == "user,id=net,restrict=on"
      + ",guestfwd=tcp:10.0.2.100:22-cmd:'/lab/ssh' '/a,,b'"
      + ",guestfwd=tcp:10.0.2.100:2049-cmd:'nc'"
  )
}

@Test func aNetworkCardNeedsNobodyWhoServes() {
  var arguments = MachineArguments()
  arguments.hasNetworkCard = true
  #expect(
    values(of: "-netdev", in: arguments) == ["user,id=net,restrict=on"]
  )
}

@Test func twoPathsLeadToOneDiskOfOneName() {
  var arguments = MachineArguments()
  arguments.drives = [
    .init(name: "crash", path: "/a", temporary: false, bus: .twoPaths)
  ]
  let disks = values(of: "-device", in: arguments).filter {
    $0.hasPrefix("scsi-hd,")
  }
  #expect(disks.count == 2)
  #expect(disks.allSatisfy { $0.contains("serial=crash,wwn=0x5") })
  #expect(Set(disks).count == 2)
}
