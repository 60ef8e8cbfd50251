#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: nine tenths of swap are filled and verified
# while lent frames are written to. From the command line: lab.overwrite, the
# words for overwrite.c behind the list of frames, and lab.seconds; perhaps
# lab.slayer, lab.page-cluster, and lab.hog=falsify.
. /functions.sh
prepare
# word NAME: what the command line says behind lab.NAME=, commas as blanks.
word() {
  sed -n "s/.*lab\.$1=\([^ ]*\).*/\1/p" /proc/cmdline | tr , ' '
}
list=$(disk frames) || fail "there is no disk named frames"
tell fact memory-kib "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
swap=$(awk '/SwapTotal/ { print $2 }' /proc/meminfo)
[ "$swap" -gt 0 ] || fail "there is no swap"
tell fact swap-kib "$swap"
cluster=$(word page-cluster)
# Again and again, for oldmemd ends readahead when something is damaged.
[ -z "$cluster" ] ||
  (while echo "$cluster" > /proc/sys/vm/page-cluster; do sleep 1; done) &

overwrite "$list" $(word overwrite) &
attacker=$!
# Deeds for slayer.c: the server killed meanwhile.
deeds=$(word slayer)
[ -z "$deeds" ] || slayer $deeds &
# A shell that is swapped out may be lost; this program cannot be.
exec endure $((swap * 9 / 10240)) "$(word seconds)" $attacker $(word hog)
