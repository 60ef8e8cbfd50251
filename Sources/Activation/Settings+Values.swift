// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Health
internal import Linux
internal import Memory

/// Values that are words or lists.
extension Settings {
  func driver(
    _ value: Span<UInt8>,
    _ key: Path
  ) throws(Problem) -> Driver? {
    let value = Path(value)
    if value.equals("auto") { return nil }
    if value.equals("ublk") { return .ublk }
    guard value.equals("nbd") else { throw .value(key: key, value: value) }
    return .nbd
  }

  func route(
    _ value: Span<UInt8>,
    _ key: Path
  ) throws(Problem) -> Route? {
    let value = Path(value)
    if value.equals("auto") { return nil }
    if value.equals("mem") { return .mem }
    if value.equals("oldmem") { return .oldmem }
    if value.equals("vmcore") { return .vmcore }
    guard value.equals("dm") else { throw .value(key: key, value: value) }
    return .dm
  }

  mutating func setMode(_ mode: Path, _ key: Path) throws(Problem) {
    savesLogOnly = mode.equals("log")
    isOff = savesLogOnly || mode.equals("off")
    guard isOff || mode.equals("swap") else {
      throw .value(key: key, value: mode)
    }
  }

  /// The names in a list, at most eight of them.
  func places(_ list: Span<UInt8>, _ key: Path) throws(Problem) -> [Path] {
    var places = [Path]()
    var start = 0
    while start <= list.count {
      var end = start
      while end < list.count, list[end] != 0x2c { end += 1 }
      let name = Path(trimmed(list.extracting(start..<end)))
      guard name.count > 0, places.count < 8 else {
        throw .value(key: key, value: Path(list))
      }
      places.append(name)
      start = end + 1
    }
    return places
  }

  /// Takes a list such as `free,cache,anonymous`; false for any other word.
  ///
  /// Free memory is always lent: nothing else is as safe.
  mutating func setClasses(_ list: Span<UInt8>) -> Bool {
    var cache = false
    var anonymous = false
    var start = 0
    while start <= list.count {
      var end = start
      while end < list.count, list[end] != 0x2c { end += 1 }
      let word = Path(trimmed(list.extracting(start..<end)))
      if word.equals("cache") {
        cache = true
      } else if word.equals("anonymous") {
        anonymous = true
      } else if !word.equals("free") {
        return false
      }
      start = end + 1
    }
    lendsCache = cache
    lendsAnonymous = anonymous
    return true
  }
}

/// The limits that `TOTAL,RECENT,RUN` are; nil for anything else.
func healthLimit(_ list: Span<UInt8>) -> HealthLimit? {
  var numbers = InlineArray<3, UInt64>(repeating: 0)
  var count = 0
  var start = 0
  while start <= list.count {
    var end = start
    while end < list.count, list[end] != 0x2c { end += 1 }
    guard count < 3,
      let number = ByteSize.parse(trimmed(list.extracting(start..<end))),
      number <= 1 << 32
    else { return nil }
    numbers[count] = number
    count += 1
    start = end + 1
  }
  guard count == 3 else { return nil }
  return HealthLimit(total: numbers[0], recent: numbers[1], run: numbers[2])
}
