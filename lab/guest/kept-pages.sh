#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: hashes every frame of the crashed kernel after
# swap was in use. What was there before, the step hook has hashed; in the
# control run, without oldmem, this script has.
. /functions.sh
prepare
if grep -q lab.control /proc/cmdline; then
  hashframes "$(disk before)" || fail "hashing before"
fi
# As whoever looks for file systems or volumes does.
device=$(sed -n '2s/^[^ ]*\/\([^ ]*\) .*/\/dev\/\1/p' /proc/swaps)
[ -z "$device" ] || dd if="$device" of=/dev/null bs=64k 2> /dev/null ||
  fail "$device cannot be read"
tell fact mapped-devices "$(find /sys/block -name 'dm-*' | wc -l)"
# Nearly all of the swap. Where it is full, the kernel does not wait for pages
# that are being written: it kills.
size=$(awk '/^MemAvailable/ { size = $2 / 4 }
  /^SwapTotal/ && $2 { size = $2 * 15 / 16 }
  END { print int(size / 1024) }' /proc/meminfo)
hog "$size" > /tmp/hog || fail "hog: exit status $? $(cat /tmp/hog)"
# Long enough for devices that still run to write where they should not.
sleep 5
hashframes "$(disk after)" || fail "hashing after"
tell verdict pass "$(cat /tmp/hog)"
finish
