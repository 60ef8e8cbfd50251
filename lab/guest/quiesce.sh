#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: counts the PCI functions without a driver,
# bridges and displays aside, and those of them that may write to memory.
. /functions.sh
mkdir -p /proc /sys /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
[ -c /dev/null ] || mount -t devtmpfs devtmpfs /dev

functions=0
masters=0
for function in /sys/bus/pci/devices/*; do
  class=$(cat "$function/class")
  command=$(od -A n -t u1 -j 4 -N 1 "$function/config")
  echo "lab: ${function##*/} class $class command $((command))" \
    "driver $(readlink "$function/driver")"
  case $class in
    0x06* | 0x03*) continue ;;
  esac
  [ -e "$function/driver" ] && continue
  functions=$((functions + 1))
  masters=$((masters + (command >> 2 & 1)))
done
tell fact driverless-functions $functions
tell fact bus-masters $masters
tell verdict pass "looked at the PCI functions"
finish
