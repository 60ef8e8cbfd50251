// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filtered hotplug: a memory block of old memory is added, and of its frames
 * only those that the caller names are given to the page allocator.
 *
 *  a block:   | kept | named | kept | named | named | kept |
 *  allocator:          free            free    free
 *  struct page: reserved      reserved                reserved
 *  /proc/vmcore: as it was,   as it was,              as it was,
 *                       zeroes         zeroes  zeroes
 *
 * The pages that are kept must be reserved: read(2) of /proc/vmcore goes
 * through ioremap_cache(), which maps a page of RAM only if it is reserved
 * (__ioremap_check_ram() in arch/x86/mm/ioremap.c).
 *
 * Which zone a block goes to, and whether it is brought online at all, is what
 * /sys/devices/system/memory/auto_online_blocks says: no module may say it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/crash_dump.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/page-flags.h>
#include <linux/pfn.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "internal.h"

#ifdef __BIG_ENDIAN
#error "the bytes of a bitmap are not in the order of its longs here"
#endif

struct oldmem_hotplugged {
	struct list_head list;
	struct rcu_head rcu;
	unsigned long first;
	unsigned long frames;
	/* Of those, the ones that were given to the page allocator. */
	unsigned long online;
	unsigned long named[];
};

/* Added to under oldmem_access, read under RCU. */
static LIST_HEAD(blocks);
static bool has_callback;

/* The caller holds oldmem_access for writing, or is inside RCU. */
static struct oldmem_hotplugged *find_block(unsigned long frame)
{
	struct oldmem_hotplugged *block;

	list_for_each_entry_rcu(block, &blocks, list,
				lockdep_is_held(&oldmem_access)) {
		if (frame >= block->first &&
		    frame - block->first < block->frames)
			return block;
	}
	return NULL;
}

/* What is ours now says nothing of the crashed kernel: it reads as zeroes. */
static bool is_still_old(struct vmcore_cb *callback, unsigned long frame)
{
	struct oldmem_hotplugged *block;
	bool is_old;

	rcu_read_lock();
	block = find_block(frame);
	is_old = !block || !test_bit(frame - block->first, block->named);
	rcu_read_unlock();
	return is_old;
}

static struct vmcore_cb oldmem_vmcore = {
	.pfn_is_ram = is_still_old,
};

static void keep_frames(unsigned long frame, unsigned long end)
{
	for (; frame < end; frame++)
		__SetPageReserved(pfn_to_page(frame));
}

/* Gives frames away in blocks as large and as aligned as the buddies are. */
static void free_frames(unsigned long frame, unsigned long end,
			unsigned int most)
{
	while (frame < end) {
		unsigned int order = min_t(unsigned int, ilog2(end - frame),
					   most);

		if (frame)
			order = min_t(unsigned int, order, __ffs(frame));
		generic_online_page(pfn_to_page(frame), order);
		frame += 1UL << order;
	}
}

/* online_page_callback_t: of these frames, those that were named. */
static void online_named(struct page *page, unsigned int order)
{
	unsigned long frame = page_to_pfn(page);
	unsigned long end = frame + (1UL << order);
	struct oldmem_hotplugged *block;

	rcu_read_lock();
	block = find_block(frame);
	rcu_read_unlock();
	/*
	 * Nobody frees it: it has been added, by us, and a block that was is
	 * there for good.
	 */
	if (!block) {
		generic_online_page(page, order);
		return;
	}
	while (frame < end) {
		unsigned long start = frame - block->first;
		unsigned long limit = end - block->first;
		unsigned long next;

		next = find_next_bit(block->named, limit, start);
		keep_frames(frame, block->first + next);
		start = next;
		next = find_next_zero_bit(block->named, limit, start);
		free_frames(block->first + start, block->first + next, order);
		block->online += next - start;
		frame = block->first + next;
	}
}

static bool takes_callback(void)
{
	if (!has_callback)
		has_callback = !set_online_page_callback(online_named);
	return has_callback;
}

void oldmem_hotplug_start(void)
{
	register_vmcore_cb(&oldmem_vmcore);
}

void oldmem_hotplug_stop(void)
{
	if (has_callback)
		restore_online_page_callback(online_named);
	unregister_vmcore_cb(&oldmem_vmcore);
}

static unsigned long frames_of_block(void)
{
	return PHYS_PFN(memory_block_size_bytes());
}

