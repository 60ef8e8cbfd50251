#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a machine that does not crash: oldmemd serves ordinary memory, and
# whoever uses block devices judges it.
. /functions.sh
prepare
use_tools
mount -t tmpfs tmpfs /tmp
device=/dev/ublkb0
blocks=32768

# start: oldmemd, until the device is there.
start() {
  /tools/oldmemd serve --ublk --pool anonymous:512M --size 128M --copies 2 \
    > /tmp/oldmemd 2>&1 &
  server=$!
  wait_for [ -b $device ] || fail "no $device: $(cat /tmp/oldmemd)"
  wait_for grep -q "^$device: 128 MiB, 2 copies" /tmp/oldmemd ||
    fail "oldmemd says: $(cat /tmp/oldmemd)"
}

# gone: whether nothing of the device is left.
gone() {
  [ ! -e $device ] && [ ! -e /dev/ublkc0 ] && [ ! -e /sys/block/ublkb0 ]
}

# end SIGNAL: oldmemd must end well, and take the device with it.
end() {
  kill "-$1" "$server"
  wait "$server"
  status=$?
  [ $status -eq 0 ] ||
    fail "SIG$1: exit status $status: $(cat /tmp/oldmemd)"
  wait_for gone || fail "SIG$1: the device stays: $(ls /dev | grep ublk)"
  wait_for alone || fail "SIG$1: somebody still answers"
  tell fact "end-by-$1" passed
}

limits() {
  cd /sys/block/ublkb0/queue || return
  for limit in logical_block_size=4096 physical_block_size=4096 \
    discard_granularity=4096 zoned=none rotational=0; do
    echo "$limit $(cat "${limit%=*}")"
    [ "$(cat "${limit%=*}")" = "${limit#*=}" ] || return
  done
  [ "$(cat /sys/block/ublkb0/size)" = $((blocks * 8)) ] &&
    [ "$(cat discard_max_bytes)" -gt 0 ] &&
    [ "$(cat write_zeroes_max_bytes)" -gt 0 ]
}

zero() {
  dd if=$device bs=1M iflag=direct | cmp - /dev/zero 2> /tmp/cmp
  grep -q "EOF on -" /tmp/cmp
}

# Four jobs, each with a quarter of the device.
mix() {
  fio --name=mix --filename=$device --direct=1 --ioengine=libaio \
    --numjobs=4 --size=32M --offset_increment=32M --iodepth=8 \
    --bsrange=4k-32k --verify=crc32c --verify_fatal=1 --group_reporting \
    --randrepeat=1 "$@"
}

discarded() {
  blkdiscard -f "$@" $device && zero
}

# 128 MiB that nothing compresses, written and read in unequal pieces.
copy() {
  dd if=/dev/urandom of=/tmp/image bs=1M count=128 &&
    dd if=/tmp/image of=$device bs=64k oflag=direct conv=fsync &&
    dd if=$device bs=28k iflag=direct | cmp - /tmp/image &&
    echo 3 > /proc/sys/vm/drop_caches && cmp $device /tmp/image
}

# Parts are discarded and zeroed; the rest stays.
holes() {
  blkdiscard -o 1048576 -l 4194304 $device &&
    blkdiscard -z -o 16777216 -l 40960 $device &&
    dd if=/dev/zero of=/tmp/image bs=1M seek=1 count=4 conv=notrunc &&
    dd if=/dev/zero of=/tmp/image bs=4k seek=4096 count=10 conv=notrunc &&
    echo 3 > /proc/sys/vm/drop_caches && cmp $device /tmp/image
}

# The last block is written and read, the one behind it is refused.
edge() {
  dd if=/tmp/image of=$device bs=4k seek=$((blocks - 1)) count=2 oflag=direct
  [ $? -ne 0 ] || return
  dd if=$device of=/tmp/last bs=4k skip=$((blocks - 1)) count=2 iflag=direct
  dd if=/tmp/image of=/tmp/first bs=4k count=1
  cmp /tmp/last /tmp/first && [ "$(stat -c %s /tmp/last)" = 4096 ]
}

