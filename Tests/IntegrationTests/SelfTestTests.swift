// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Testing

@testable import Integration

/// Every fault that can be seen before a crash is a line of its own.
@Suite struct SelfTestTests {
  private func ready() throws -> FakeSystem {
    let system = try FakeSystem()
    _ = try system.installation.refresh(FakeSystem.kernel, quickly: false)
    try system.bash(
      """
      echo 1 > sys/kernel/kexec_crash_loaded
      echo $((96 << 20)) > sys/kernel/kexec_crash_size
      mkdir -p sys/kernel/security
      echo '[none] integrity confidentiality' > sys/kernel/security/lockdown
      mkdir -p lib/systemd/system/kdump-tools-dump.service.d
      : > lib/systemd/system/kdump-tools-dump.service.d/oldmem.conf
      echo 'root=/dev/vda quiet' > proc/cmdline
      sleep 0.05; : > var/crash/kexec_cmd
      """
    )
    return system
  }

  private func state(
    _ check: String,
    _ system: FakeSystem
  ) -> Finding.State? {
    SelfTest(system.installation).run().first { $0.check == check }?.state
  }

  @Test func aMachineInOrderHasNothingToSay() throws {
    let system = try ready()
    let findings = SelfTest(system.installation).run()
    #expect(findings.allSatisfy { $0.state == .ok }, "\(findings)")
    #expect(findings.count == 10)
  }

  @Test(arguments: [
    ("rm usr/sbin/kdump-config", "kdump-tools"),
    ("echo USE_KDUMP=0 > etc/default/kdump-tools", "kdump-tools"),
    ("mkdir -p var/lib/oldmem; : > var/lib/oldmem/disabled", "kdump-tools"),
    (
      "echo KDUMP_INITRD=/boot/initrd >> etc/default/kdump-tools", "kdump-tools"
    ),
    ("echo KDUMP_KERNEL= >> etc/default/kdump-tools", "kdump-tools"),
    (
      "echo 'MAKEDUMP_ARGS=\"-E -d 31\"' >> etc/default/kdump-tools",
      "dump level"
    ),
    ("echo 'MAKEDUMP_ARGS=\"-d 17\"' >> etc/default/kdump-tools", "image"),
    (
      "echo 'KDUMP_CMDLINE_APPEND=oldmem.dump-level=31' >> etc/default/kdump-tools",
      "command line"
    ),
    ("echo 'oldmem=off' > proc/cmdline", "command line"),
    (
      "cp var/lib/kdump/initrd.img-*fake var/lib/kdump/initrd.img-6.12.9-cloud",
      "image"
    ),
    ("rm var/lib/kdump/*.plain", "image"),
    ("echo again > usr/sbin/oldmemd", "image"),
    ("touch lib/modules/6.12.9-cloud/modules.dep", "image"),
    ("echo $((32 << 20)) > sys/kernel/kexec_crash_size", "reservation"),
    ("echo 'none [integrity]' > sys/kernel/security/lockdown", "route"),
    ("echo '# CONFIG_DEVMEM is not set' > boot/config-6.12.9-cloud", "route"),
    ("echo 0 > sys/kernel/kexec_crash_loaded", "capture kernel"),
    ("touch -d @1 var/crash/kexec_cmd", "capture kernel"),
  ])
  func eachFaultIsAProblem(_ script: String, _ check: String) throws {
    let system = try ready()
    try system.bash(script)
    #expect(state(check, system) == .problem)
  }

  @Test func flagsOfAnotherKernelAreAProblem() throws {
    let system = try ready()
    let now = SelfTest(system.installation(layout: "BUILD-ID=9\n")).run()
    #expect(now.first { $0.check == "page flags" }?.state == .problem)
  }

  @Test func whatIsOnlyWorseIsAWarning() throws {
    let system = try ready()
    try system.bash(
      "rm -r lib/systemd; echo rdinit=/oldmem/init > proc/cmdline"
    )
    #expect(state("lent-frames", system) == .warning)
    #expect(state("command line", system) == .warning)
    let unknown = system.installation(layout: nil, makedumpfile: nil)
    let findings = SelfTest(unknown).run()
    #expect(findings.first { $0.check == "dump level" }?.state == .warning)
  }
}
