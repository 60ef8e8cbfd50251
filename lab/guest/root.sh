#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /sbin/init of the disk `crash`: the distribution's initramfs hands over to
# it; it dumps as kdump would, and reports. The port's module is loaded only
# afterwards, since its buffers would count against the reservation.
. /functions.sh
swap=$(awk '/SwapTotal/ { total = $2 } /SwapFree/ { print total - $2 }' \
  /proc/meminfo)
# All that was ever swapped out: by now much of it is free again.
swapped=$(awk '/^pswpout/ { print $2 * 4 }' /proc/vmstat)
available=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
started=$(cut -d ' ' -f 1 /proc/uptime)
echo "lab: makedumpfile starts at $started s, $available KiB available," \
  "$swap KiB in swap"
makedumpfile -l -d 31 /proc/vmcore /var/crash/dump.part
status=$?
[ $status -eq 0 ] && mv /var/crash/dump.part /var/crash/dump
sync
prepare
tell fact available-kib "$available"
tell fact swap-used-kib "$swap"
tell fact swapped-out-kib "$swapped"
tell fact dump-start-seconds "$started"
tell fact dump-end-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
tell fact dump-bytes "$(stat -c %s /var/crash/dump)"
[ $status -eq 0 ] || fail "makedumpfile: exit status $status"
tell verdict pass dumped
finish
