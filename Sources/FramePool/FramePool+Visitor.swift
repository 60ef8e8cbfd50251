// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import PageClasses

extension FramePool: FrameVisitor {
  /// Considers a run; false once there is enough.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    offer(run.frames, of: run.pageClass)
    guard isSated, acceptedFrames >= nextLook else { return true }
    // Pieces that are too short do not count, however many they are.
    if isFilled() { return false }
    nextLook = acceptedFrames &+ acceptedFrames / 4
    return true
  }

  /// Whether what was offered so far fills the request.
  public mutating func hasEnough() -> Bool { isFilled() }

  /// Forgets all offers.
  public mutating func startOver() {
    table = Self.table(request, borders)
    acceptedFrames = 0
    nextLook = 0
    excludedFrames = 0
    nodeFrames = Array(repeating: 0, count: nodes.count)
  }
}
