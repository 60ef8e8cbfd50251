#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel where the dump makes no progress: a process has
# /proc/vmcore open, and its target never answers. The watchdog saves what there
# is meanwhile.
. /functions.sh
prepare
sleep 1000 7< /proc/vmcore &
tell fact watchdog "$(ps | grep -c '[@]oldmemd watch')"
waited=0
while [ $waited -lt 150 ] &&
  [ "$(dmesg | grep -c 'rescue: the dump is saved')" -eq 0 ]; do
  sleep 1
  waited=$((waited + 1))
done
tell fact waited $waited
tell verdict pass "waited"
finish
