// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

extension KernelLog {
  /// Hands the log's messages to `visitor`, as `read` does, and remembers in
  /// `frames`, if it is given, which frames were read for that.
  ///
  /// A daemon that has both to do has the code for it once.
  public static func read<
    Source: ByteSource & ~Copyable,
    Visitor: LogVisitor & ~Copyable
  >(
    of core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout,
    _ visitor: inout Visitor,
    frames: ReadFrames? = nil
  ) throws(LogError) -> LogReport {
    var outcome = Result<LogReport, LogError>.failure(.noLog)
    WatchedMemory.watch(core, frames) { memory in
      do throws(LogError) {
        outcome = .success(try read(in: memory, info, layout, &visitor))
      } catch { outcome = .failure(error) }
    }
    return try outcome.get()
  }
}
