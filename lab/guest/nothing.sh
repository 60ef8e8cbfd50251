#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# /init of the capture kernel where only what comes before it is of interest.
. /functions.sh
prepare
tell verdict pass "init was reached"
finish
