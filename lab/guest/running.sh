#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a machine that does not crash: what oldmem counts in /proc/kcore,
# beside what the kernel says in /proc/meminfo.
. /functions.sh
prepare
use_tools
# Some of everything: page cache and memory of a process.
mount -t tmpfs tmpfs /tmp
hog 256 hold > /tmp/hog &
sleep 10
# frames NAME: the frames of a class; reusable NAME: those that may be lent.
frames() {
  grep -B 1 "\"name\" : \"$1\"" /tmp/scan | sed -n 's/.*"frames" : \(.*\),/\1/p'
}
reusable() {
  grep -A 1 "\"name\" : \"$1\"" /tmp/scan |
    sed -n 's/.*"reusable" : \(.*\),/\1/p'
}
before=$(awk '/^MemFree/ { print $2 }' /proc/meminfo)
oldmem scan --makedumpfile 1.7.2 --json /proc/kcore > /tmp/scan 2> /tmp/error ||
  fail "oldmem scan: exit status $?: $(cat /tmp/error)"
after=$(awk '/^MemFree/ { print $2 }' /proc/meminfo)
free=$(($(reusable free) * 4))
tell fact free-kib-before "$before"
tell fact free-kib-after "$after"
tell fact free-kib-counted $free
tell fact free-percent $((free * 100 / after))
tell fact hog-mib $(($(frames large-anonymous) / 256))
tell verdict pass "counted"
finish
