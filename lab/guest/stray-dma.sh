#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel while a device that nobody drives still moves
# data: copies and hashes all old memory around the arrival where there is a
# disk `vmcore`, and otherwise fills memory and swap meanwhile.
. /functions.sh
prepare
list=$(disk transfers) || fail "there is no disk named transfers"
seconds=$(sed 's/.*lab.seconds=\([0-9]*\).*/\1/' /proc/cmdline)
tell fact started-seconds "$(cut -d ' ' -f 1 /proc/uptime)"

if out=$(disk vmcore); then
  dd if=/proc/vmcore of="$out" bs=1M 2> /dev/null || fail "dd of /proc/vmcore"
  sync
  tell fact vmcore-bytes "$(stat -c %s /proc/vmcore)"
  tell fact copied-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
  stray "$list" "$seconds" 0 || fail "stray: exit status $?"
  hashframes "$(disk after)" || fail "hashing after"
  tell verdict pass "watched for $(cut -d ' ' -f 1 /proc/uptime) s"
  finish
fi

# Nearly all of swap: a frame without data shows nothing.
size=$(awk '/SwapFree/ { print int($2 / 1024 * 0.97) }' /proc/meminfo)
tell fact swap-kib "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)"
tell fact hog-mib "$size"
# A shell that is swapped out may be lost; this program cannot be.
exec stray "$list" "$seconds" "$size" end
