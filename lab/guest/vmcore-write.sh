#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of a capture kernel of ours: writes to /proc/vmcore, by the kernel's own
# selftest and by ours; lab.parts has what is done.
. /functions.sh
prepare
mount -t tmpfs tmpfs /tmp
tell fact release "$(uname -r)"
tell fact memory-kib "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
tell fact available-kib "$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)"

vmcorewrite opens || finish
parts=$(setting parts)
case ,$parts, in
  *,selftest,*)
    /tools/proc-vmcore-write > /tmp/log
    status=$?
    cat /tmp/log
    tell fact selftest-passed "$(grep '^ok' /tmp/log | grep -vc SKIP)"
    tell fact selftest-skipped "$(grep -c SKIP /tmp/log)"
    tell fact selftest-failed "$(grep -c '^not ok' /tmp/log)"
    [ $status -eq 0 ] || fail "selftest: exit status $status"
    ;;
esac
case ,$parts, in
  *,frames,*) vmcorewrite frames || finish ;;
esac
case ,$parts, in
  *,pace,*) vmcorewrite pace 21 || finish ;;
esac
dmesg | grep -E "BUG:|Oops|WARNING:" && fail "the kernel"
tell verdict pass "written as it should be"
finish
