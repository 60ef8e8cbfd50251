// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Foundation
import Glibc
import Memory
import VMCore

/// `oldmem layout`: writes down the page flags that VMCOREINFO lacks.
struct Layout: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the layout file that says where a kernel has its flags.",
    discussion: """
      Without options, that of the running kernel. The file is for one \
      kernel, by OSRELEASE and BUILD-ID; for any other it is ignored.

      Example: oldmem layout --output layout.txt
      """
  )

  @Option(
    help: "BTF, bare or in an ELF file such as vmlinux.",
    completion: .file()
  )
  var btf: String?

  @Option(
    help: "A core file, for the layout of its kernel.",
    completion: .file()
  )
  var vmcore: String?

  @Option(help: "OSRELEASE of the kernel that --btf is of.")
  var release: String?

  @Option(help: "BUILD-ID of that kernel. (default: from the ELF file)")
  var buildID: String?

  @Option(
    help: "Where to write the file. (default: standard output)",
    completion: .file()
  )
  var output: String?

  func validate() throws {
    if btf != nil, vmcore != nil {
      throw ValidationError("--btf and --vmcore exclude each other.")
    }
    if btf != nil, release == nil {
      throw ValidationError("--btf needs --release.")
    }
    if btf == nil, release != nil || buildID != nil {
      throw ValidationError("--release and --build-id are for --btf.")
    }
  }

  func run() throws {
    let layout: FlagLayout
    if let vmcore {
      let kernel = try CrashedKernel(vmcore)
      do throws(LayoutError) {
        layout = try kernel.ownFlagLayout()
      } catch { throw BadInput(path: vmcore, sentence: error.sentence) }
    } else {
      let path = btf ?? RunningKernel.btf
      let file = try HostFile(path)
      do throws(LayoutError) {
        layout = try FlagLayout(file, of: identity(file))
      } catch { throw BadInput(path: path, sentence: error.sentence) }
    }
    guard let text = layout.text else {
      throw BadInput(
        path: vmcore ?? btf ?? RunningKernel.btf,
        sentence: "no BUILD-ID that can be trusted; --build-id gives one"
      )
    }
    guard let output else { return print(text, terminator: "") }
    do {
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: output),
        options: .atomic
      )
    } catch { throw HostFile.unwritable(output, error) }
  }

  private func identity(
    _ file: borrowing HostFile
  ) throws(LayoutError) -> KernelIdentity? {
    guard let release else { return RunningKernel.identity }
    var digits = buildID.map { Array($0.utf8) }
    if digits == nil,
      let notes = try? ElfSection.find([".notes"], in: file)[0]
    {
      digits = try KernelIdentity.buildID(
        inNotesAt: notes.offset,
        count: notes.byteCount,
        of: file
      )
    }
    return KernelIdentity(release: Array(release.utf8), buildID: digits)
  }
}

/// The kernel that runs here.
enum RunningKernel {
  static let btf = "/sys/kernel/btf/vmlinux"
  private static let notes = "/sys/kernel/notes"

  /// Its release; empty where it does not tell.
  static var release: [UInt8] {
    var name = utsname()
    // SAFETY: uname fills the structure that it is given, which lives here.
    guard unsafe uname(&name) == 0 else { return [] }
    // SAFETY: uname ended the release with a NUL inside its array.
    return unsafe withUnsafeBytes(of: &name.release) {
      unsafe Array($0.prefix { $0 != 0 })
    }
  }

  /// Its release and build ID, nil where it does not tell.
  static var identity: KernelIdentity? {
    guard let file = try? HostFile(notes),
      let digits = try? KernelIdentity.buildID(
        inNotesAt: 0,
        count: file.byteCount,
        of: file
      )
    else { return nil }
    return KernelIdentity(release: release, buildID: digits)
  }
}

extension RunningKernel {
  /// Its layout file; nil where its flags or its build ID are not known.
  static var layoutFile: [UInt8]? {
    guard let identity, let file = try? HostFile(btf),
      let known = try? FlagLayout(file, of: identity)
    else { return nil }
    return known.text.map { Array($0.utf8) }
  }
}

extension FlagLayout {
  /// Takes the layout out of a file with BTF.
  init(
    _ file: borrowing HostFile,
    of kernel: KernelIdentity?
  ) throws(LayoutError) {
    var types = try BTF(file: file)
    try self.init(&types, of: kernel, in: file)
  }

  /// The layout file; nil without an identity to find it by.
  var text: String? {
    guard let kernel, let buildID = kernel.buildID else { return nil }
    var text = "OSRELEASE=" + String(decoding: kernel.release, as: UTF8.self)
    text += "\nBUILD-ID=" + String(decoding: buildID, as: UTF8.self) + "\n"
    for flag in Flag.allCases {
      guard let number = number(flag) else { continue }
      text += "NUMBER(\(flag.name))=\(number)\n"
    }
    for counter in Counter.allCases {
      guard let offset = self[counter] else { continue }
      text += "OFFSET(\(counter.name))=\(offset)\n"
    }
    return text
  }
}
