// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// The crashed kernel's log.
public enum KernelLog {
  /// Hands the log's messages to `visitor`, the oldest first, reading through
  /// less than 128 KiB of memory whatever the log's size.
  ///
  /// The kernel may have crashed while it wrote to its log, or because of it.
  /// So each message is looked at by itself, and what makes no sense is
  /// counted and left out. At most one look is taken at each place.
  public static func read<
    M: PhysicalMemory & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    in memory: borrowing M,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout,
    _ visitor: inout Visitor
  ) throws(LogError) -> LogReport {
    let space: AddressSpace
    do throws(CoreError) {
      space = try AddressSpace(layout)
    } catch { throw .core(error) }
    if info.value(.symbol, "prb") != nil {
      var log = try RingLog(try RingLayout(info), space, in: memory)
      return log.read(in: memory, &visitor)
    }
    guard info.value(.symbol, "log_buf") != nil else { throw .noLog }
    var log = try BufferLog(try BufferLayout(info), space, in: memory)
    return log.read(in: memory, &visitor)
  }
}
