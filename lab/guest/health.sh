#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a capture system whose swap is damaged while it is used: asks
# oldmemd how it does, before and after. As /failing.sh it is the program of
# on-failing, and leaves a word for each time that it is run.
. /functions.sh
if [ "$1" = failing ]; then
  echo "$*" >> /ran
  exit 0
fi
prepare
status=/oldmem/oldmemd
$status status || fail "status: exit status $?"
# What it is run from is in memory already.
tell fact program "$(readlink $status)"
witness=$(pidof oldmemd-status) || fail "no process oldmemd-status"
for field in VmRSS RssAnon RssShmem VmLck VmPTE; do
  tell fact "witness.$field" \
    "$(awk "/^$field:/ { print \$2 }" "/proc/$witness/status")"
done
tell fact state-before "$($status status --json |
  sed -n 's/.*"state": "\([a-z]*\)".*/\1/p')"

total=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
hog $((total * 5 / 1024)) > /tmp/hog
tell fact hog-status $?
cat /tmp/hog
# The witness looks once a second.
sleep 2
# What is saved first may take a while.
waited=0
while [ "$(dmesg | grep -c 'oldmem: health: failing')" -gt 0 ] &&
  [ ! -e /ran ] &&
  [ $waited -lt 60 ]; do
  sleep 1
  waited=$((waited + 1))
done

$status status --json > /tmp/json || fail "status: exit status $?"
$status status --prometheus > /tmp/prometheus
$status status --events > /tmp/events
for key in state reason onFailing; do
  tell fact "$key" "$(sed -n "s/.*\"$key\": \"\([a-zA-Z]*\)\".*/\1/p" /tmp/json)"
done
for key in mismatches repaired lost; do
  tell fact "$key" "$(sed -n "s/.*\"$key\": \([0-9]*\).*/\1/p" /tmp/json)"
done
tell fact prometheus-damaged \
  "$(awk '$1 == "oldmem_copies_damaged_total" { print $2 }' /tmp/prometheus)"
tell fact events "$(wc -l < /tmp/events)"
tell fact lines "$(dmesg | grep -c 'oldmem: health: ')"
tell fact lines-of-damage "$(dmesg | grep -c 'oldmem: block ')"
tell fact ran "$(cat /ran 2> /dev/null || echo never)"
# What the packages save beside a dump.
. /record.sh
record "$(date +%s)" 0 /var/crash > /tmp/record
tell fact samples "$(wc -l < /dev/.oldmem-record)"
tell fact samples-damaged "$(awk -F , 'END { print $7 }' /dev/.oldmem-record)"
tell fact samples-swapped \
  "$(awk -F , '$3 > most { most = $3 } END { print most + 0 }' \
    /dev/.oldmem-record)"
tell fact record-log "$(sed -n '/"log"/,$p' /tmp/record | grep -c 'oldmem: ')"
# As a person would see it.
$status status
cat /tmp/json /tmp/prometheus /tmp/events /tmp/record
pidof oldmemd-status > /dev/null || fail "the witness has gone"
tell verdict pass "asked and answered"
finish