ext4() {
  mke2fs -q -F -t ext4 $device && mount -t ext4 $device /mnt &&
    cp -r /tools /lib /mnt/ && sync && rm -r /mnt/lib && umount /mnt &&
    e2fsck -f -n $device && mount -t ext4 -o discard $device /mnt &&
    for tool in /tools/*; do cmp "$tool" "/mnt$tool" || return; done &&
    rm -r /mnt/tools && cp /tmp/image /mnt/image 2> /dev/null
  sync && umount /mnt && e2fsck -f -n $device
}

# More memory than is free: some of it goes to the device and comes back.
swap() {
  mkswap $device && blkid -p $device | grep 'TYPE="swap"' &&
    swapon -d $device && grep "^$device" /proc/swaps || return
  rm -f /tmp/image
  free=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  hog $((free + 48)) || return
  grep "^$device" /proc/swaps
  awk '/^pswpout/ { exit $2 < 4096 }' /proc/vmstat && swapoff $device
}

# What it says of itself, in every format.
status() {
  oldmemd status && oldmemd status --json > /tmp/json &&
    grep '"state": "healthy"' /tmp/json && grep '"number": 0' /tmp/json &&
    grep '"blocks": 32768, "copies": 2' /tmp/json &&
    grep "\"process\": $server, \"count\": 1" /tmp/json &&
    oldmemd status --prometheus > /tmp/prometheus &&
    grep '^oldmem_health_state{state="healthy"} 1' /tmp/prometheus &&
    grep '^oldmem_blocks_written_total [1-9]' /tmp/prometheus &&
    grep '^oldmem_device_bytes 134217728' /tmp/prometheus &&
    [ -z "$(oldmemd status --events)" ]
}

# alone: nobody is left who would answer.
alone() {
  ! pidof oldmemd-status && ! oldmemd status
}

# others: while a crowd asks, and others hang on without a word, requests go
# on and root is answered.
others() {
  for client in 1 2 3 4 5 6 7 8; do
    (while [ -e /tmp/asking ]; do oldmemd status; done) > /dev/null 2>&1 &
  done
  mix --rw=randrw --size=8M && oldmemd status
  answered=$?
  rm /tmp/asking
  return $answered
}

start
judge limits limits
judge empty zero
judge fio-random mix --rw=randrw --verify_backlog=256
judge fio-trim mix --rw=randtrimwrite --size=8M
judge fio-buffered mix --rw=randwrite --size=8M --direct=0 \
  --ioengine=psync --fsync=64
judge blkdiscard discarded
judge copy copy
judge holes holes
judge edge edge
judge ext4 ext4
judge zeroout discarded -z
judge swap swap
judge status status
touch /tmp/asking
judge others others
for field in VmRSS RssAnon RssShmem VmPTE; do
  tell fact "witness.$field" "$(awk "/^$field:/ { print \$2 }" \
    "/proc/$(pidof oldmemd-status)/status")"
done
tell fact server-rss-kib "$(awk '/VmRSS/ { print $2 }' /proc/$server/status)"
[ -s /tmp/oldmemd ] && [ "$(wc -l < /tmp/oldmemd)" = 1 ] ||
  fail "oldmemd says: $(cat /tmp/oldmemd)"

dmesg | grep -E "I/O error|Out of memory|errors? on" &&
  fail "the kernel complains"

# What the kernel has not written yet is written while the device goes.
dd if=/dev/urandom of=$device bs=1M count=64 2> /dev/null
end TERM
start
judge empty-again zero

# So does one that somebody uses; he loses it.
mke2fs -q -F -t ext4 $device && mount -t ext4 $device /mnt
end INT
umount /mnt

# A server that is killed has a successor; what was written is there.
start
dd if=/dev/urandom of=/tmp/image bs=1M count=64 &&
  dd if=/tmp/image of=$device bs=64k oflag=direct || fail "dd"
for round in 1 2 3; do
  kill -KILL "$server"
  cmp -n 67108864 $device /tmp/image || fail "SIGKILL: the content is lost"
  echo 3 > /proc/sys/vm/drop_caches
  wait_for grep -q "process [0-9]* serves" /tmp/oldmemd ||
    fail "SIGKILL: oldmemd says: $(cat /tmp/oldmemd)"
  server=$(sed -n 's/.*process \([0-9]*\) serves.*/\1/p' /tmp/oldmemd | tail -n 1)
  sleep 2
done
tell fact recovered "$(grep -c serves /tmp/oldmemd)"
# Those who stand by go with the last server.
kill -TERM "$server"
wait_for gone || fail "SIGTERM: the device stays"
nobody() { ! ps | grep -v grep | grep oldmemd; }
wait_for nobody || fail "SIGTERM: somebody stays: $(ps | grep oldmemd)"
dmesg | grep -E "blocked for more|BUG:|Oops|WARNING:" && fail "the kernel"
tell verdict pass "all judges"
finish
