#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel: copies /proc/vmcore to a raw disk, which the
# host cuts to the size told.
. /functions.sh
prepare
out=$(disk vmcore) || fail "there is no disk named vmcore"
dd if=/proc/vmcore of="$out" bs=1M 2> /dev/null || fail "/proc/vmcore: dd failed"
sync
tell fact vmcore-bytes "$(stat -c %s /proc/vmcore)"
tell verdict pass saved
finish
