#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a machine that does not crash: how fast oldmemd's device is, beside
# the kernel's own memory disk, our own NBD and zram, in turn.
. /functions.sh
prepare
use_tools
mount -t tmpfs tmpfs /tmp
device=/dev/ublkb0
disk=/dev/ram0
network=/dev/nbd0
rounds=5
parts=fio,queues,calls,discard,swap
for word in $(cat /proc/cmdline); do
  case $word in
    rounds=*) rounds=${word#*=} ;;
    parts=*) parts=${word#*=} ;;
  esac
done

# start OPTIONS...: oldmemd, until the device is there.
start() {
  /tools/oldmemd serve --ublk --pool anonymous:512M --size 256M --copies 2 \
    "$@" > /tmp/oldmemd 2>&1 &
  server=$!
  wait_for grep -q "^$device:" /tmp/oldmemd ||
    fail "oldmemd says: $(cat /tmp/oldmemd)"
}

stop() {
  kill -TERM "$server"
  wait "$server" || fail "exit status $?: $(cat /tmp/oldmemd)"
}

# run DEVICE OPTIONS...: requests a second, by fio.
run() {
  run=$1
  shift
  fio --name=run --filename="$run" --direct=1 --ioengine=libaio --iodepth=16 \
    --size=128M --runtime=2 --time_based --norandommap --minimal "$@" |
    awk -F ';' '{ print $8 + $49 }'
}

# fill DEVICE: a first write to a place costs more than all later ones.
fill() {
  dd if=/dev/urandom of=/tmp/random bs=1M count=32 2> /dev/null
  for part in 0 1 2 3; do
    dd if=/tmp/random of="$1" bs=1M seek=$((part * 32)) oflag=direct \
      2> /dev/null || fail "dd to $1"
  done
  rm /tmp/random
}

# median FILE
median() {
  sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# spread FILE: the least and the most.
spread() {
  sort -n "$1" | awk 'NR == 1 { least = $1 } END { print least "-" $1 }'
}

# calls: how many system calls the server needs for a request.
calls() {
  before=$(awk '{ print $1 + $5 }' /sys/block/ublkb0/stat)
  /tools/strace -c -o /tmp/calls -p "$server" 2> /dev/null &
  strace=$!
  sleep 1
  run $device "$@" > /dev/null
  # A shell lets SIGINT be ignored by what it puts into the background.
  kill -TERM $strace
  wait $strace
  after=$(awk '{ print $1 + $5 }' /sys/block/ublkb0/stat)
  awk -v requests=$((after - before)) '
    / total$/ { next }
    $4 ~ /^[0-9]+$/ && $4 > requests / 50 {
      line = line sprintf(" %s %.2f", $NF, $4 / requests)
    }
    END { print requests " requests:" line }' /tmp/calls
}

# has PART: whether the command line asks for it.
has() {
  case ,$parts, in
    *,$1,*) true ;;
    *) false ;;
  esac
}

