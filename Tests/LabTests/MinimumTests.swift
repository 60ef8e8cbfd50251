// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Lab

private func size(_ mebibytes: Int) -> MemorySize {
  MemorySize(mebibytes: mebibytes)
}

/// Searches on a machine that dumps when `stands` says so; nil when nothing
/// was found.
private func search(
  _ search: MinimumSearch,
  stands: (_ mebibytes: Int, _ isWhole: Bool) -> Bool
) -> (found: Int?, quick: [Int], whole: [Int]) {
  var search = search
  var quick: [Int] = []
  var whole: [Int] = []
  while quick.count + whole.count < 200 {
    switch search.next {
    case .quick(let next):
      quick.append(next.mebibytes)
      search.note(dumped: stands(next.mebibytes, false))
    case .whole(let next):
      whole.append(next.mebibytes)
      search.note(dumped: stands(next.mebibytes, true))
    case .found(let found): return (found.mebibytes, quick, whole)
    case .none: return (nil, quick, whole)
    }
  }
  return (nil, quick, whole)
}

@Test(arguments: Array(stride(from: 60, through: 192, by: 4)))
func everyMinimumIsFoundAndBothSidesOfItAreSeen(minimum: Int) {
  let seen = search(
    MinimumSearch(above: size(56), upTo: size(192), times: 3)
  ) { tried, _ in tried >= minimum }
  #expect(seen.found == minimum)
  #expect(seen.whole == [minimum, minimum, minimum, minimum - 4])
  #expect(seen.quick.count <= 7)
}

@Test func aMinimumBelowTheLowerBoundIsFound() {
  let seen = search(
    MinimumSearch(above: size(56), upTo: size(192), times: 2)
  ) { tried, _ in tried >= 44 }
  #expect(seen.found == 44)
  #expect(seen.whole.count { $0 == 44 } == 2)
}

@Test func whatStandsQuicklyButNotAsAWholeIsNotTheMinimum() {
  let seen = search(
    MinimumSearch(above: size(56), upTo: size(192), times: 3)
  ) { tried, isWhole in tried >= (isWhole ? 84 : 76) }
  #expect(seen.found == 84)
  #expect(seen.whole == [76, 80, 84, 84, 84])
}

@Test func oneFailureOfThreeIsOneTooMany() {
  var crashes = 0
  let seen = search(
    MinimumSearch(above: size(56), upTo: size(192), times: 3)
  ) { tried, isWhole in
    if tried == 76, isWhole { crashes += 1 }
    return tried >= 76 && (tried > 76 || crashes < 3)
  }
  #expect(seen.found == 80)
}

@Test func nothingIsFoundWhereNothingStands() {
  let all = MinimumSearch(above: size(56), upTo: size(192), times: 3)
  #expect(search(all) { _, _ in false }.found == nil)
  #expect(search(all) { _, isWhole in !isWhole }.found == nil)
}

@Test(arguments: Array(stride(from: 60, through: 192, by: 4)))
func whereQuickCrashesCountNoneIsRepeated(minimum: Int) {
  let seen = search(
    MinimumSearch(
      above: size(56),
      upTo: size(192),
      times: 1,
      quickIsWhole: true
    )
  ) { tried, _ in tried >= minimum }
  #expect(seen.found == minimum)
  let tried = seen.quick + seen.whole
  #expect(Set(tried).count == tried.count)
  #expect(tried.contains(minimum - 4))
}

private func row(_ use: MinimumTable.Use, _ minimum: Int?, isWhole: Bool = true)
  -> MinimumTable.Row
{
  MinimumTable.Row(
    stack: "kdump-tools-dep",
    target: "nfs",
    use: use,
    kernel: "6.12",
    memory: size(2048),
    minimum: minimum.map(size),
    times: 1,
    crashes: [
      .init(
        crashkernel: size(minimum ?? 192),
        isWhole: isWhole,
        outcome: minimum == nil ? "no dump" : "complete dump",
        seconds: 20,
        processorSeconds: 10
      )
    ]
  )
}

@Test func stockAndOldmemStandSideBySide() {
  var table = MinimumTable()
  table.add(row(.oldmem, 80, isWhole: false))
  table.add(row(.stock, nil))
  table.add(row(.stock, 92))
  #expect(table.rows.count == 2)
  #expect(
    table.markdown.contains(
      "| 6.12, 2G | kdump-tools-dep | nfs | 92M, 10 s | 80M (short), 10 s | - |\n"
    )
  )
}

@Test func theTimeIsThatOfWholeCrashes() {
  func crash(_ size: MemorySize, isWhole: Bool, _ seconds: Double)
    -> MinimumTable.Crash
  {
    .init(
      crashkernel: size,
      isWhole: isWhole,
      outcome: "complete dump",
      seconds: seconds,
      processorSeconds: seconds
    )
  }
  var table = MinimumTable()
  table.add(
    MinimumTable.Row(
      stack: "dracut",
      target: "disk",
      use: .stock,
      kernel: "6.12",
      memory: size(2048),
      minimum: size(88),
      times: 3,
      crashes: [
        crash(size(92), isWhole: true, 1), crash(size(88), isWhole: false, 600),
        crash(size(88), isWhole: true, 46), crash(size(88), isWhole: true, 45),
        crash(size(88), isWhole: true, 47),
      ]
    )
  )
  #expect(table.markdown.contains("| 88M, 46 s | - | - |\n"))
}

@Test func theCommandLineIsFoundInWhatKdumpConfigWroteDown() {
  let command = """
    /sbin/kexec -p --command-line="root=/dev/vda  rw quiet" \
    --initrd=/var/lib/kdump/initrd.img /var/lib/kdump/vmlinuz
    """
  #expect(
    captureWords(ofKexecCommand: command) == ["root=/dev/vda", "rw", "quiet"]
  )
  #expect(captureWords(ofKexecCommand: "kexec -p --command-line=\"") == nil)
}
