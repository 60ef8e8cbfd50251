// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import VMCore

// The log since v5.10 (kernel/printk/printk_ringbuffer.h): SYMBOL(prb) points
// to a printk_ringbuffer, which has
//
//   desc_ring       count_bits    2^count_bits descriptors
//                   descs         prb_desc[]: state_var, text_blk_lpos
//                   infos         printk_info[], by the same index
//                   head_id       the newest descriptor
//                   tail_id       the oldest one
//   text_data_ring  size_bits     2^size_bits bytes
//                   data
//
// A descriptor's number counts on for ever; its low count_bits are its index.
// In state_var the two top bits are the state, the others the number of the
// descriptor that has it now:
//
//   0 reserved   somebody writes it    2 finalized  readable
//   1 committed  readable              3 reusable   nobody's
//
// text_blk_lpos has two positions in the text, which count on for ever too:
// where the message's block begins, and where the next one does. A block is 8
// bytes with its descriptor's number, the text, and padding. One that would
// reach past the end is at the start of the ring instead:
//
//   0         next                    begin        2^size_bits
//   | number | text ............| ... | (unused) ..|
//
// Positions with bit 0 set mean that there is no block: 1 for a text that
// found no room, 3 for an empty line.

/// Where the parts of a log since v5.10 are.
struct RingLayout {
  let root: VirtualAddress
  let textRing: UInt64
  let countBits: UInt64
  let descriptors: UInt64
  let infos: UInt64
  let head: UInt64
  let tail: UInt64
  let sizeBits: UInt64
  let data: UInt64

  let descriptorSize: Int
  let state: Int
  let begin: Int
  let next: Int

  let infoSize: Int
  let sequence: Int
  let time: Int
  let textLength: Int
  let caller: Int
  /// Whether facility, level and flags are between text_len and caller_id, as
  /// VMCOREINFO does not say.
  let hasLevel: Bool

  init(_ info: borrowing VMCoreInfo) throws(LogError) {
    root = try info.address("prb")
    let ring = try info.small(.offset, "printk_ringbuffer.desc_ring")
    let counter = try info.small(.offset, "atomic_long_t.counter")
    countBits = ring + (try info.small(.offset, "prb_desc_ring.count_bits"))
    descriptors = ring + (try info.small(.offset, "prb_desc_ring.descs"))
    infos = ring + (try info.small(.offset, "prb_desc_ring.infos"))
    head =
      ring + counter + (try info.small(.offset, "prb_desc_ring.head_id"))
    tail =
      ring + counter + (try info.small(.offset, "prb_desc_ring.tail_id"))
    textRing = try info.small(.offset, "printk_ringbuffer.text_data_ring")
    sizeBits =
      textRing + (try info.small(.offset, "prb_data_ring.size_bits"))
    data = textRing + (try info.small(.offset, "prb_data_ring.data"))

    let size = try info.small(.size, "prb_desc", in: 24...4096)
    let inside = 0...(size - 8)
    let block = try info.small(.offset, "prb_desc.text_blk_lpos", in: inside)
    state = Int(
      try info.small(.offset, "prb_desc.state_var", in: inside) + counter
    )
    begin = Int(
      block + (try info.small(.offset, "prb_data_blk_lpos.begin", in: inside))
    )
    next = Int(
      block + (try info.small(.offset, "prb_data_blk_lpos.next", in: inside))
    )
    descriptorSize = Int(size)
    guard max(state, begin, next) <= descriptorSize - 8 else {
      throw .implausible(.size, "prb_desc", size)
    }

    let infoSize = try info.small(.size, "printk_info", in: 24...4096)
    let within = 0...(infoSize - 8)
    sequence = Int(try info.small(.offset, "printk_info.seq", in: within))
    time = Int(try info.small(.offset, "printk_info.ts_nsec", in: within))
    textLength = Int(
      try info.small(.offset, "printk_info.text_len", in: within)
    )
    caller = Int(
      try info.small(.offset, "printk_info.caller_id", in: 0...(infoSize - 4))
    )
    self.infoSize = Int(infoSize)
    hasLevel = caller == textLength + 4
  }
}
