// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import Memory
import Rescue
import SyntheticVMCore
import TestPrograms
import VMCore

/// What is read of a vmcore's log: each message, and all as text.
struct Read {
  var messages: [(record: LogRecord, text: [UInt8])] = []
  var report = LogReport()
  var text = ""

  init(_ vmcore: SyntheticVMCore, _ style: LogStyle = LogStyle()) throws {
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    let layout = KernelLayout(info)
    var all = Messages()
    report = try KernelLog.read(in: core, info, layout, &all)
    messages = all.messages
    var log = LogText(Bytes(), style)
    _ = try KernelLog.read(in: core, info, layout, &log)
    text = String(decoding: log.finish()?.bytes ?? [], as: UTF8.self)
  }

  /// The texts alone.
  var texts: [String] {
    messages.map { String(decoding: $0.text, as: UTF8.self) }
  }
}

private struct Messages: LogVisitor {
  var messages: [(record: LogRecord, text: [UInt8])] = []

  mutating func visit(_ record: LogRecord, _ text: RawSpan) -> Bool {
    messages.append((record, text.array))
    return true
  }
}

struct Bytes: ByteSink {
  var bytes: [UInt8] = []

  mutating func write(_ more: RawSpan) -> Bool {
    bytes += more.array
    return true
  }
}

extension RawSpan {
  var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

extension SyntheticLog {
  /// A log of `count` messages, numbered, a millisecond after the other.
  init(_ count: Int, _ text: (Int) -> String = { "message \($0)" }) {
    self.init()
    for index in 0..<count {
      let time = 1_000_000_000 + UInt64(index) * 1_000_000
      messages.append(Message(text(index), at: time))
    }
  }

  /// The vmcore of a machine of that time with this log.
  func vmcore(_ era: KernelEra) -> SyntheticVMCore {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kaslr = .example
    var vmcore = machine.build()
    vmcore.writeLog(self)
    return vmcore
  }
}

/// What `makedumpfile --dump-dmesg` says, the foreign judge.
func dumpedLog(of vmcore: SyntheticVMCore) throws -> String {
  let folder = NSTemporaryDirectory() + "oldmem-log-\(UUID().uuidString)"
  try FileManager.default.createDirectory(
    atPath: folder,
    withIntermediateDirectories: true
  )
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try vmcore.write(to: folder + "/vmcore")
  _ = try ProgramRun(
    succeeding: [
      "makedumpfile", "--dump-dmesg", folder + "/vmcore", folder + "/log",
    ]
  )
  let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/log"))
  return String(decoding: data, as: UTF8.self)
}
