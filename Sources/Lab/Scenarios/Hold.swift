// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Stage two in the memory of the kernel that crashes, not in the reservation.
  ///
  /// The same initramfs as in `small-crashkernel`, whose image needs 92M when
  /// stage two is in it.
  public static let hold: Scenario = {
    var whole = Trial(name: "in-the-image", capture: .kdump)
    whole.disks = [.root, .data]
    whole.crashkernel = MemorySize(mebibytes: 76)
    whole.oldmem = OldmemUse()
    whole.expectations = [
      .console("Kernel panic - not syncing: System is deadlocked on memory"),
      .dump(false), .ends,
    ]

    var held = whole
    held.name = "held"
    held.oldmem?.holding = OldmemUse.Holding()
    held.expectations = [
      .console("oldmem: stage two is held"), .fact("held-pinned", "yes"),
      .passes, .dump(true), .silence("Out of memory"),
      .silence("held pages have moved"), .ends,
    ]

    // What is pinned cannot be moved, by whoever wants it elsewhere.
    var pinned = held
    pinned.name = "pinned"
    pinned.nodes = 2
    pinned.oldmem?.holding?.moves = true
    pinned.expectations += [.fact("held-moved", "0")]

    var moved = pinned
    moved.name = "moved"
    moved.oldmem?.holding?.isPinned = false
    moved.expectations = [
      .fact("held-moved", "1"), .console("held pages have moved"),
      .passes, .dump(true), .silence("Out of memory"), .ends,
    ]

    // Who does not know the key plants nothing that is even looked at.
    var forged = moved
    forged.name = "forged"
    forged.oldmem?.holding?.forger = .user

    // Who does, or a device that writes there, keeps a dump from being made, and
    // does no more than that: what is there is not parsed.
    var altered = held
    altered.name = "altered"
    altered.oldmem?.holding?.forger = .root
    altered.expectations = [
      .console("oldmem: unpack: part 0 is not what was held"),
      .line("oldmem: unpack: stage two is not started", "restarting"),
      .dump(false), .ends,
    ]
    return Scenario(
      name: "hold",
      summary: "stage two out of the crashed system's memory, not the image",
      trials: [whole, held, pinned, moved, forged, altered]
    )
  }()
}
