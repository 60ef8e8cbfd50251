// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is old memory: the PT_LOAD ranges of /proc/vmcore, less everything that
 * /proc/iomem of this kernel knows a use for.
 *
 * The core header itself cannot be asked: vmcore_init() has freed its own copy
 * of the address by the time that a module is loaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/elf.h>
#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "internal.h"

#define VMCORE "/proc/vmcore"

/* More than a machine has, and 64 KiB to tell them all. */
#define MOST_RANGES 4096U

/* Sorted, whole pages, none touches another. */
static struct oldmem_range *loads;
static unsigned int load_count;

static int by_start(const void *a, const void *b)
{
	const struct oldmem_range *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static void sort_loads(void)
{
	unsigned int index, kept = 0;

	sort(loads, load_count, sizeof(*loads), by_start, NULL);
	for (index = 1; index < load_count; index++) {
		u64 end = loads[kept].start + loads[kept].size;
		u64 next = loads[index].start + loads[index].size;

		if (loads[index].start > end) {
			loads[++kept] = loads[index];
			continue;
		}
		/* The kernel's own image is there a second time. */
		loads[kept].size = max(end, next) - loads[kept].start;
	}
	load_count = kept + 1;
}

/* A page of which only a part was RAM is none. */
static void add_load(const struct elf64_phdr *header)
{
	u64 start, end;

	if (header->p_type != PT_LOAD ||
	    check_add_overflow(header->p_paddr, header->p_memsz, &end) ||
	    header->p_paddr > U64_MAX - PAGE_SIZE)
		return;
	start = PAGE_ALIGN(header->p_paddr);
	end &= PAGE_MASK;
	if (start >= end)
		return;
	loads[load_count].start = start;
	loads[load_count++].size = end - start;
}

static int read_exactly(struct file *file, void *bytes, size_t size, loff_t at)
{
	ssize_t got = kernel_read(file, bytes, size, &at);

	if (got < 0)
		return got;
	return got == size ? 0 : -ENODATA;
}

static int parse_headers(struct file *file)
{
	struct elf64_phdr *headers;
	struct elf64_hdr core;
	unsigned int index;
	int error;

	error = read_exactly(file, &core, sizeof(core), 0);
	if (error)
		return error;
	if (memcmp(core.e_ident, ELFMAG, SELFMAG) ||
	    core.e_ident[EI_CLASS] != ELFCLASS64 ||
	    core.e_phentsize != sizeof(*headers) || !core.e_phnum ||
	    core.e_phoff > S64_MAX)
		return -ENOEXEC;
	headers = kvmalloc_array(core.e_phnum, sizeof(*headers), GFP_KERNEL);
	loads = kvmalloc_array(core.e_phnum, sizeof(*loads), GFP_KERNEL);
	if (!headers || !loads) {
		error = -ENOMEM;
		goto free;
	}
	error = read_exactly(file, headers, core.e_phnum * sizeof(*headers),
			     core.e_phoff);
	if (error)
		goto free;
	for (index = 0; index < core.e_phnum; index++)
		add_load(&headers[index]);
	if (load_count)
		sort_loads();
	else
		error = -ENODATA;
free:
	kvfree(headers);
	return error;
}

int oldmem_load_ranges(void)
{
	struct file *file = filp_open(VMCORE, O_RDONLY | O_LARGEFILE, 0);
	int error;

	if (IS_ERR(file)) {
		pr_err(VMCORE " cannot be opened, error %ld: no old memory\n",
		       PTR_ERR(file));
		return PTR_ERR(file);
	}
	error = parse_headers(file);
	filp_close(file, NULL);
	if (error) {
		pr_err(VMCORE " is not understood: error %d\n", error);
		oldmem_free_ranges();
	}
	return error;
}

void oldmem_free_ranges(void)
{
	kvfree(loads);
	loads = NULL;
	load_count = 0;
}

static bool is_loaded(u64 start, u64 size)
{
	unsigned int low = 0, high = load_count;

	/* The last range that does not start behind it. */
	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (loads[middle].start <= start)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	start -= loads[low - 1].start;
	return start < loads[low - 1].size &&
		size <= loads[low - 1].size - start;
}

/**
 * oldmem_check - whether all of it is old memory that this kernel does not use
 * @start: address of the first byte
 * @size: bytes
 *
 * Whatever has an entry in /proc/iomem is used: RAM, firmware tables, windows
 * of devices. What the crashed kernel had as RAM has none, until it is added.
 *
 * Return: 0, -EBUSY for what this kernel uses, or -ERANGE for what was no
 * memory of the crashed kernel's
 */
int oldmem_check(u64 start, u64 size)
{
	u64 last;

	if (!size || check_add_overflow(start, size - 1, &last))
		return -ERANGE;
	if (region_intersects(start, size, 0, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return -EBUSY;
	return is_loaded(start, size) ? 0 : -ERANGE;
}

struct gaps {
	struct oldmem_range *list;
	u32 room;
	u32 count;
	/* Where the next gap starts, unless something is there. */
	u64 start;
};

static void add_gap(struct gaps *gaps, u64 end)
{
	u64 start = PAGE_ALIGN(gaps->start);

	end &= PAGE_MASK;
	if (start >= end)
		return;
	if (gaps->count < gaps->room) {
		gaps->list[gaps->count].start = start;
		gaps->list[gaps->count].size = end - start;
	}
	gaps->count++;
}

static int end_gap(struct resource *resource, void *argument)
{
	struct gaps *gaps = argument;

	add_gap(gaps, resource->start);
	if (resource->end >= gaps->start)
		gaps->start = resource->end + 1;
	return 0;
}

long oldmem_list_ranges(struct oldmem_ranges __user *argument)
{
	struct oldmem_ranges ranges;
	struct gaps gaps = { };
	unsigned int index;
	long error = 0;

	if (copy_from_user(&ranges, argument, sizeof(ranges)))
		return -EFAULT;
	if (memchr_inv(ranges.reserved, 0, sizeof(ranges.reserved)))
		return -EINVAL;
	gaps.room = min(ranges.room, MOST_RANGES);
	gaps.list = kvcalloc(max(gaps.room, 1U), sizeof(*gaps.list),
			     GFP_KERNEL);
	if (!gaps.list)
		return -ENOMEM;
	for (index = 0; index < load_count; index++) {
		u64 end = loads[index].start + loads[index].size;

		gaps.start = loads[index].start;
		/* Says when it finds nothing, which is as good. */
		walk_iomem_res_desc(IORES_DESC_NONE, 0, gaps.start, end - 1,
				    &gaps, end_gap);
		add_gap(&gaps, end);
	}
	ranges.count = gaps.count;
	if (copy_to_user(u64_to_user_ptr(ranges.ranges), gaps.list,
			 min(gaps.count, gaps.room) * sizeof(*gaps.list)) ||
	    copy_to_user(argument, &ranges, sizeof(ranges)))
		error = -EFAULT;
	kvfree(gaps.list);
	return error;
}
