#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a small machine that does not crash, with swap on NBD, which oldmemd
# serves out of memory that is locked: a hog of five times what is left.
#
#     lab.nbd=fifo        the servers run before ordinary processes
#     lab.reserve=KIB     vm.min_free_kbytes
#     lab.pause=SECONDS   how long packets rest
. /functions.sh
prepare
export PATH=/tools:/bin
mount -t tmpfs tmpfs /tmp

/tools/oldmemd serve --nbd kernel --pool anonymous:512M --size 256M \
  > /tmp/oldmemd 2>&1 &
wait_for grep -q "^/dev/nbd0" /tmp/oldmemd ||
  fail "oldmemd says: $(cat /tmp/oldmemd)"
server=$(pidof oldmemd-server)
case $(setting nbd) in
  fifo) chrt -f -p 1 "$server" || fail chrt ;;
esac
reserve=$(setting reserve)
[ -z "$reserve" ] || echo "$reserve" > /proc/sys/vm/min_free_kbytes
/tools/mkswap /dev/nbd0 > /dev/null && /tools/swapon -d /dev/nbd0 || fail swapon
echo 3 > /proc/sys/vm/drop_caches

make_noise "$(setting pause)"
free=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
tell fact available-mib "$free"
tell fact hog-start-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
echo -500 > /proc/self/oom_score_adj
sh -c 'echo 500 > /proc/self/oom_score_adj; exec hog "$1"' hog 240 > /tmp/hog
status=$?
tell fact hog-status $status
tell fact hog-end-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
tell fact pages-out "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)"
[ $status -eq 0 ] || fail "hog: exit status $status $(cat /tmp/hog)"
tell verdict pass "$(cat /tmp/hog)"
finish
