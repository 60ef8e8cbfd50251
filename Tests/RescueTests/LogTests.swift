// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Rescue
import SyntheticVMCore
import Testing

/// Sound logs, of every time of the kernel, with makedumpfile as the judge.
@Suite struct LogTests {
  static let eras: [KernelEra] = [.v4_18, .v5_10, .v6_1, .v6_12, .v7_1]

  @Test(arguments: eras)
  func aLogThatIsNotFullIsReadAsMakedumpfileReadsIt(
    era: KernelEra
  ) throws {
    let vmcore = SyntheticLog(20).vmcore(era)
    let read = try Read(vmcore)
    #expect(read.texts == (0..<20).map { "message \($0)" })
    #expect(read.report.damaged == 0 && !read.report.isSalvaged)
    let dumped = try dumpedLog(of: vmcore)
    #expect(read.text == dumped)
  }

  @Test(arguments: eras)
  func anEmptyLogIsNoMistake(era: KernelEra) throws {
    let vmcore = SyntheticLog().vmcore(era)
    let read = try Read(vmcore)
    #expect(read.report == LogReport())
    #expect(read.text == "")
    #expect(try dumpedLog(of: vmcore) == "")
  }

  /// Any number of messages, so that blocks end at any distance from the end
  /// of the ring, and right there.
  @Test(arguments: eras, [33, 50, 64, 100, 101, 102, 103, 177, 1000])
  func aLogThatHasWrappedHasTheNewestMessages(
    era: KernelEra,
    count: Int
  ) throws {
    let log = SyntheticLog(count) {
      "message \($0) " + String(repeating: "x", count: $0 * 7 % 60)
    }
    let vmcore = log.vmcore(era)
    let read = try Read(vmcore)
    #expect(read.report.damaged == 0 && !read.report.isSalvaged)
    let all = log.messages.map { String(decoding: $0.text, as: UTF8.self) }
    #expect(read.texts.count > 10)
    #expect(read.texts == all.suffix(read.texts.count))
    let dumped = try dumpedLog(of: vmcore)
    #expect(read.text == dumped)
  }

  /// Where blocks are of 128 bytes, every 16th ends where the ring does.
  ///
  /// Such a block is moved to the start until v6.18, and may stay since.
  @Test(arguments: [false, true], 1...40)
  func aBlockThatEndsWithTheRingIsFound(
    fillsEnd: Bool,
    count: Int
  ) throws {
    var log = SyntheticLog(count) {
      let text = "message \($0) "
      return text + String(repeating: "x", count: 120 - text.utf8.count)
    }
    log.fillsEnd = fillsEnd
    let read = try Read(log.vmcore(.v6_18))
    #expect(read.report.damaged == 0)
    let all = log.messages.map { String(decoding: $0.text, as: UTF8.self) }
    #expect(read.texts == all.suffix(read.texts.count))
    #expect(read.texts.count >= min(count, 14))
  }

  @Test(arguments: eras)
  func linesAndBytesOfAnySortAreWrittenAsMakedumpfileDoes(
    era: KernelEra
  ) throws {
    var log = SyntheticLog(3)
    log.messages[0].text = Array("first\nsecond\n\tthird\n".utf8)
    log.messages[1].text = Array(0...255)
    log.messages[2].time = 123_456_789_012_345_678
    let vmcore = log.vmcore(era)
    let (text, dumped) = (try Read(vmcore).text, try dumpedLog(of: vmcore))
    // makedumpfile 1.7.2 takes bytes above 127 for negative numbers.
    #expect(text == dumped.replacing("\\xffffff", with: "\\x"))
  }

  @Test(arguments: eras)
  func aMessageSaysWhoWroteItAndHowUrgentItIs(era: KernelEra) throws {
    var log = SyntheticLog(2)
    log.messages[0].level = 3
    log.messages[0].facility = 4
    log.messages[1].flags = 8
    log.messages[1].caller = 1 << 31 | 7
    let read = try Read(log.vmcore(era))
    let (first, second) = (read.messages[0].record, read.messages[1].record)
    #expect(first.level == 3 && first.facility == 4 && !first.isContinuation)
    #expect(second.level == 6 && second.isContinuation)
    #expect(first.time == 1_000_000_000)
    // VMCOREINFO of v4.18 shows no room for a caller.
    #expect(second.caller == (era == .v4_18 ? nil : 0x8000_0007))
    #expect(second.sequence == (era == .v4_18 ? nil : 1))
  }

  @Test func aStyleShowsLevelAndCaller() throws {
    var log = SyntheticLog(3)
    log.messages[0].text = Array("a\nb".utf8)
    log.messages[1].caller = 1 << 31 | 12
    log.messages[2].caller = 1_234_567
    log.messages[2].level = 0
    var style = LogStyle()
    style.showsLevel = true
    style.showsCaller = true
    let read = try Read(log.vmcore(.v6_12), style)
    #expect(
      read.text == """
        kern  :info  : [    1.000000] [    T1] a
                                               b
        kern  :info  : [    1.001000] [   C12] message 1
        kern  :emerg : [    1.002000] [T1234567] message 2

        """
    )
  }

  @Test(arguments: [KernelEra.v5_10, .v6_1, .v6_12, .v7_1])
  func whatWasNotWrittenInFullIsLeftOut(era: KernelEra) throws {
    var log = SyntheticLog(6)
    log.messages[1].state = .reserved
    log.messages[2].state = .committed
    log.messages[3].block = .failed
    log.messages[4].block = .empty
    log.messages[4].text = []
    let vmcore = log.vmcore(era)
    let read = try Read(vmcore)
    #expect(read.report.unfinished == 1)
    #expect(read.report.damaged == 0)
    #expect(read.texts == ["message 0", "message 2", "", "", "message 5"])
    let missing = read.messages.map(\.record.missing)
    #expect(missing == [nil, nil, .lost, .empty, nil])
    let dumped = try dumpedLog(of: vmcore)
    #expect(read.text == dumped)
  }

  /// The first six times of 2^62 descriptors are used up at some time.
  @Test(arguments: [0, 1, (1 << 62) - 3, 1 << 40] as [UInt64])
  func numbersOfDescriptorsMayWrap(first: UInt64) throws {
    var log = SyntheticLog(40)
    log.firstID = first
    let read = try Read(log.vmcore(.v6_12))
    #expect(read.report.damaged == 0 && !read.report.isSalvaged)
    #expect(read.texts.last == "message 39")
    #expect(read.texts.count == 32)
  }

  @Test func aKernelWithoutALogIsNamed() throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = ["SYMBOL(prb)"]
    #expect(throws: LogError.self) { try Read(machine.build()) }
    machine.droppedKeys = ["SIZE(prb_desc)"]
    #expect(throws: LogError.self) { try Read(machine.build()) }
  }
}