# Requests a second of our device, of the kernel's memory disk, and of what the
# kernel has from us by NBD.
fio_part() {
  rmmod brd
  insmod /modules/*-brd.ko rd_nr=1 rd_size=131072
  /tools/oldmemd serve --nbd kernel --pool anonymous:288M --size 128M \
    --copies 2 > /tmp/oldmemd-nbd 2>&1 &
  keeper=$!
  wait_for grep -q "^$network:" /tmp/oldmemd-nbd ||
    fail "oldmemd says: $(cat /tmp/oldmemd-nbd)"
  for place in $device $disk $network; do fill $place; done
  kinds="randread-4k randwrite-4k randread-256k randwrite-256k"
  for round in $(seq "$rounds"); do
    for kind in $kinds; do
      for name in ublk brd nbd; do
        case $name in
          ublk) place=$device ;;
          brd) place=$disk ;;
          nbd) place=$network ;;
        esac
        run $place --rw="${kind%-*}" --bs="${kind#*-}" >> "/tmp/$kind-$name"
      done
    done
  done
  for kind in $kinds; do
    for name in ublk brd nbd; do
      tell fact "$name-$kind" "$(median "/tmp/$kind-$name")"
      tell fact "$name-$kind-spread" "$(spread "/tmp/$kind-$name")"
    done
    for name in brd nbd; do
      tell fact "percent-of-$name-$kind" $((100 * \
        $(median "/tmp/$kind-ublk") / $(median "/tmp/$kind-$name")))
    done
  done
  kill -TERM $keeper
  wait $keeper || fail "exit status $?: $(cat /tmp/oldmemd-nbd)"
}

# busy JOBS: requests a second of so many jobs at a time, and how much of a
# processor the server takes meanwhile.
busy() {
  before=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
  begun=$(cut -d ' ' -f 1 /proc/uptime)
  first=$(awk '{ print $1 + $5 }' /sys/block/ublkb0/stat)
  run $device --rw=randread --bs=4k --numjobs="$1" --runtime=5 > /dev/null
  awk -v before="$before" -v begun="$begun" -v first="$first" \
    -v ticks="$(awk '{ print $14 + $15 }' "/proc/$server/stat")" \
    -v last="$(awk '{ print $1 + $5 }' /sys/block/ublkb0/stat)" '{
      time = $1 - begun
      printf "%d requests a second, server busy %d %%\n",
        (last - first) / 5, (ticks - before) / time
    }' /proc/uptime
}

queues_part() {
  fill $device
  for jobs in 1 2 4; do
    tell fact jobs-$jobs "$(busy $jobs)"
  done
}

calls_part() {
  fill $device
  tell fact calls-read-4k "$(calls --rw=randread --bs=4k)"
  tell fact calls-write-4k "$(calls --rw=randwrite --bs=4k)"
  tell fact calls-read-256k "$(calls --rw=randread --bs=256k)"
  tell fact calls-one-at-a-time "$(calls --rw=randread --bs=4k --iodepth=1)"
}

# since START: milliseconds.
since() {
  awk -v start="$1" '{ print int(($1 - start) * 1000) }' /proc/uptime
}

# Forgetting all of a device that is full, and of one that is empty.
discard_part() {
  for round in $(seq 3); do
    fill $device
    start=$(cut -d ' ' -f 1 /proc/uptime)
    blkdiscard -f -l 128M $device || fail "blkdiscard"
    since "$start" >> /tmp/discard
    start=$(cut -d ' ' -f 1 /proc/uptime)
    blkdiscard -f $device || fail "blkdiscard"
    since "$start" >> /tmp/discard-empty
  done
  tell fact discard-full-128m-ms "$(median /tmp/discard)"
  tell fact discard-empty-256m-ms "$(median /tmp/discard-empty)"
}

# hog_on DEVICE WORDS...: a hog of which two thirds do not fit; milliseconds
# out and in.
hog_on() {
  place=$1
  shift
  mkswap "$place" > /dev/null && swapon "$place" || fail "swap on $place"
  sh -c 'echo $$ > /sys/fs/cgroup/hog/cgroup.procs; exec hog "$@"' \
    hog 96 timed "$@" > /tmp/hog || fail "hog: $(cat /tmp/hog)"
  swapoff "$place"
  head -n 1 /tmp/hog
}

zram() {
  echo 1 > /sys/block/zram0/reset
  # Debian's kernels have no lzo-rle there since 6.12.
  grep -q lzo-rle /sys/block/zram0/comp_algorithm &&
    echo lzo-rle > /sys/block/zram0/comp_algorithm
  echo 256M > /sys/block/zram0/disksize
}

swap_part() {
  mount -t cgroup2 none /sys/fs/cgroup
  echo +memory > /sys/fs/cgroup/cgroup.subtree_control
  mkdir /sys/fs/cgroup/hog
  echo 32M > /sys/fs/cgroup/hog/memory.max
  for round in $(seq "$rounds"); do
    for kind in hard soft; do
      for name in ublk zram; do
        if [ $name = ublk ]; then
          place=$device
          blkdiscard -f $device
        else
          place=/dev/zram0
          zram
        fi
        hog_on $place $kind > /tmp/times
        cut -d ' ' -f 1 /tmp/times >> "/tmp/out-$kind-$name"
        cut -d ' ' -f 2 /tmp/times >> "/tmp/in-$kind-$name"
      done
    done
  done
  tell fact zram-algorithm "$(sed 's/.*\[\(.*\)\].*/\1/' \
    /sys/block/zram0/comp_algorithm)"
  for kind in hard soft; do
    for way in out in; do
      for name in ublk zram; do
        tell fact "swap-$way-$kind-$name-ms" \
          "$(median "/tmp/$way-$kind-$name")"
        tell fact "swap-$way-$kind-$name-ms-spread" \
          "$(spread "/tmp/$way-$kind-$name")"
      done
    done
  done
}

start
tell fact processors "$(nproc)"
tell fact limits "$(cat /sys/block/ublkb0/queue/max_sectors_kb) KiB"
has fio && fio_part
has queues && queues_part
has calls && calls_part
has discard && discard_part
has swap && swap_part
stop
dmesg | grep -E "blocked for more|BUG:|Oops|WARNING:|I/O error" &&
  fail "the kernel"
tell verdict pass "measured"
finish
