#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a machine that does not crash: the kernel has a device of oldmemd's
# over NBD, and whoever uses block devices judges it, also while servers die.
. /functions.sh
prepare
use_tools
mount -t tmpfs tmpfs /tmp
device=/dev/nbd0

start() {
  /tools/oldmemd serve --nbd kernel --pool anonymous:384M --size 128M \
    > /tmp/oldmemd 2>&1 &
  keeper=$!
  wait_for grep -q "^$device: 128 MiB, 2 copies" /tmp/oldmemd ||
    fail "oldmemd says: $(cat /tmp/oldmemd)"
}

size() { [ "$(cat /sys/block/nbd0/size)" = "$1" ]; }

limits() {
  size 262144 && [ "$(cat /sys/block/nbd0/queue/logical_block_size)" = 4096 ] &&
    [ "$(cat /sys/block/nbd0/queue/discard_max_bytes)" -gt 0 ]
}

mix() {
  fio --name=mix --filename=$device --direct=1 --ioengine=libaio --numjobs=2 \
    --size=32M --offset_increment=64M --iodepth=8 --bsrange=4k-128k \
    --verify=crc32c --verify_fatal=1 --group_reporting --randrepeat=1 "$@"
}

ext4() {
  mke2fs -q -F -t ext4 $device && mount -t ext4 -o discard $device /mnt &&
    cp -r /tools /mnt/ && sync && umount /mnt && e2fsck -f -n $device &&
    mount -t ext4 $device /mnt &&
    for tool in /tools/*; do cmp "$tool" "/mnt$tool" || return; done &&
    umount /mnt
}

zero() {
  dd if=$device bs=1M iflag=direct | cmp - /dev/zero 2> /tmp/cmp
  grep -q "EOF on -" /tmp/cmp
}

discarded() { blkdiscard -f $device && zero; }

# The servers die under fio, which sees none of it.
deaths() {
  (
    while [ -e /tmp/killing ]; do
      sleep 1
      killall -q -KILL oldmemd-server && echo killed >> /tmp/kills
    done
  ) &
  mix --rw=randrw --verify_backlog=64 --size=24M --loops=4
  result=$?
  rm -f /tmp/killing
  return $result
}

start
judge limits limits
judge empty zero
judge fio mix --rw=randrw --verify_backlog=256
judge trim mix --rw=randtrimwrite --size=8M
judge discard discarded
judge ext4 ext4
dd if=/dev/urandom of=/tmp/image bs=1M count=32 2> /dev/null
dd if=/tmp/image of=$device bs=64k oflag=direct 2> /dev/null || fail dd
killall -KILL oldmemd-server
judge reconnected cmp -n 33554432 $device /tmp/image
touch /tmp/killing
judge deaths deaths
tell fact kills "$(wc -l < /tmp/kills)"
tell fact recoveries "$(grep -c 'the server died; process' /tmp/oldmemd)"
dmesg | grep -E "I/O error" && fail "the kernel complains"
kill -TERM $keeper
wait $keeper
status=$?
[ $status -eq 0 ] || fail "SIGTERM: exit status $status: $(cat /tmp/oldmemd)"
wait_for size 0 || fail "SIGTERM: the device stays"
ps | grep -v grep | grep oldmemd && fail "SIGTERM: somebody stays"

# What everybody else has: the server's socket, and nbd-client before it.
attach() {
  # Fixed newstyle, NBD_OPT_GO; the first time by ioctl, then by netlink.
  nbd_client "$@" -unix /tmp/socket $device -b 4096 -N '' &&
    wait_for size 131072
}

served() {
  attach "$@" && zero && mix --rw=randrw --size=8M --offset_increment=32M &&
    ext4 && nbd_client -c $device && nbd_client -d $device && wait_for size 0
}

/tools/oldmemd serve --nbd unix:/tmp/socket --pool anonymous:192M --size 64M \
  > /tmp/oldmemd 2>&1 &
server=$!
wait_for test -S /tmp/socket || fail "oldmemd says: $(cat /tmp/oldmemd)"
judge ioctl served -nonetlink
judge netlink attach
judge discards discarded
nbd_client -d $device
kill -TERM $server
wait $server || fail "nbd-client: exit status $?: $(cat /tmp/oldmemd)"
dmesg | grep -E "blocked for more|BUG:|Oops|WARNING:" && fail "the kernel"
tell verdict pass "all judges"
finish
