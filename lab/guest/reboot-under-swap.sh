#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# A systemd unit of the real root: swaps out more than memory holds, in a
# process and in files of /run that no unmount frees, and then reboots.
. /usr/lib/lab/functions.sh
export PATH=/usr/sbin:/usr/bin:/usr/lib/lab
wait_for port && exec 3<> "$(port)"
field() { awk -v "name=$1:" '$1 == name { print $2 }' /proc/meminfo; }
total=$(field MemTotal)
tell fact memory-kib "$total"
tell fact swap-kib "$(field SwapTotal)"
tell fact root-up-seconds "$(cut -d ' ' -f 1 /proc/uptime)"

mount -o remount,size=2G /run
dd if=/dev/urandom of=/run/fill bs=1M count=$((total * 3 / 2048)) 2> /dev/null
hog $((total / 1024)) hold > /run/hog &
wait_for grep -q held /run/hog || sleep 20
used=$(($(field SwapTotal) - $(field SwapFree)))
tell fact swap-used-kib $used
[ $used -gt "$total" ] || tell verdict fail "only $used KiB are swapped out"
[ $used -gt "$total" ] && tell verdict pass "$used KiB are swapped out"
systemctl reboot -f
