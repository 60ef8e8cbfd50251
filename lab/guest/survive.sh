#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: a hog fills and reads back more than memory,
# while the slayer does what the command line says, `slayer=WORD,WORD,...`.
. /functions.sh
prepare
total=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
available=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
swap=$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)
tell fact memory-kib "$total"
tell fact available-kib "$available"
tell fact swap-kib "$swap"
tell fact min-free-kib "$(cat /proc/sys/vm/min_free_kbytes)"
word() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
# Five times the memory; or all that there is, less the MiB given.
size=$((total * 5 / 1024))
left=$(word leave)
[ -n "$left" ] && size=$(((available + swap) / 1024 - left))

slayer $(word slayer | tr ',' ' ') &
slayer=$!
echo -500 > /proc/self/oom_score_adj
rounds=$(word rounds)
for round in $(seq "${rounds:-1}"); do
  sh -c 'echo 500 > /proc/self/oom_score_adj; exec hog "$1"' hog \
    "$size" > /tmp/hog
  status=$?
  tell fact hog-status $status
  [ $status -eq 0 ] || break
done
kill $slayer
wait $slayer
tell fact hog-mib "$size"
tell fact pages-out "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)"
tell fact pages-in "$(awk '/^pswpin/ { print $2 }' /proc/vmstat)"
# Whoever has died lately has a successor within a second or two.
sleep 3
for name in server spare reserve; do
  number=0
  for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2> /dev/null)" = "oldmemd-$name" ] &&
      number=$((number + 1))
  done
  tell fact "processes-$name" $number
done
[ $status -eq 0 ] || fail "hog: exit status $status $(cat /tmp/hog)"
dmesg | grep -E "I/O error|Read-error|Write-error|BUG:|Oops|WARNING:" &&
  fail "the kernel complains"
tell verdict pass "$(cat /tmp/hog)"
finish
