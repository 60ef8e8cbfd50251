#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: old memory has become RAM of this kernel's. All
# frames of the crashed kernel are hashed, by read() and by mmap(), after a hog
# has used what there is; then makedumpfile writes its dump, of which a checksum
# is told, for the host to compare.
#
# lab.plug=COUNT: nothing was added yet; so many blocks are, for their price.
. /functions.sh
prepare
blocks=$(setting plug)
if [ -n "$blocks" ]; then
  insmod /own/oldmem.ko || fail "insmod"
  wait_for [ -c /dev/oldmem ] || fail "no /dev/oldmem"
  echo online_kernel > /sys/devices/system/memory/auto_online_blocks
  plugblocks "$blocks" || fail "plugblocks: exit status $?"
  hog "$((blocks * 100))" || fail "hog: exit status $?"
  tell verdict pass "$blocks blocks"
  finish
fi
total=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
tell fact memory-kib "$total"
tell fact swap-kib "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)"
tell fact added "$(grep -c 'System RAM (oldmem)' /proc/iomem)"
size=$(setting hog)
[ -n "$size" ] ||
  size=$(awk '/MemAvailable/ { print int($2 * 3 / 4096) }' /proc/meminfo)
tell fact hog-mib "$size"
make_noise "$(setting pause)"
hog "$size" > /tmp/hog || fail "hog: exit status $? $(cat /tmp/hog)"
tell fact pages-out "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)"
[ -z "$noises" ] || kill $noises
noises=
# Long enough for devices that still run to write where they should not.
sleep 5
if disk after > /dev/null; then
  hashframes "$(disk after)" || fail "hashing after"
  hashframes "$(disk mapped)" /proc/vmcore map || fail "hashing by mmap"
  # The size of its buffer decides the order of what it writes.
  /usr/bin/makedumpfile -F -d 31 --cyclic-buffer 1024 /proc/vmcore 2> /tmp/dump |
    sha256sum > /tmp/sum
  tell fact dump-sha256 "$(cut -d ' ' -f 1 /tmp/sum)"
  grep -q "saved\|complete" /tmp/dump || fail "makedumpfile: $(tail -3 /tmp/dump)"
fi
dmesg | grep -E "WARNING:|BUG:|Oops|Bad page" &&
  fail "the kernel complains"
tell verdict pass "$(cat /tmp/hog)"
finish
