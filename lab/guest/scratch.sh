#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: spools more than memory holds to /scratch, while
# a hog makes swap work too, and reads it back.
. /functions.sh
prepare
spooled=100
memory=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
tell fact memory-kib "$memory"
tell fact swap-kib "$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)"
# Only their last names: they were found below a /dev that is gone.
tell fact swaps "$(awk 'NR > 1 { sub(".*/", "", $1); print $1 }' /proc/swaps |
  xargs)"
tell fact scratch-is "$(awk '$2 == "/scratch" { print $3 }' /proc/mounts)"
tell fact scratch-kib "$(df -k /scratch 2> /dev/null |
  awk '$NF == "/scratch" { print $(NF - 4) }')"
tell fact seconds "$(cut -d ' ' -f 1 /proc/uptime)"

# Swap has something to do as well, and the hog is the one to be killed.
if [ -e /sys/block/ublkb0 ]; then
  sh -c 'echo 500 > /proc/self/oom_score_adj; exec hog "$1"' hog \
    $((memory * 2 / 1024)) > /tmp/hog &
  hog=$!
fi
mkdir -p /scratch
spool $spooled > /scratch/spool
tell fact spool-status $?
sync
echo 3 > /proc/sys/vm/drop_caches
kib=$(du -k /scratch/spool | cut -f 1)
tell fact spooled-kib "$kib"
[ "$kib" -ge $((spooled * 1024)) ] || fail "only $kib KiB were spooled"
sum=$(sha256sum < /scratch/spool)
if [ "$sum" = "$(spool $spooled | sha256sum)" ]; then
  intact=yes
else
  intact=no
fi
tell fact intact $intact
status=none
if [ -n "$hog" ]; then
  wait $hog
  status=$?
fi
tell fact hog-status $status
tell fact pages-out "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)"
for part in /sys/block/ublkb0/ublkb0p*; do
  [ -e "$part" ] || continue
  tell fact "written-sectors-${part##*ublkb0}" "$(awk '{ print $7 }' "$part/stat")"
done
if [ -x /tools/e2fsck ] && [ -e /dev/ublkb0p2 ]; then
  # As a root system would find it that the initramfs goes on to.
  label=$(findfs LABEL=oldmem-scratch)
  tell fact label "$label"
  mount -t ext4 "$label" /mnt && [ "$sum" = "$(sha256sum < /mnt/spool)" ] &&
    tell fact again yes
  umount /mnt
  umount /scratch || fail "/scratch cannot be unmounted"
  LD_LIBRARY_PATH=/lib /tools/e2fsck -fn /dev/ublkb0p2
  tell fact e2fsck-status $?
fi
[ $intact = yes ] || fail "what was read back is not what was spooled"
[ $status = none ] || [ $status -eq 0 ] || fail "hog: exit status $status"
tell verdict pass "$spooled MiB came back; $(cat /tmp/hog)"
finish
