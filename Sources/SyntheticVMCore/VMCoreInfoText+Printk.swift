// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What VMCOREINFO says of the log (kernel/printk/printk.c).
///
/// The log itself is built by `writeLog` alone, but its lines always fill the
/// page that the text must fit into, as they do in real dumps. Sizes are from
/// the BTF of Debian's 5.10.262, 6.1.192 (which 6.18.15 shares) and 7.1.13.
extension MachineBuilder {
  var printkLines: [Line] {
    machine.era == .v4_18 ? recordLines : ringLines
  }

  /// The log before v5.10: records in one buffer.
  private var recordLines: [Line] {
    [
      ("SYMBOL(log_buf)", symbol(Image.printk)),
      ("SYMBOL(log_buf_len)", symbol(Image.printk + 0x8)),
      ("SYMBOL(log_first_idx)", symbol(Image.printk + 0x10)),
      ("SYMBOL(clear_idx)", symbol(Image.printk + 0x18)),
      ("SYMBOL(log_next_idx)", symbol(Image.printk + 0x20)),
      ("SIZE(printk_log)", "16"),
      ("OFFSET(printk_log.ts_nsec)", "0"),
      ("OFFSET(printk_log.len)", "8"),
      ("OFFSET(printk_log.text_len)", "10"),
      ("OFFSET(printk_log.dict_len)", "12"),
    ]
  }

  private var ringLines: [Line] {
    let isFirst = machine.era == .v5_10
    let ring = isFirst ? 40 : 48
    // struct printk_info took up caller_id2 and comm.
    let isLong = machine.era >= .v7_1
    let latched: [Line] =
      isFirst
      ? []
      : [("SIZE(latched_seq)", "24"), ("OFFSET(latched_seq.val)", "8")]
    return [
      ("SYMBOL(prb)", symbol(Image.printk)),
      ("SYMBOL(printk_rb_static)", symbol(Image.printk + 0x80)),
      ("SYMBOL(clear_seq)", symbol(Image.printk + 0x100)),
      ("SIZE(printk_ringbuffer)", "\(ring + 40)"),
      ("OFFSET(printk_ringbuffer.desc_ring)", "0"),
      ("OFFSET(printk_ringbuffer.text_data_ring)", "\(ring)"),
      ("OFFSET(printk_ringbuffer.fail)", "\(ring + 32)"),
      ("SIZE(prb_desc_ring)", "\(ring)"),
      ("OFFSET(prb_desc_ring.count_bits)", "0"),
      ("OFFSET(prb_desc_ring.descs)", "8"),
      ("OFFSET(prb_desc_ring.infos)", "16"),
      ("OFFSET(prb_desc_ring.head_id)", "24"),
      ("OFFSET(prb_desc_ring.tail_id)", "32"),
      ("SIZE(prb_desc)", "24"),
      ("OFFSET(prb_desc.state_var)", "0"),
      ("OFFSET(prb_desc.text_blk_lpos)", "8"),
      ("SIZE(prb_data_blk_lpos)", "16"),
      ("OFFSET(prb_data_blk_lpos.begin)", "0"),
      ("OFFSET(prb_data_blk_lpos.next)", "8"),
      ("SIZE(printk_info)", isLong ? "112" : "88"),
      ("OFFSET(printk_info.seq)", "0"),
      ("OFFSET(printk_info.ts_nsec)", "8"),
      ("OFFSET(printk_info.text_len)", "16"),
      ("OFFSET(printk_info.caller_id)", "20"),
      ("OFFSET(printk_info.dev_info)", isLong ? "44" : "24"),
      ("SIZE(dev_printk_info)", "64"),
      ("OFFSET(dev_printk_info.subsystem)", "0"),
      ("LENGTH(printk_info_subsystem)", "16"),
      ("OFFSET(dev_printk_info.device)", "16"),
      ("LENGTH(printk_info_device)", "48"),
      ("SIZE(prb_data_ring)", "32"),
      ("OFFSET(prb_data_ring.size_bits)", "0"),
      ("OFFSET(prb_data_ring.data)", "8"),
      ("OFFSET(prb_data_ring.head_lpos)", "16"),
      ("OFFSET(prb_data_ring.tail_lpos)", "24"),
      ("SIZE(atomic_long_t)", "8"),
      ("OFFSET(atomic_long_t.counter)", "0"),
    ] + latched
  }
}
