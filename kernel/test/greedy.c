// SPDX-License-Identifier: GPL-2.0-only
/*
 * greedy: takes kernel memory as drivers do, page by page, and keeps it, for
 * the lab to see what a small capture kernel makes of it. No swap can hold it.
 *
 * Each page is filled with words of its own; when the module goes, it says how
 * many of them are not what they were.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sizes.h>

static unsigned int mib = 64;
module_param(mib, uint, 0444);
MODULE_PARM_DESC(mib, "MiB of kernel memory to take");

static LIST_HEAD(pages);

static u64 word(const u64 *page, unsigned int index)
{
	return hash_64((uintptr_t)page + index, 64);
}

static unsigned long release(void)
{
	struct page *page, *next;
	unsigned long wrong = 0;
	unsigned int index;

	list_for_each_entry_safe(page, next, &pages, lru) {
		u64 *words = page_address(page);

		for (index = 0; index < PAGE_SIZE / sizeof(*words); index++)
			wrong += words[index] != word(words, index);
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
	return wrong;
}

static int __init greedy_init(void)
{
	unsigned long left = (unsigned long)mib * (SZ_1M / PAGE_SIZE);
	unsigned int index;

	for (; left; left--) {
		struct page *page = alloc_page(GFP_KERNEL);
		u64 *words;

		if (!page) {
			pr_err("%lu pages short of %u MiB\n", left, mib);
			release();
			return -ENOMEM;
		}
		words = page_address(page);
		for (index = 0; index < PAGE_SIZE / sizeof(*words); index++)
			words[index] = word(words, index);
		list_add(&page->lru, &pages);
		cond_resched();
	}
	pr_info("has %u MiB\n", mib);
	return 0;
}

static void __exit greedy_exit(void)
{
	pr_info("%u MiB given back, %lu words wrong\n", mib, release());
}

module_init(greedy_init);
module_exit(greedy_exit);
MODULE_AUTHOR("The oldmem authors");
MODULE_DESCRIPTION("Takes kernel memory, to test small capture kernels");
MODULE_LICENSE("GPL");
