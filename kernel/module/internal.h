/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this module know of one another. */
#ifndef _OLDMEM_INTERNAL_H
#define _OLDMEM_INTERNAL_H

#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/rwsem.h>

#include "oldmem.h"

/* ranges.c: what is old memory, and what of it this kernel uses */
int oldmem_load_ranges(void);
void oldmem_free_ranges(void);
int oldmem_check(u64 start, u64 size);
long oldmem_list_ranges(struct oldmem_ranges __user *argument);

/* chardev.c: the device */
extern const struct file_operations oldmem_fops;
bool oldmem_is_mapped(u64 start, u64 size);

/*
 * Held for reading while old memory is accessed, for writing while a block of
 * it turns into RAM. It nests inside mmap_lock: nobody who holds it may touch
 * memory of a process.
 */
extern struct rw_semaphore oldmem_access;

/* hotplug.c: old memory as RAM */
#if IS_ENABLED(CONFIG_MEMORY_HOTPLUG)
void oldmem_hotplug_start(void);
void oldmem_hotplug_stop(void);
void oldmem_hotplug_info(struct oldmem_info *info);
long oldmem_add_block(struct oldmem_block __user *argument);
#else
static inline void oldmem_hotplug_start(void) { }
static inline void oldmem_hotplug_stop(void) { }
static inline void oldmem_hotplug_info(struct oldmem_info *info) { }
static inline long oldmem_add_block(struct oldmem_block __user *argument)
{
	return -EOPNOTSUPP;
}
#endif

#endif /* _OLDMEM_INTERNAL_H */