void oldmem_hotplug_info(struct oldmem_info *info)
{
	struct oldmem_hotplugged *block;

	info->block_size = memory_block_size_bytes();
	info->memmap_size = frames_of_block() * sizeof(struct page);
	down_read(&oldmem_access);
	list_for_each_entry(block, &blocks, list) {
		info->blocks++;
		info->online_frames += block->online;
	}
	up_read(&oldmem_access);
}

/* Everything that can be wrong with a block, before anything is changed. */
static long validate(const struct oldmem_block *wanted,
		     const struct oldmem_hotplugged *block)
{
	const u64 size = memory_block_size_bytes();
	const u64 memmap = block->frames * sizeof(struct page);
	int error;

	if (find_block(block->first))
		return -EEXIST;
	error = oldmem_check(wanted->start, size);
	if (error)
		return error;
	if (oldmem_is_mapped(wanted->start, size))
		return -ETXTBSY;
	if ((u64)bitmap_weight(block->named, block->frames) << PAGE_SHIFT <=
	    memmap)
		return -ENOSPC;
	/*
	 * A MiB for page tables, devices and whoever else allocates meanwhile:
	 * the direct mapping is not made for what it does not get.
	 */
	if (si_mem_available() < PHYS_PFN(memmap + SZ_1M))
		return -ENOMEM;
	if (!takes_callback())
		return -EOPNOTSUPP;
	return 0;
}

/* Adds it, and so brings it online. */
static long add(struct oldmem_hotplugged *block)
{
	const u64 start = PFN_PHYS(block->first);
	const u64 size = PFN_PHYS(block->frames);
	const ktime_t began = ktime_get();
	int error;

	/* From here on /proc/vmcore has zeroes for what may be overwritten. */
	list_add_tail_rcu(&block->list, &blocks);
	/*
	 * To the node that this kernel has its memory in: another one would
	 * cost more than a block's struct pages.
	 */
	error = add_memory_driver_managed(first_memory_node, start, size,
					  "System RAM (oldmem)", MHP_NONE);
	/* Where it cannot be removed again, the caller may bring it online. */
	if (!error && !block->online && !remove_memory(start, size))
		error = -EAGAIN;
	if (error) {
		list_del_rcu(&block->list);
		return error;
	}
	/* Its pages know our callback and /proc/vmcore the other, for good. */
	__module_get(THIS_MODULE);
	pr_info("%#llx: %lu of %lu frames are RAM, after %lld us\n", start,
		block->online, block->frames,
		ktime_us_delta(ktime_get(), began));
	return 0;
}

static void tell(const struct oldmem_hotplugged *block,
		 struct oldmem_block *answer)
{
	answer->online_frames = block->online;
	answer->zone = OLDMEM_ZONE_KERNEL;
	if (block->online && is_zone_movable_page(pfn_to_page(block->first)))
		answer->zone = OLDMEM_ZONE_MOVABLE;
}

long oldmem_add_block(struct oldmem_block __user *argument)
{
	const unsigned long frames = frames_of_block();
	struct oldmem_hotplugged *block;
	struct oldmem_block wanted;
	long error;

	if (copy_from_user(&wanted, argument, sizeof(wanted)))
		return -EFAULT;
	if (wanted.reserved32 ||
	    memchr_inv(wanted.reserved, 0, sizeof(wanted.reserved)) ||
	    !IS_ALIGNED(wanted.start, memory_block_size_bytes()))
		return -EINVAL;
	if (wanted.bitmap_size != frames / BITS_PER_BYTE)
		return -EMSGSIZE;
	block = kvzalloc(struct_size(block, named, BITS_TO_LONGS(frames)),
			 GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	block->first = PHYS_PFN(wanted.start);
	block->frames = frames;
	error = -EFAULT;
	if (copy_from_user(block->named, u64_to_user_ptr(wanted.bitmap),
			   wanted.bitmap_size))
		goto free;

	down_write(&oldmem_access);
	error = validate(&wanted, block);
	if (!error)
		error = add(block);
	if (!error)
		tell(block, &wanted);
	up_write(&oldmem_access);
	if (error)
		goto free;
	return copy_to_user(argument, &wanted, sizeof(wanted)) ? -EFAULT : 0;
free:
	/* Whoever reads /proc/vmcore may still look at it. */
	kvfree_rcu(block, rcu);
	return error;
}
