// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Page cache that a disk still fetches from memory after the panic.
  ///
  /// What oldmem put there would be on the disk, where no checksum of ours
  /// finds it. `stock` shows what arrives without oldmem, and judges what
  /// `oldmem scan` would lend; with the vetoes off the disk does get content
  /// of the capture kernel's.
  static let writeback: Scenario = {
    let bytesPerSecond = 16_000
    // 4 MiB, of which the first request is not held back.
    let seconds = 3 << 20 / bytesPerSecond + 60
    var stock = Trial.busy("stock", .writes, 25_000, seconds: 185)
    stock.comparesMemory()
    let intact: [Expectation] = [
      .passes, .ends,
      .atLeast(fact: "dma-frames", 768),
      .atLeast(fact: "sectors-arrived", 6144),
      .fact("sectors-hog", "0"),
      .fact("sectors-zero", "0"),
      .fact("sectors-other", "0"),
    ]
    stock.expectations = intact
    stock.expectations += [
      .fact("changed-dma-frames", "0"),
      // What would be lent of this machine.
      .fact("scan-dma-frames-chosen", "0"),
      .fact("scan-lent-writeback", "0"),
      .atLeast(fact: "scan-lent-cache", 1000),
      // The others have vetoes that have nothing to do with I/O.
      .atLeast(fact: "unvetoed-dma-frames-chosen", 256),
    ]

    var vetoes = Trial.busy("vetoes", .writes, bytesPerSecond, seconds: seconds)
    vetoes.lends(vetoes: true)
    vetoes.expectations = intact
    vetoes.expectations += [
      .fact("dma-frames-chosen", "0"),
      .atLeast(fact: "lent-cache", 1000),
      .fact("lent-locked", "0"),
      .fact("lent-writeback", "0"),
      .fact("lent-unevictable", "0"),
      .fact("hog-wrong-words", "0"),
    ]

    var without = Trial.busy(
      "without-vetoes",
      .writes,
      bytesPerSecond,
      seconds: seconds
    )
    without.lends(vetoes: false)
    without.expectations = [
      .passes, .ends,
      .atLeast(fact: "dma-frames-chosen", 256),
      .atLeast(fact: "sectors-hog", 256),
    ]
    return Scenario(
      name: "writeback",
      summary: "what a disk still fetches stays what the crashed kernel wrote",
      trials: [stock, vetoes, without]
    )
  }()
}
