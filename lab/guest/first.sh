#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the kernel that is to crash: dirties memory as a running machine
# would, loads the capture kernel, panics. Its settings are in /lab.conf.
. /functions.sh
. /lab.conf
prepare

# is_plugged MIB: whether there are memory blocks for that much.
is_plugged() {
  sum=0
  for range in $(sed -n 's/ : System RAM (virtio_mem)//p' /proc/iomem); do
    sum=$((sum + 0x${range#*-} - 0x${range%-*} + 1))
  done
  [ $((sum >> 20)) -ge "$1" ]
}
if [ "$plugged" -gt 0 ]; then
  wait_for is_plugged "$plugged" ||
    fail "the memory device has not plugged in $plugged MiB"
fi

# Page cache, clean and dirty.
if [ -n "$workload" ]; then
  . /workload.sh
  workload_cache
elif data=$(disk data); then
  mount -t ext4 "$data" /mnt
  cat /mnt/* > /dev/null 2>&1
  dd if=/dev/urandom of=/mnt/dirty bs=1M count=32 2> /dev/null
fi
# As much page cache as there is free memory: a large disk, read from end to
# end, and held open, for the last one to close it takes the cache along.
if cache=$(disk cache); then
  exec 4< "$cache"
  cat <&4 > /dev/null
fi
mount -t tmpfs tmpfs /tmp
dd if=/dev/urandom of=/tmp/shared bs=1M count=16 2> /dev/null

# Anonymous memory, and the kernel's own.
if [ "$anonymous" = all ]; then
  # Watermarks, of which huge pages make large ones, would stay free.
  echo 1 > /proc/sys/vm/watermark_scale_factor
  echo 512 > /proc/sys/vm/min_free_kbytes
  # The rest is filled with page cache, once kexec has freed its buffers.
  fill=yes
  anonymous=$(awk '/MemAvailable/ { print int($2 / 1024) - 96 }' \
    /proc/meminfo)
fi
if [ "$anonymous" -gt 0 ]; then
  hog "$anonymous" hold > /tmp/hog &
  until grep -q held /tmp/hog; do sleep 0.1; done
fi
if [ -n "$workload" ]; then
  workload_pages
  workload_balloon
fi
find /sys /proc/1 > /dev/null 2>&1

if [ -n "$hold" ]; then
  . /hold.sh
  hold_stage_two
fi
kexecload /vmlinuz /capture.initrd "$capture" ||
  fail "the capture kernel cannot be loaded at this crashkernel="
[ -n "$hold" ] && meddle
[ -n "$fill" ] && cat /mnt/[0-9]* > /dev/null
if [ -n "$fill$cache" ]; then
  tell fact free-at-panic-kib "$(awk '/MemFree/ { print $2 }' /proc/meminfo)"
fi
if [ -n "$workload" ]; then
  workload_facts
  workload_requests
  workload_census
fi
if [ -n "$damaged" ]; then
  tell damage "$damaged"
  read -r answer <&3
  [ "$answer" = done ] || fail "VMCOREINFO was not damaged: $answer"
fi
if [ -n "$inflight" ]; then
  inflight "$inflight" "$(disk slow)" "$(disk transfers)" \
    "$(disk pageflags)" "$spare"
  fail "inflight: exit status $?"
fi
tell fact first-kernel-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
echo c > /proc/sysrq-trigger
