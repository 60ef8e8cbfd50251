// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Foundation
import TestPrograms
import Testing

/// What `--prometheus` prints of a host, judged by Prometheus's own reader.
@Suite struct HostMetricsTests {
  /// A system with a capture kernel that is loaded with our image.
  private func ready() throws -> FakeSystem {
    let system = try FakeSystem()
    try oldmem(["refresh", "--root", system.folder])
    try system.bash(
      """
      echo 1 > sys/kernel/kexec_crash_loaded
      echo $((96 << 20)) > sys/kernel/kexec_crash_size
      sleep 0.05; : > var/crash/kexec_cmd
      """
    )
    return system
  }

  /// What the oldmem that was built with the tests prints.
  @discardableResult
  private func oldmem(_ arguments: [String]) throws -> String {
    let program = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "oldmem")
    return try output(of: program.path, arguments, nil)
  }

  private func output(
    of program: String,
    _ arguments: [String],
    _ text: String?
  ) throws -> String {
    try ProgramRun(
      succeeding: [program] + arguments,
      input: text ?? ""
    ).output
  }

  /// The figures by name and labels, as Prometheus's library reads them.
  private func samples(_ text: String) throws -> [String: Double] {
    let json = try output(of: "/usr/bin/python3", ["-c", Self.judge], text)
    return try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Double]
    )
  }

  private func status(_ system: FakeSystem) throws -> [String: Double] {
    try samples(oldmem(["status", "--prometheus", "--root", system.folder]))
  }

  @Test func aHostThatLendsSaysSo() throws {
    let system = try ready()
    let found = try status(system)
    #expect(found["oldmem_host_enabled"] == 1)
    #expect(found["oldmem_host_lends"] == 1)
    #expect(found["oldmem_host_dump_level"] == 31)
    #expect(found["oldmem_host_capture_loaded"] == 1)
    #expect(found["oldmem_host_capture_current"] == 1)
    #expect(found["oldmem_host_crashkernel_bytes"] == 100_663_296)
    #expect(found["oldmem_host_held_bytes"] == 0)
    let running = "{release=\(FakeSystem.kernel),running=true}"
    #expect(found["oldmem_host_image_packed\(running)"] == 1)
    #expect(found["oldmem_host_image_plain_kept\(running)"] == 1)
    #expect(found["oldmem_host_image_stage_two_lost\(running)"] == 0)
    #expect(found["oldmem_host_image_bytes\(running)"] ?? 0 > 3000)
    let other = "{release=\(FakeSystem.other),running=false}"
    #expect(found["oldmem_host_image_packed\(other)"] == 1)
    for check in ["kdump-tools", "image", "driver", "reservation"] {
      #expect(found["oldmem_host_check{check=\(check)}"] == 0, "\(check)")
    }
    // Another system's page flags are not for this one to know.
    #expect(found["oldmem_host_check{check=page flags}"] == 1)
  }

  @Test func whatIsWrongIsInTheFigures() throws {
    let system = try ready()
    try system.bash("echo 0 > sys/kernel/kexec_crash_loaded")
    try system.bash("echo 0 > sys/kernel/kexec_crash_size")
    let found = try status(system)
    #expect(found["oldmem_host_lends"] == 0)
    #expect(found["oldmem_host_capture_loaded"] == 0)
    #expect(found["oldmem_host_crashkernel_bytes"] == 0)
    #expect(found["oldmem_host_check{check=reservation}"] == 2)
    #expect(found["oldmem_host_check{check=capture kernel}"] == 2)
    try oldmem(["disable", "--root", system.folder])
    let disabled = try status(system)
    #expect(disabled["oldmem_host_enabled"] == 0)
    #expect(disabled["oldmem_host_check{check=kdump-tools}"] == 2)
    let running = "{release=\(FakeSystem.kernel),running=true}"
    #expect(disabled["oldmem_host_image_packed\(running)"] == 0)
    #expect(disabled["oldmem_host_image_bytes\(running)"] == nil)
  }

  @Test func theEstimateIsThatOfTheTable() throws {
    let system = try FakeSystem()
    let options = [
      "estimate", "--kernel-modules",
      "\(system.folder)/lib/modules/\(FakeSystem.kernel)", "--initrd",
      "\(system.folder)/var/lib/kdump/initrd.img-\(FakeSystem.kernel)",
      "--daemon", "\(system.folder)/usr/sbin/oldmemd",
    ]
    let found = try samples(oldmem(options + ["--prometheus"]))
    let json = try oldmem(options + ["--json"])
    let whole = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    )
    for mode in ["stock", "oldmem", "held"] {
      let estimate = try #require(whole[mode] as? [String: Any])
      let size = try #require(estimate["crashkernelMiB"] as? Int)
      let name = "oldmem_estimate_crashkernel_bytes{mode=\(mode)}"
      #expect(found[name] == Double(size << 20))
      let parts = found.filter {
        $0.key.hasPrefix("oldmem_estimate_term_bytes{mode=\(mode),")
      }
      let sum = parts.values.reduce(0, +)
      #expect((0..<4).contains((Double(size << 20) - sum) / 1_048_576))
      let margin = "oldmem_estimate_term_bytes{mode=\(mode),term=margin}"
      #expect(found[margin] == 10_485_760)
    }
  }

  /// docs/fleet.md names every figure, and no other; alerts and dashboard go by
  /// none that is not there.
  @Test func theFleetsFilesKnowTheFigures() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardizedFileURL
    func figures(_ path: String) throws -> Set<String> {
      let text = try String(
        contentsOf: root.appending(path: path),
        encoding: .utf8
      )
      let names = text.matches(of: /oldmem_(?:host|estimate)_[a-z_]+/).map {
        String($0.0)
      }
      #expect(names.count > 10, "\(path)")
      return Set(names)
    }
    let known = try figures("Sources/oldmem/HostMetrics.swift")
    #expect(try figures("docs/fleet.md") == known)
    for file in ["rules.yml", "rules-test.yml", "grafana.json"] {
      let used = try figures("packaging/fleet/\(file)")
      #expect(used.isSubset(of: known), "\(file): \(used.subtracting(known))")
    }
  }

  private static let judge = """
    import json, re, sys
    from prometheus_client.parser import text_string_to_metric_families
    text = sys.stdin.read()
    assert text.endswith("\\n")
    found, seen = {}, set()
    for family in text_string_to_metric_families(text):
        assert family.name not in seen, "twice: " + family.name
        seen.add(family.name)
        assert re.fullmatch("oldmem_(host|estimate)_[a-z_]+", family.name)
        assert family.type == "gauge", family.name
        assert family.documentation.endswith("."), family.name
        assert family.samples, "no sample: " + family.name
        for sample in family.samples:
            label = ",".join("%s=%s" % v for v in sample.labels.items())
            name = sample.name + ("{%s}" % label if label else "")
            assert name not in found
            found[name] = sample.value
    for kind in ("HELP", "TYPE"):
        heads = re.findall("# %s (\\\\w+)" % kind, text)
        assert len(heads) == len(set(heads)) == len(seen), kind
    json.dump(found, sys.stdout)
    """
}
