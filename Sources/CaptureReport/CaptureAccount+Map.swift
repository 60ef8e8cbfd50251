// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import MapPicture
internal import PageClasses

extension CaptureAccount {
  /// Adds what a vmcore's memory was, class by class, and a picture of it.
  public mutating func add(_ map: PhysicalMap, _ classes: [Class]) {
    self.classes = classes
    rules = map.scene.rules.compactMap { key, value in
      key.isEmpty ? nil : "\(key): \(value)"
    }
    rules.append(map.scene.plan + ".")
    self.map = MapImage(svg: map.svg, style: PhysicalMap.pictureStyle)
  }
}
