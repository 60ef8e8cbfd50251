// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension Scenario {
  /// Frames that hardware writes to while oldmem waits are not used.
  ///
  /// The vetoes are off, so all frames of the reads are candidates; all reads
  /// arrive within the wait.
  static let settle: Scenario = {
    // The reads arrive 21, 42 and 63 s after the panic.
    let bytesPerSecond = 50_000
    // It is watched from the capture kernel's script on: after the wait.
    var trial = Trial.busy("settled", .smallReads, bytesPerSecond, seconds: 20)
    trial.lends(vetoes: false)
    trial.oldmem?.settings.append("settle=60")
    trial.expectations = [
      .passes, .ends,
      .fact("dma-frames", "768"),
      .atLeast(fact: "dma-frames-chosen", 512),
      .line("oldmem: settle: ", "changed within 60 s and will not be used"),
      // What has arrived was never written over: nothing was put there.
      .atLeast(fact: "landed-frames", 512),
      .fact("hog-wrong-words", "0"),
      .fact("hog-pages-lost", "0"),
      .fact("blocks-foreign", "0"),
      .fact("blocks-refused", "0"),
      .silence("was damaged"),
    ]
    return Scenario(
      name: "settle",
      summary: "frames that change before they are used are put aside",
      trials: [trial]
    )
  }()
}
