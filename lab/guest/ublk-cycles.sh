#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a machine that does not crash: devices come and go, and nothing of
# them stays. `cycles=N` on the command line is how many of each kind.
. /functions.sh
prepare
export PATH=/tools:/bin
mount -t tmpfs tmpfs /tmp
device=/dev/ublkb0
cycles=100
for word in $(cat /proc/cmdline); do
  case $word in
    cycles=*) cycles=${word#*=} ;;
  esac
done
dd if=/dev/urandom of=/tmp/image bs=1M count=4 2> /dev/null

# start: ADD_DEV and START_DEV, until the device is there.
start() {
  rm -f /tmp/oldmemd
  /tools/oldmemd serve --ublk --pool anonymous:16M --size 8M --copies 2 \
    > /tmp/oldmemd 2>&1 &
  server=$!
  wait_for [ -b $device ] && wait_for grep -q "^$device: 8 MiB" /tmp/oldmemd ||
    fail "cycle $cycle: oldmemd says: $(cat /tmp/oldmemd)"
}

write() {
  dd if=/tmp/image of=$device bs=256k oflag=direct conv=fsync 2> /dev/null ||
    fail "cycle $cycle: cannot write"
}

verify() {
  dd if=$device bs=128k count=32 iflag=direct 2> /dev/null |
    cmp - /tmp/image || fail "cycle $cycle: the content differs"
}

# gone: whether nothing of the device and nobody of its server is left.
gone() {
  [ -z "$(ls -d /dev/ublk[bc]* /sys/block/ublkb* /sys/class/ublk-char/ublkc* \
    /run/ublksrvd 2> /dev/null)" ] && ! pidof oldmemd-server &&
    ! pidof oldmemd-spare && ! pidof oldmemd-reserve && ! pidof oldmemd-status
}

# stop: STOP_DEV and DEL_DEV.
stop() {
  kill -TERM "$server"
  wait_for gone || fail "cycle $cycle: left: $(ls -d /dev/ublk* /sys/block/ublk*
    ps | grep '[o]ldmemd')"
}

# recover: another server goes on with what a killed one has left.
recover() {
  kill -KILL "$server"
  verify
  wait_for grep -q "process [0-9]* serves" /tmp/oldmemd ||
    fail "cycle $cycle: oldmemd says: $(cat /tmp/oldmemd)"
  server=$(sed -n 's/.*process \([0-9]*\) serves.*/\1/p' /tmp/oldmemd)
}

# held: KiB that are neither free nor page cache, nor on a processor's list of
# free pages, which grows and shrinks by MiBs.
held() {
  sync
  echo 3 > /proc/sys/vm/drop_caches
  sleep 1
  awk '/^(MemTotal|MemFree|Cached):/ { all[$1] = $2 }
    $1 == "count:" { free += 4 * $2 }
    END { print all["MemTotal:"] - all["MemFree:"] - all["Cached:"] - free }' \
    /proc/meminfo /proc/zoneinfo
}

# run KIND: all cycles of a kind, of which the first ten fill the kernel's own
# caches.
run() {
  for cycle in $(seq "$cycles"); do
    start
    write
    [ "$1" = recover ] && recover
    verify
    stop
    [ "$cycle" = 10 ] && before=$(held)
  done
  after=$(held)
  tell fact "$1-cycles" "$cycle"
  tell fact "$1-held-before-kib" "$before"
  tell fact "$1-held-after-kib" "$after"
  tell fact "$1-growth-kib" $((after - before))
}

run plain
run recover
dmesg | grep -E "blocked for more|BUG:|Oops|WARNING:|I/O error|refcount" &&
  fail "the kernel complains"
tell verdict pass "$cycles cycles of each kind"
finish
