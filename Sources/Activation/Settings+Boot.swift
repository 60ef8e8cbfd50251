// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
public import Linux
internal import Memory
internal import RescueStream

extension Settings {
  /// The settings of this boot: the file in the image, then the command line.
  ///
  /// What makes no sense is left aside, and said on the console unless
  /// somebody else has said it already.
  public static func ofThisBoot(quietly: Bool = false) -> Settings {
    var settings = Settings()
    let say = { (problem: Problem) in
      if !quietly { Console.say(problem.sentence, .problem) }
    }
    if let text = try? Files.read("/oldmem/oldmem.conf", limit: 64 << 10) {
      settings.apply(file: text.span, report: say)
    }
    if let text = try? Files.read("/proc/cmdline", limit: 16 << 10) {
      settings.apply(commandLine: text.span, report: say)
    }
    settings.readRescueKey()
    return settings
  }

  /// Reads the key, from where `oldmem pack` puts it, or else from where the
  /// setting says; it is in memory from then on, for stage one does not stay.
  private mutating func readRescueKey() {
    guard case .missing(let path) = rescueKey else { return }
    let packed = Path(stringLiteral: ImageLayout.rescueKey)
    readRescueKey(from: Files.exists(packed) ? packed : path)
  }

  /// Takes the key in that file, or none.
  public mutating func readRescueKey(from path: Path) {
    rescueKey = .missing(path)
    guard let text = try? Files.read(path, limit: 128),
      let key = StreamKey(file: text.span)
    else { return }
    rescueKey = .key(key)
  }

  /// Lets a panic of this kernel restart the machine, unless its command line
  /// has said what a panic is to do.
  public func setPanicTimeout() {
    let knob: Path = "/proc/sys/kernel/panic"
    guard panicTimeout > 0,
      let text = try? Files.read(knob, limit: 16),
      text.first == 0x30
    else { return }
    try? Files.write("\(panicTimeout)\n", to: knob)
  }
}
