#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel that sends what is saved over a network: the log and
# a dump, sealed with /key, to where `oldmem receive` listens.
. /functions.sh
prepare
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up || fail "no network"
chmod 600 /key
to=tcp:10.0.2.100:4040
/oldmem/oldmemd rescue --key /key $to dump:$to > /said 2>&1 ||
  fail "rescue: exit status $?"
cat /said > /dev/console
tell verdict pass "sent"
finish
