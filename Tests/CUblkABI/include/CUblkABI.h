// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The kernel's own header, to judge what the module Ublk writes and reads by
// hand.
#pragma once

#include <linux/ublk_cmd.h>
