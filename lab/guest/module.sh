#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: oldmem.ko is loaded, judged and fuzzed; or, in a
# kernel that has no crashed one, it must refuse to be loaded.
. /functions.sh
prepare
if grep -q lab.no-crash /proc/cmdline; then
  insmod /own/oldmem.ko && fail "it was loaded"
  dmesg | grep -q "oldmem: this is no capture kernel" ||
    fail "no line says why"
  tell verdict pass "refused"
  finish
fi
insmod /own/oldmem.ko || fail "insmod"
# Before a block is added it can go, and come again.
rmmod oldmem && [ ! -e /dev/oldmem ] || fail "rmmod"
insmod /own/oldmem.ko || fail "insmod again"
wait_for [ -c /dev/oldmem ] || fail "no /dev/oldmem"
echo online_kernel > /sys/devices/system/memory/auto_online_blocks
modulecalls || fail "modulecalls: exit status $?"
rmmod oldmem 2> /dev/null && fail "a block was added, and the module is gone"
tell fact stays yes

# What must not be brought online is not added either.
echo offline > /sys/devices/system/memory/auto_online_blocks
before=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
modulefuzz 20000 "$(setting seed)" || fail "modulefuzz: exit status $?"
[ "$before" = "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)" ] ||
  fail "memory came online"
[ "$(setting zone)" ] && echo "online_$(setting zone)" \
  > /sys/devices/system/memory/auto_online_blocks
start=$(cut -d ' ' -f 1 /proc/uptime)
modulefuzz 100000 "$(setting seed)" || fail "modulefuzz: exit status $?"
tell fact fuzz-seconds "$(awk -v start="$start" '{ print $1 - start }' \
  /proc/uptime)"
tell fact memory-kib "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
# Memory that came online under fire has to be good memory.
hog $(($(awk '/MemAvailable/ { print $2 }' /proc/meminfo) / 1280)) ||
  fail "hog: exit status $?"
dmesg | grep -E "WARNING:|BUG:|Oops|Bad page|general protection" &&
  fail "the kernel complains"
# A kernel that is locked down shows old memory, and lets nobody write to it.
(exec 3<> /dev/oldmem) || fail "/dev/oldmem cannot be opened"
mount -t securityfs securityfs /sys/kernel/security
echo integrity > /sys/kernel/security/lockdown || fail "lockdown"
(exec 3<> /dev/oldmem) 2> /dev/null && fail "written to under lockdown"
(exec 3< /dev/oldmem) || fail "not read under lockdown"
tell fact locked-down refused
tell verdict pass "refused, judged, fuzzed, locked down"
finish
