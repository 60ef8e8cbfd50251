// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Linux
import Testing

@testable import Ublk

@Suite struct UblkErrorTests {
  private func text(_ error: UblkError) -> String {
    let line = error.sentence
    var bytes: [UInt8] = []
    for index in line.text.indices { bytes.append(line.text[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    (UblkError.Step.addDevice, "ADD_DEV"), (.setParameters, "SET_PARAMS"),
    (.startDevice, "START_DEV"), (.fetch, "FETCH_REQ"), (.serve, "waiting"),
    (.stopDevice, "STOP_DEV"), (.deleteDevice, "DEL_DEV"),
    (.startRecovery, "START_USER_"), (.endRecovery, "END_USER_"),
  ])
  func aRefusalNamesItsStepAndItsErrno(step: UblkError.Step, name: String) {
    let sentence = text(.refused(step, .busy))
    #expect(sentence.contains(name))
    #expect(sentence.contains("(errno 16)"))
  }

  @Test func whatIsMissingIsNamed() {
    #expect(text(.noDriver(.noEntry)).contains("/dev/ublk-control"))
    #expect(text(.noRing(Errno(38))).contains("io_uring"))
    #expect(text(.noMemory(Errno(12))).contains("out of memory"))
    #expect(text(.noCharacterDevice(3, .noEntry)).contains("/dev/ublkc3"))
  }
}
