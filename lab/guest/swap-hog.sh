#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: fills five times its memory and reads it back,
# while page cache is written and packets arrive, without a rest by lab.pause=0.
. /functions.sh
prepare
total=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
tell fact memory-kib "$total"
tell fact swap-kib "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)"

make_noise "$(setting pause)"

start=$(cut -d ' ' -f 1 /proc/uptime)
# The hog shall be the one that is killed, not the noise.
echo -500 > /proc/self/oom_score_adj
sh -c 'echo 500 > /proc/self/oom_score_adj; exec hog "$1"' hog \
  $((total * 5 / 1024)) > /tmp/hog
status=$?
tell fact hog-status $status
tell fact hog-start-seconds "$start"
tell fact hog-end-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
# Where the time went, in ticks of 10 ms: user, nice, system, idle, ...
tell fact ticks "$(sed -n 's/^cpu *//p' /proc/stat)"
for process in /proc/[0-9]*; do
  grep -q '^@oldmemd' "$process/cmdline" 2> /dev/null || continue
  tell fact "ticks-of-${process##*/}" \
    "$(awk '{ print $14, "user", $15, "system" }' "$process/stat")"
done
[ -e /sys/block/ublkb0 ] &&
  tell fact device-reads-sectors-writes-sectors \
    "$(awk '{ print $1, $3, $5, $7 }' /sys/block/ublkb0/stat)"
tell fact pages-out "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)"
tell fact pages-in "$(awk '/^pswpin/ { print $2 }' /proc/vmstat)"
tell fact packets "$(cat /sys/class/net/eth0/statistics/rx_packets)"
tell fact written-sectors "$(awk '{ print $7 }' "/sys/block/${noise##*/}/stat")"
[ $status -eq 0 ] || fail "hog: exit status $status $(cat /tmp/hog)"
tell verdict pass "$(cat /tmp/hog)"
finish
