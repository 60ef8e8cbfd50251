#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# A unit of a real Debian: once kdump-tools has loaded what runs after a
# panic, it dirties memory as a running machine would, and panics. With
# lab.setup on the command line it only powers off: kdump-tools has made its
# initramfs by then, which it does when there is none.
. /usr/lib/lab/functions.sh
export PATH=/usr/sbin:/usr/bin:/usr/lib/lab
# After the crash it must not run again.
[ -s /proc/vmcore ] && exit 0
wait_for port && exec 3<> "$(port)"
stty raw -echo <&3

if grep -qw lab.setup /proc/cmdline; then
  kdump-config show
  [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ] ||
    { tell verdict fail 'kdump-tools has loaded nothing'; poweroff; exit; }
  tell verdict pass 'kdump-tools is ready'
  poweroff
  exit
fi
is_loaded() { [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]; }
wait_for is_loaded || {
  kdump-config status
  tell verdict fail 'kdump-tools cannot load at this crashkernel='
  sync
  poweroff -f
}
cat /var/crash/kexec_cmd
hog 128 hold > /run/hog &
wait_for grep -q held /run/hog
dd if=/dev/urandom of=/run/shared bs=1M count=16 2> /dev/null
find /sys /proc/1 > /dev/null 2>&1
tell fact first-kernel-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
sync
echo c > /proc/sysrq-trigger
