# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# For first.sh: the kernel that will crash holds the image's stage two, as
# oldmem-hold.service has it held.

# Holds /stage2, and puts the record of where behind the image.
hold_stage_two() {
  mkdir -p /run
  [ "$hold" = pinned ] || echo 2 > /proc/sys/kernel/io_uring_disabled
  oldmemd hold /stage2 2> /tmp/holder &
  holder=$!
  wait_for test -s /run/oldmem/held ||
    fail "oldmemd hold: $(cat /tmp/holder)"
  (cd /run && echo oldmem/held | cpio -o -H newc) >> /capture.initrd
  cp /run/oldmem/held /tmp/loaded
  tell fact held-kib "$(sed -n 's/.*: \([0-9]*\) KiB held.*/\1/p' /tmp/holder)"
  grep -q pinned /tmp/holder && tell fact held-pinned yes
}

# What may happen to held pages once the image is loaded.
meddle() {
  if [ -n "$moves" ]; then
    movepages "$holder" || fail "movepages: exit status $?"
    # The holder notices within ten seconds, and writes another record.
    sleep 12
    cmp -s /tmp/loaded /run/oldmem/held
    tell fact held-moved "$?"
  fi
  case $forger in
    user)
      forgepages /tmp/loaded > /tmp/forged &
      wait_for grep -q forged /tmp/forged || fail "forgepages has failed"
      ;;
    root)
      alterpage /tmp/loaded "$holder" || fail "alterpage: exit status $?"
      ;;
  esac
}
