// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Rescue
import SyntheticVMCore
import Testing

/// Logs that the crash was in: nothing loops, nothing traps, and what is sound
/// is there.
@Suite struct DamagedLogTests {
  private let log = SyntheticLog(100)
  private let newest = (68..<100).map { "message \($0)" }

  @Test(arguments: [0, .max, 1 << 61, 77] as [UInt64])
  func withoutItsEndsTheMessagesOfARingAreLookedFor(value: UInt64) throws {
    for word in [LogWord.head, .tail] {
      var vmcore = log.vmcore(.v6_12)
      vmcore.setLogWord(word, value)
      let read = try Read(vmcore)
      #expect(read.report.isSalvaged)
      #expect(read.texts == newest)
    }
  }

  @Test func aDescriptorOfGarbageCostsOneMessage() throws {
    let sound = log.vmcore(.v6_12)
    let last = Int(sound.logWord(.head) % 32)
    for (word, value) in [
      (LogWord.state(last), 0x1234_5678_9abc_def0), (.begin(last), 1 << 40),
      (.next(last), 0x7777_0000), (.next(last), sound.logWord(.begin(last))),
    ] as [(LogWord, UInt64)] {
      var vmcore = sound
      vmcore.setLogWord(word, value)
      let read = try Read(vmcore)
      #expect(read.report.damaged == 1, "\(word)")
      #expect(read.texts == newest.dropLast(), "\(word)")
    }
  }

  /// Descriptors of which each says that it is the next one, or all are one.
  @Test func descriptorsInACircleEnd() throws {
    var vmcore = log.vmcore(.v6_12)
    let word = vmcore.logWord(.state(3))
    for index in 0..<32 { vmcore.setLogWord(.state(index), word) }
    let read = try Read(vmcore)
    #expect(read.report.records == 1)
    #expect(read.report.damaged == 31)
  }

  @Test func aTextThatIsLongerThanItsBlockIsCut() throws {
    var vmcore = log.vmcore(.v6_12)
    let last = Int(vmcore.logWord(.head) % 32)
    vmcore.setLogWord(.length(last), vmcore.logWord(.length(last)) | 0xffff)
    let read = try Read(vmcore)
    // Behind the text is the block's padding.
    #expect(read.texts.last?.hasPrefix("message 99") == true)
    #expect(read.messages.last?.text.count == 16)
  }

  @Test(arguments: [LogWord.descriptors, .infos, .data])
  func aPointerToNowhereIsNoTrap(word: LogWord) throws {
    for value in [0, .max, 0xffff_8000_0000_0000, 0x1234] as [UInt64] {
      var vmcore = log.vmcore(.v6_12)
      vmcore.setLogWord(word, value)
      let read = try Read(vmcore)
      #expect(read.texts.isEmpty)
      #expect(read.report.damaged == 32)
    }
  }

  @Test(arguments: [LogWord.countBits, .sizeBits])
  func aSizeThatNoLogHasIsNamed(word: LogWord) throws {
    for value in [0, 63, 64, 0xffff_ffff] as [UInt64] {
      var vmcore = log.vmcore(.v6_12)
      vmcore.setLogWord(word, value)
      #expect(throws: LogError.self) { try Read(vmcore) }
    }
  }

  @Test func aRecordOfGarbageLeavesTheNewestOnes() throws {
    var vmcore = SyntheticLog(200).vmcore(.v4_18)
    let first = Int(vmcore.logWord(.tail))
    #expect(vmcore.logWord(.head) < vmcore.logWord(.tail))
    for length in [1, 15, 0xffff] as [UInt64] {
      vmcore.setLogWord(.text(first + 8), length)
      let read = try Read(vmcore)
      #expect(read.report.damaged == 1)
      #expect(read.texts.last == "message 199")
    }
  }

  @Test(arguments: [0xffff_ffff, 2048, 4096] as [UInt64])
  func indicesOutsideOfABufferAreNotFollowed(value: UInt64) throws {
    for word in [LogWord.head, .tail] {
      var vmcore = SyntheticLog(200).vmcore(.v4_18)
      vmcore.setLogWord(word, value)
      _ = try Read(vmcore)
    }
  }

  @Test func aBufferOfNoSizeIsNamed() throws {
    var vmcore = SyntheticLog(200).vmcore(.v4_18)
    for size in [0, 15, 0xffff_ffff] as [UInt64] {
      vmcore.setLogWord(.sizeBits, size)
      #expect(throws: LogError.self) { try Read(vmcore) }
    }
  }
}
