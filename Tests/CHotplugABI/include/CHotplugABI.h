// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The module's own header, to judge what Swift writes and reads by hand. Its
// commands are macros with casts, which Swift does not see.
#pragma once

#include "../../../kernel/module/oldmem.h"

enum oldmem_commands {
  ABI_OLDMEM_INFO = OLDMEM_INFO,
  ABI_OLDMEM_RANGES = OLDMEM_RANGES,
  ABI_OLDMEM_ADD_BLOCK = OLDMEM_ADD_BLOCK,
};
