#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# What the lab's scripts share, in both kernels.
export PATH=/bin

# prepare: mounts, modules, the port to the host.
prepare() {
  mkdir -p /proc /sys /dev /tmp /mnt
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  [ -c /dev/null ] || mount -t devtmpfs devtmpfs /dev
  for module in /modules/*; do
    [ -e "$module" ] || continue
    name=${module##*/??-}
    [ -d "/sys/module/${name%.ko}" ] || insmod "$module"
  done
  wait_for port || return
  exec 3<> "$(port)"
  case $(port) in
    # A terminal would send back what the host answers.
    /dev/tty*) stty raw -echo <&3 ;;
  esac
}

# wait_for COMMAND...: until it succeeds, half a minute at most: emulated, on a
# busy host, what takes a moment may take that long.
wait_for() {
  tries=300
  until "$@" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

# port: the device behind the port named org.oldmem.lab, or, where the
# machine has one, the second serial line.
port() {
  grep -q '^1: uart:16' /proc/tty/driver/serial && echo /dev/ttyS1 && return
  for name in /sys/class/virtio-ports/*/name; do
    [ "$(cat "$name" 2> /dev/null)" = org.oldmem.lab ] || continue
    name=${name%/name}
    [ -c "/dev/${name##*/}" ] && echo "/dev/${name##*/}" && return
  done
  return 1
}

# disk NAME: the device of the disk that the scenario calls NAME.
disk() {
  for serial in /sys/block/vd*/serial /sys/block/nvme*/device/serial; do
    # NVMe fills serial numbers up with blanks.
    [ "$(cat "$serial" 2> /dev/null | tr -d ' ')" = "$1" ] || continue
    serial=${serial#/sys/block/}
    echo "/dev/${serial%%/*}" && return
  done
  return 1
}

# tell WORDS...: a line for the host, and for whoever reads the console.
tell() {
  echo "lab: $*"
  [ -e /proc/self/fd/3 ] && echo "$*" >&3
}

# fail WORDS...: the verdict, and the end of the machine.
fail() {
  tell verdict fail "$*"
  finish
}

# finish: what was told has to reach the host before the power goes; and packets
# must not come any more, or virtio_net of Linux 6.1 polls a queue for ever that
# the power's end has broken.
finish() {
  [ -z "$noises" ] || kill $noises
  ifconfig eth0 down 2> /dev/null
  sync
  sleep 0.3
  poweroff -f
}

# use_tools: this shell would take its own applets for dd, cmp, blkid and others.
# A tool with a dash in its name has an underscore here.
use_tools() {
  export PATH=/tools:/bin
  for tool in /tools/*; do
    name=${tool##*/}
    while [ "$name" != "${name%-*}" ]; do name=${name%-*}_${name##*-}; done
    eval "$name() { $tool \"\$@\"; }"
  done
}

# judge NAME COMMAND...: the command must succeed.
judge() {
  name=$1
  shift
  echo "lab: $name"
  "$@" > /tmp/log 2>&1 || {
    status=$?
    cat /tmp/log
    fail "$name: exit status $status"
  }
  tell fact "judge-$name" passed
}

# setting NAME: what the command line has for lab.NAME.
setting() { tr ' ' '\n' < /proc/cmdline | sed -n "s/^lab\.$1=//p"; }

# make_noise [SECONDS]: a disk that is written through the page cache, and
# packets, again and again, with a little time for others between, for there is
# one processor, or with that much.
make_noise() {
  pause=${1:-1}
  if noise=$(disk noise); then
    (while :; do
      dd if=/dev/zero of="$noise" bs=64k count=16
      sleep "$(awk -v pause="$pause" 'BEGIN { print pause / 5 }')"
    done) > /dev/null 2>&1 &
    noises=$!
  fi
  # QEMU's own TFTP server sends some MiB.
  if ifconfig eth0 10.0.2.15 up 2> /dev/null; then
    (while :; do
      tftp -g -r capture.initrd -l /dev/null 10.0.2.2
      sleep "$pause"
    done) > /dev/null 2>&1 &
    noises="$noises $!"
  fi
}
