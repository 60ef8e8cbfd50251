// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Rescue
import Testing

private func id(_ text: String) -> RescueID? {
  RescueID(Array(text.utf8).span)
}

@Suite struct RescueIDTests {
  @Test func readsItsDigitsInAnyCase() throws {
    let lower = try #require(id("00112233445566778899aabbccddeeff"))
    #expect(lower == id("00112233445566778899AABBCCDDEEFF"))
    #expect((0..<16).allSatisfy { lower.bytes[$0] == UInt8($0 * 0x11) })
    #expect(lower != id("00112233445566778899aabbccddeef0"))
  }

  @Test(arguments: [
    "", "0", "00112233445566778899aabbccddeef",
    "g0112233445566778899aabbccddeeff",
    "00112233445566778899aabbccddeeff0", "0011223344556677 899aabbccddeeff",
  ])
  func anythingElseIsNone(text: String) { #expect(id(text) == nil) }
}

@Suite struct RescueAreaTests {
  private let id = RescueID(bytes: InlineArray<16, UInt8> { UInt8($0 + 1) })

  private func area() throws -> RescueArea {
    var area = try #require(RescueArea(id: id, size: 1 << 20))
    area.log.state = .complete
    area.log.count = 12_345
    area.log.checksum = 0x0123_4567_89ab_cdef
    area.dump.time = 1_700_000_000
    return area
  }

  @Test func readsBackWhatItWrites() throws {
    let area = try area()
    let bytes = area.bytes
    #expect(bytes.count == 4096)
    #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "OLDMEMR1")
    #expect(try RescueArea(bytes.span) == area)
    #expect(try RescueArea(bytes.span.extracting(0..<112)) == area)
    #expect(area.logPlace == 4096..<1 << 20)
  }

  @Test func anyDamagedByteIsNoticed() throws {
    let bytes = try area().bytes
    for index in 0..<112 {
      var damaged = bytes
      damaged[index] ^= 4
      #expect(throws: RescueAreaError.self) { try RescueArea(damaged.span) }
    }
  }

  @Test func whatIsShortOrEmptyIsNotPrepared() throws {
    let bytes = try area().bytes
    for count in 0..<112 {
      #expect(throws: RescueAreaError.notPrepared) {
        try RescueArea(bytes.span.extracting(0..<count))
      }
    }
    let zeros = [UInt8](repeating: 0, count: 4096)
    #expect(throws: RescueAreaError.notPrepared) { try RescueArea(zeros.span) }
  }

  @Test(arguments: [112, 113, 511, 4095])
  func whatElseIsInTheHeaderIsSomebodyElses(place: Int) throws {
    var bytes = try area().bytes
    bytes[place] = 1
    #expect(throws: RescueAreaError.notPrepared) { try RescueArea(bytes.span) }
  }

  @Test(arguments: [.empty, .writing, .complete, .cut] as [RescueArea.State])
  func saysHowFarSavingHasCome(state: RescueArea.State) throws {
    var area = try area()
    area.log.state = state
    area.dump.state = state
    #expect(try RescueArea(area.bytes.span) == area)
  }

  @Test func moreThanThereIsRoomForIsNotBelieved() throws {
    var area = try area()
    area.log.count = area.logPlace.byteCount
    #expect(try RescueArea(area.bytes.span) == area)
    area.log.count += 1
    let bytes = area.bytes
    #expect(throws: RescueAreaError.notPrepared) { try RescueArea(bytes.span) }
  }

  @Test func aDiskMustHaveRoom() {
    #expect(RescueArea(id: id, size: 8191) == nil)
    #expect(RescueArea(id: id, size: 8192)?.logPlace == 4096..<8192)
  }

  @Test func aDumpHasAPlaceOfItsOwnWhereThereIsRoom() throws {
    let small = try #require(RescueArea(id: id, size: 16 << 20 - 512))
    #expect(small.dumpPlace.isEmpty)
    var area = try #require(RescueArea(id: id, size: 16 << 20))
    #expect(area.logPlace == 4096..<4 << 20)
    #expect(area.dumpPlace == 4 << 20..<16 << 20)
    area.dump.count = area.dumpPlace.byteCount + 1
    let bytes = area.bytes
    #expect(throws: RescueAreaError.notPrepared) { try RescueArea(bytes.span) }
  }
}
