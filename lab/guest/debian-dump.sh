#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# Runs before kdump-tools' own dump: tells how much memory there is by then.
. /usr/lib/lab/functions.sh
export PATH=/usr/sbin:/usr/bin
port > /dev/null 2>&1 && exec 3<> "$(port)"
tell fact available-kib "$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)"
tell fact swapped-out-kib "$(awk '/^pswpout/ { print $2 * 4 }' /proc/vmstat)"
tell fact swapped-in-kib "$(awk '/^pswpin/ { print $2 * 4 }' /proc/vmstat)"
tell fact refault-file-kib \
  "$(awk '/^workingset_refault_file/ { print $2 * 4 }' /proc/vmstat)"
tell fact memory-cgroups \
  "$(find /sys/fs/cgroup -mindepth 2 -name memory.current | wc -l)"
tell fact udev-words \
  "$(tr '\0' ' ' < "/proc/$(pidof -s systemd-udevd)/cmdline")"
tell fact dump-start-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
echo "lab: makedumpfile starts soon, by kdump-tools"
