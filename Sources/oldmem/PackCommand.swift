// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import ImagePacker
import Reservation
import VMCore

/// `oldmem pack`: makes the two-stage image out of the distribution's initrd.
struct Pack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the two-stage image for a kdump kernel.",
    discussion: """
      Load the image with kexec -p --initrd=OUT, and put oldmem.dump-level=N \
      on the capture kernel's command line, where makedumpfile's -d is N.

      Example: oldmem pack --initrd /var/lib/kdump/initrd.img-$(uname -r) \\
        --kernel-modules /lib/modules/$(uname -r) --output image
      """
  )

  @Option(
    help: "The distribution's kdump initrd, packed in any way.",
    completion: .file()
  )
  var initrd: String?

  @Flag(
    help: ArgumentHelp(
      "Pack oldmemd alone, which saves the log and restarts the machine.",
      discussion: """
        Instead of --initrd: mode = log. Where to is the setting rescue; \
        drivers for that are named with --module.
        """
    )
  )
  var logOnly = false

  @Option(
    help: "The capture kernel's modules: /lib/modules/VERSION.",
    completion: .directory
  )
  var kernelModules: String

  @Option(help: "Where to write the image.", completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "Where to write stage two, which is not in the image then.",
      discussion: """
        For `oldmemd hold`, and the image needs the record that it writes: \
        `cd /run && echo oldmem/held | cpio -o -H newc`, behind the image.
        """,
      valueName: "path"
    ),
    completion: .file()
  )
  var stageTwo: String?

  @Option(
    help: "The static oldmemd. (default: installed with this program)",
    completion: .file()
  )
  var daemon: String?

  @Option(
    help: "The settings: /oldmem/oldmem.conf in the image.",
    completion: .file()
  )
  var config: String?

  @Option(
    help: ArgumentHelp(
      "The layout file of the kernel, or `none`.",
      discussion:
        "By default, that of the running kernel if the modules are its own."
    ),
    completion: .file()
  )
  var layout: String?

  @Option(
    help: ArgumentHelp(
      "The makedumpfile that will write the dump, or `unknown`.",
      discussion: "By default, the one that is installed here.",
      valueName: "version"
    )
  )
  var makedumpfile: String?

  @Option(
    help: ArgumentHelp(
      "A module to load first; again for more.",
      discussion:
        "By default ublk_drv, or nbd where the kernel has no ublk, and oldmem "
        + "where it is installed."
    )
  )
  var module: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Pack the modules of the route dm too.",
      discussion: """
        With them swap needs no process and no /dev/mem: where the kernel is \
        locked down, or has neither ublk nor nbd. pmem needs a window on the \
        capture kernel's command line: memmap=SIZE!START.
        """
    )
  )
  var dm = false

  @Option(
    help: ArgumentHelp(
      "A module's file to load after those, such as oldmem.ko; again for more.",
      valueName: "path"
    ),
    completion: .file()
  )
  var moduleFile: [String] = []

  @Option(
    help: "A program to call at each step: /oldmem/hook in the image.",
    completion: .file()
  )
  var hook: String?

  @Option(help: "A further file, HOSTPATH:IMAGEPATH; again for more.")
  var add: [String] = []

  func validate() throws {
    guard (initrd == nil) == logOnly else {
      throw ValidationError("One of --initrd and --log-only is needed.")
    }
    for pair in add where Self.split(pair) == nil {
      throw ValidationError("--add \(pair) is not HOSTPATH:IMAGEPATH.")
    }
    if let makedumpfile, InstalledCollector.named(makedumpfile) == nil {
      throw ValidationError("--makedumpfile needs a version such as 1.7.2.")
    }
  }

  func run() throws {
    var request = PackRequest(
      initrd: initrd,
      modules: kernelModules,
      daemon: daemon ?? Self.neighbour("oldmemd")
    )
    if !module.isEmpty { request.moduleNames = module }
    request.packsStitching = dm
    request.moduleFiles = moduleFile
    request.configuration = config
    request.hook = hook
    let collector =
      makedumpfile.flatMap(InstalledCollector.named) ?? .installed()
    if let version = collector.text {
      request.settings.append("makedumpfile = \(version)")
    }
    if logOnly { request.settings.append("mode = log") }
    request.layout = try packedLayout()
    request.additions = add.compactMap(Self.split)
    var line = ProgressLine()
    do throws(PackError) {
      var (image, report) = try ImagePacker.pack(request) { step, share in
        line.show(step, share)
      }
      if let stageTwo, let halves = PackedImage(image)?.halves {
        try ImagePacker.write(halves.stageTwo, to: stageTwo)
        image = halves.stageOne
        report.imageSize = image.count
      }
      try ImagePacker.write(image, to: output)
      line.clear()
      print(table(report))
    } catch {
      line.clear()
      throw error
    }
  }

  /// The layout file's text; nil where there is none to pack.
  private func packedLayout() throws -> [UInt8]? {
    if layout == "none" { return nil }
    if let layout {
      let text: [UInt8]
      do {
        text = Array(try Data(contentsOf: URL(fileURLWithPath: layout)))
      } catch { throw HostFile.unreadable(layout) }
      do throws(LayoutError) { _ = try FlagLayout(text: text) } catch {
        throw BadInput(path: layout, sentence: error.sentence)
      }
      return text
    }
    let release = URL(fileURLWithPath: kernelModules).lastPathComponent
    guard let running = RunningKernel.identity,
      String(decoding: running.release, as: UTF8.self) == release
    else { return nil }
    return RunningKernel.layoutFile
  }

  private func table(_ report: PackReport) -> String {
    var lines = ["\(output)", "stage one"]
    lines += report.items.map { row($0.path, $0.size) }
    if !logOnly {
      lines += [
        "stage two: \(report.entryCount) entries, \(report.partCount) parts",
        row("the initrd as it was", report.initrdSize),
        row("unpacked", report.unpackedSize),
        row("packed", report.packedSize),
      ]
    }
    lines += [
      "together",
      row("the image", report.imageSize),
      "  crashkernel= needed, estimated: \(estimate(report).mebibytes)M",
    ]
    if dm { lines.append("  for the route dm by pmem: \(windowAdvice)") }
    if report.lacksTrailer {
      lines.append("\(initrd ?? ""): no end mark; is it cut short?")
    }
    return lines.joined(separator: "\n")
  }

  private func estimate(_ report: PackReport) -> ReservationEstimate {
    .twoStages(
      kernelSize: MemoryResources.ofThisMachine?.kernelSize,
      image: UInt64(report.imageSize)
    )
  }

  /// What the capture kernel's command line needs, if it is this machine's.
  private var windowAdvice: String {
    guard let resources = MemoryResources.ofThisMachine,
      let window = PmemWindow(in: resources)
    else { return "add memmap=SIZE!START; this machine has no room for it" }
    return "add \(window.argument) on this machine"
  }

  private func row(_ name: String, _ size: Int) -> String {
    let number = String(size)
    let width = max(1, 50 - name.utf8.count - number.utf8.count)
    return "  " + name + String(repeating: " ", count: width) + number
  }

  private static func split(_ pair: String) -> (file: String, path: String)? {
    guard let colon = pair.lastIndex(of: ":") else { return nil }
    let file = String(pair[..<colon])
    let path = String(pair[pair.index(after: colon)...])
    return file.isEmpty || path.isEmpty ? nil : (file, path)
  }

  /// The path of a program that is installed with this one: beside it, or in
  /// the sbin beside its bin.
  static func neighbour(_ name: String) -> String {
    let own = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let folder = URL(fileURLWithPath: own).resolvingSymlinksInPath()
      .deletingLastPathComponent()
    let beside = folder.appendingPathComponent(name).path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return folder.deletingLastPathComponent()
      .appendingPathComponent("sbin/\(name)").path
  }
}

/// A line on the terminal for a step that takes longer than a second.
private struct ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private var shown = ""

  mutating func show(_ step: String, _ share: Double) {
    guard isTerminal, .now - start > .seconds(1) else { return }
    let text = "\(step): \(Int(share * 100)) %"
    guard text != shown else { return }
    shown = text
    write("\r\u{1b}[K" + text)
  }

  func clear() {
    if !shown.isEmpty { write("\r\u{1b}[K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
