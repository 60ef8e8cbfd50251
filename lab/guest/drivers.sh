#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a capture kernel with a driver that takes 64 MiB of the kernel's own
# memory, and keeps it while processes use more than there is of the rest.
. /functions.sh
prepare
tell fact memory-kib "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
tell fact swap-kib "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)"
# As for udev's process, and for drivers that the kernel loads by itself: there
# is nobody to kill in its place.
echo -1000 > /proc/self/oom_score_adj
insmod /own/greedy.ko mib=64 || fail "the driver has not got its memory"
echo 0 > /proc/self/oom_score_adj
tell fact driver has-its-memory
hog 96 > /tmp/hog || fail "hog: exit status $? $(cat /tmp/hog)"
rmmod greedy || fail "rmmod"
dmesg | grep -q "greedy: 64 MiB given back, 0 words wrong" ||
  fail "$(dmesg | grep greedy:)"
tell verdict pass "$(cat /tmp/hog)"
finish
