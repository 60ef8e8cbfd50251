#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# A hook of dracut's, before it would switch to the root, sourced: dumps to the
# root and restarts the machine, whatever comes of it, as kdump-utils does.
{
  awk '/MemAvailable/ { print "lab: fact available-kib", $2 }' /proc/meminfo
  awk '/^pswpout/ { print "lab: fact swapped-out-kib", $2 * 4 }' /proc/vmstat
  awk '{ print "lab: fact dump-start-seconds", $1 }' /proc/uptime
  echo 'lab: makedumpfile starts'
} > /dev/console
crash=/sysroot/var/crash
makedumpfile -F -c -d 31 /proc/vmcore > "$crash/dump-incomplete" \
  2> /dev/console &&
  mv "$crash/dump-incomplete" "$crash/dump.$(date +%s)"
sync
systemctl reboot -ff
