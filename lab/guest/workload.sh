#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# Sourced by first.sh: one page, at least, of each kind that a running machine
# has, for proofs that want to know what a kind looks like after a crash. What
# could not be made is told as `missing-KIND`, what is there as
# `workload-KIND`, counted by the kernel's own account of its pages.
mkdir -p /workload /files /folios /slow /huge

vmstat() { awk -v "name=$1" '$1 == name { print $2 }' /proc/vmstat; }
nodes() { ls -d /sys/devices/system/node/node* | wc -l; }
meminfo() { awk -v "name=$1:" '$1 == name { print $2 }' /proc/meminfo; }

# hold KIND PROGRAM WORDS...: a process that keeps memory, once it has it.
hold() {
  kind=$1
  shift
  "$@" > "/workload/$kind" 2>&1 &
  holder=$!
  # Of a process that ended without a word, the command line is empty.
  until grep -q -e '^held' -e '^missing' "/workload/$kind" ||
    ! grep -q . "/proc/$holder/cmdline"; do
    sleep 0.1
  done
  grep -q '^held' "/workload/$kind" || missing "$kind" \
    "$(tail -n 1 "/workload/$kind")"
}

# pages KIND MIB [FILE]: such memory, of holdpages.
pages() { hold "$1" holdpages "$@"; }

missing() { tell fact "missing-$1" "${2#missing }"; }

# Page cache: files of ext4, and of xfs, which has large folios; read, and
# written to without anybody who would write it back.
workload_cache() {
  echo 0 > /proc/sys/vm/dirty_writeback_centisecs
  echo 360000 > /proc/sys/vm/dirty_expire_centisecs
  echo 60 > /proc/sys/vm/dirty_ratio
  echo 50 > /proc/sys/vm/dirty_background_ratio
  if folios=$(disk folios) && mount -t xfs "$folios" /folios; then
    dd if=/dev/urandom of=/folios/read bs=1M count=96
    sync
    echo 1 > /proc/sys/vm/drop_caches
    echo 2048 > "/sys/block/${folios##*/}/queue/read_ahead_kb"
    cat /folios/read > /dev/null
    dd if=/dev/urandom of=/folios/dirty bs=1M count=16
  else
    missing folios "no xfs"
  fi
  mount -t ext4 "$(disk data)" /files
  cat /files/[0-9]* > /dev/null
  dd if=/dev/urandom of=/files/dirty bs=1M count=32
  for file in private shared; do
    dd if=/dev/urandom of=/files/$file bs=1M count=8
    sync /files/$file
  done
} 2> /dev/null

# What processes have.
workload_pages() {
  mkswap "$(disk swap)" > /dev/null && swapon "$(disk swap)"
  folio=/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled
  if [ -e $folio ]; then
    echo madvise > $folio
    pages mthp 8
  else
    missing mthp "no hugepages-64kB"
  fi
  pages anon 48
  # Where there are several nodes, the second processor is far from the first.
  [ "$(nodes)" -eq 1 ] ||
    hold anon-far taskset -c 1 holdpages anon 48
  pages thp 48
  pages thp-half 16
  pages mlock 8
  pages lazyfree 8
  pages fork 8
  echo 10000 > /sys/kernel/mm/ksm/pages_to_scan
  echo 1 > /sys/kernel/mm/ksm/run
  pages ksm 8
  echo 24 > /proc/sys/vm/nr_hugepages
  pages hugetlb 16
  pages shmem 8
  mount -t tmpfs -o huge=always tmpfs /huge
  pages shmem-thp 8 /huge/file
  pages private 8 /files/private
  pages shared 8 /files/shared
  pages swapcache 8
  pages shmem-swapped 4
  pages hwpoison 1
  pages secret 2
  pages pinned 8
  ifconfig lo 127.0.0.1 up
  hold pipes holdpipes /files/1
}

# Pages that the host takes away.
workload_balloon() {
  if [ ! -d /sys/bus/virtio/drivers/virtio_balloon ]; then
    missing balloon "no driver"
    return
  fi
  tell balloon 64
  read -r answer <&3
  [ "$answer" = done ] || missing balloon "the host says $answer"
  wait_for balloon_is_inflated || missing balloon "it stays small"
}
balloon_is_inflated() { [ "$(vmstat balloon_inflate)" -ge 16384 ]; }

# What has to be under way when the kernel panics, as late as can be.
workload_requests() {
  slow=$(disk slow)
  # Few inodes: a throttled disk takes its time for tables.
  mke2fs -b 4096 -i 1048576 "$slow" > /dev/null 2>&1
  mount -t ext4 "$slow" /slow || missing writeback "no ext4 on $slow"
  dd if=/dev/urandom of=/slow/file bs=1M count=12 2> /dev/null
  sync /slow/file &
  # The tables are still on their way.
  for time in 1 2 3 4 5 6; do
    wait_for writes_are_under_way && break
  done
  direct=$(disk direct)
  hold requests holdrequests "$direct"
  # Buffered, behind those: locked pages of the page cache are read into.
  dd if="$direct" of=/dev/null bs=1M skip=48 count=1 2> /dev/null &
  wait_for reads_are_under_way
}
writes_are_under_way() { [ "$(vmstat nr_writeback)" -ge 1024 ]; }
reads_are_under_way() { [ "$(in_flight direct 1)" -ge 9 ]; }

# in_flight DISK COLUMN: requests that the driver has; 1 are reads, 2 writes.
in_flight() {
  device=$(disk "$1")
  read -r reads writes rest < "/sys/block/${device##*/}/inflight"
  [ "$2" = 1 ] && echo "$reads" || echo "$writes"
}

# What is there and stays, said before anything is under way that ends.
workload_facts() {
  tell fact workload-kernel "$(uname -r)"
  tell fact workload-nodes "$(nodes)"
  tell fact workload-processors "$(grep -c ^processor /proc/cpuinfo)"
  tell fact workload-la57 "$(grep -c -m 1 ' la57' /proc/cpuinfo)"
  tell fact workload-hvo "$(cat /proc/sys/vm/hugetlb_optimize_vmemmap)"
  tell fact workload-balloon "$(($(vmstat balloon_inflate) -
    $(vmstat balloon_deflate)))"
  corrupted=$(meminfo HardwareCorrupted)
  tell fact workload-hwpoison $((${corrupted:-0} / 4))
  tell fact workload-dirty "$(vmstat nr_dirty)"
  tell fact workload-hugetlb-free "$(meminfo HugePages_Free)"
  tell fact workload-swapped-kib "$(($(meminfo SwapTotal) -
    $(meminfo SwapFree)))"
  while read -r kind bytes rest; do
    [ "$kind" = "${kind#bytes-}" ] || tell fact "workload-$kind" "$bytes"
  done < /workload/pipes
}

# What each page is, in the last moment. A console would take too long for it.
workload_census() {
  pageflags /workload/* >&3
  tell fact workload-reads-in-flight "$(in_flight direct 1)"
  tell fact workload-writes-in-flight "$(in_flight direct 2)"
  tell fact workload-writeback-requests "$(in_flight slow 2)"
  tell fact workload-writeback "$(vmstat nr_writeback)"
}
