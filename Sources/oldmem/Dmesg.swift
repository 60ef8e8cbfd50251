// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import ArgumentParser
import Glibc
import Memory
import Rescue
import VMCore

/// `oldmem dmesg`: what the crashed kernel had to say.
struct Dmesg: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the crashed kernel's log.",
    discussion: """
      Without options, the lines are those of `makedumpfile --dump-dmesg`. A \
      log that is damaged is read as far as it can be, and a line on standard \
      error says what is missing.

      Example: oldmem dmesg --human vmcore
      """
  )

  @Flag(help: "Print JSON, a message a line (docs/rescue.md).")
  var json = false

  @Flag(
    name: [.customShort("H"), .long],
    help: "Times as people read them, and colours, as dmesg -H has them."
  )
  var human = false

  @Option(help: "Colours: auto, always or never.")
  var color: ColorWhen?

  @Flag(
    name: [.customShort("x"), .long],
    help: "Facility and level before each message, as dmesg -x has them."
  )
  var decode = false

  @Flag(help: "The thread or processor that wrote each message.")
  var caller = false

  @Argument(help: "An ELF core file, or /proc/vmcore.", completion: .file())
  var vmcore: String

  func validate() throws {
    if json, human || decode || caller || color != nil {
      throw ValidationError("--json has everything, and takes no style.")
    }
  }

  func run() throws {
    let kernel = try CrashedKernel(vmcore)
    let report: LogReport
    let isWritten: Bool
    do throws(LogError) {
      if json {
        var log = LogJSON(StandardOutput())
        report = try read(kernel, &log)
        isWritten = log.finish()
      } else if human || isColored {
        let end = human ? try Self.end(of: kernel) : nil
        var log = HumanLog(end: end, isColored: isColored, isHuman: human)
        log.showsLevel = decode
        log.showsCaller = caller
        report = try read(kernel, &log)
        isWritten = log.flush()
      } else {
        var style = LogStyle()
        style.showsLevel = decode
        style.showsCaller = caller
        var log = LogText(StandardOutput(), style)
        report = try read(kernel, &log)
        isWritten = log.finish() != nil
      }
    } catch {
      throw BadInput(path: vmcore, sentence: error.sentence)
    }
    // Whoever reads the output may have had enough, as head has.
    guard isWritten || errno == EPIPE else {
      throw BadInput(path: "standard output", sentence: HostFile.text(errno))
    }
    report.warn()
  }

  private func read<Visitor: LogVisitor & ~Copyable>(
    _ kernel: borrowing CrashedKernel,
    _ visitor: inout Visitor
  ) throws(LogError) -> LogReport {
    try KernelLog.read(in: kernel.core, kernel.info, kernel.layout, &visitor)
  }

  private var isColored: Bool {
    // Without --human and --color lines are makedumpfile's.
    let when = color ?? (human ? .auto : .never)
    return when.isColored(onTerminal: isatty(STDOUT_FILENO) == 1)
  }

  /// By what the kernel's clock and the calendar are compared: when it
  /// crashed (CRASHTIME), and what its clock said at the last message.
  private static func end(
    of kernel: borrowing CrashedKernel
  ) throws(LogError) -> HumanLog.End? {
    struct Last: LogVisitor {
      var time: UInt64 = 0

      mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool {
        time = record.time
        return true
      }
    }
    guard let digits = kernel.string("CRASHTIME"), let date = Int(digits)
    else { return nil }
    var last = Last()
    _ = try KernelLog.read(in: kernel.core, kernel.info, kernel.layout, &last)
    return HumanLog.End(clock: last.time, date: date)
  }
}

extension LogReport {
  /// Says on standard error what of the log is not there.
  fileprivate func warn() {
    var problems: [String] = []
    if isSalvaged {
      problems.append("its ends are damaged, so messages were looked for")
    }
    if damaged > 0 { problems.append("\(damaged) messages are damaged") }
    if unfinished > 0 {
      problems.append("\(unfinished) messages were being written")
    }
    guard !problems.isEmpty else { return }
    let line = "the log: " + problems.joined(separator: "; ") + "\n"
    var output = StandardOutput(STDERR_FILENO)
    _ = output.write(Array(line.utf8))
  }
}

/// One of the two streams of this process, unbuffered.
struct StandardOutput: ByteSink {
  private let descriptor: Int32

  init(_ descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

  mutating func write(_ bytes: [UInt8]) -> Bool {
    // SAFETY: bytes have no padding that could leak.
    write(unsafe bytes.span.bytes)
  }

  mutating func write(_ bytes: RawSpan) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: the kernel reads at most `count` bytes of the span.
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count > 0 {
        rest = rest.extracting(droppingFirst: count)
      } else if count == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }
}
