// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

// The log from v3.5 to v5.9 (kernel/printk/printk.c): log_buf points to
// log_buf_len bytes of records, one after another, from log_first_idx up to
// log_next_idx:
//
//   ts_nsec u64   len u16   text_len u16   dict_len u16   facility u8
//   flags:5 level:3 u8   with CONFIG_PRINTK_CALLER: caller_id u32
//   text   dictionary   padding, up to len bytes in all
//
// A len of 0 means that the next record is at the start of the buffer. The
// structure's name was log until v3.10.

/// Where the parts of a log before v5.10 are.
struct BufferLayout {
  let buffer: VirtualAddress
  let length: VirtualAddress
  let first: VirtualAddress
  let next: VirtualAddress

  let headerSize: Int
  let time: Int
  let size: Int
  let textLength: Int
  /// Where facility and marks are, which VMCOREINFO does not say.
  let facility: Int?
  let caller: Int?

  init(_ info: borrowing VMCoreInfo) throws(LogError) {
    buffer = try info.address("log_buf")
    length = try info.address("log_buf_len")
    first = try info.address("log_first_idx")
    next = try info.address("log_next_idx")
    let isOld = info.value(.size, "printk_log") == nil
    let header = try info.small(
      .size,
      isOld ? "log" : "printk_log",
      in: 16...256
    )
    let inside = 0...(header - 8)
    time = Int(
      try info.small(
        .offset,
        isOld ? "log.ts_nsec" : "printk_log.ts_nsec",
        in: inside
      )
    )
    let within = 0...(header - 2)
    size = Int(
      try info.small(.offset, isOld ? "log.len" : "printk_log.len", in: within)
    )
    textLength = Int(
      try info.small(
        .offset,
        isOld ? "log.text_len" : "printk_log.text_len",
        in: within
      )
    )
    headerSize = Int(header)
    let dictionary = info.value(
      .offset,
      isOld ? "log.dict_len" : "printk_log.dict_len"
    )
    facility = dictionary.flatMap { $0 <= header - 4 ? Int($0) + 2 : nil }
    caller = facility.flatMap { $0 + 6 <= Int(header) ? $0 + 2 : nil }
  }
}
