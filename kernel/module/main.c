// SPDX-License-Identifier: GPL-2.0-only
/*
 * oldmem: the crashed kernel's memory, for the capture kernel to use.
 *
 * Nothing here decides what may be overwritten. That takes the crashed
 * kernel's own memory map, and whoever opens the device has read it. What is
 * decided here is that this kernel's memory stays out of reach.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "internal.h"

static struct miscdevice oldmem_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "oldmem",
	.fops = &oldmem_fops,
	.mode = 0600,
};

static int __init oldmem_init(void)
{
	int error;

	if (!is_kdump_kernel()) {
		pr_err("this is no capture kernel: there is no old memory\n");
		return -ENODEV;
	}
	/*
	 * Before the first look at /proc/vmcore: from then on its file says
	 * that a callback comes unexpected.
	 */
	oldmem_hotplug_start();
	error = oldmem_load_ranges();
	if (error)
		goto stop;
	error = misc_register(&oldmem_device);
	if (error) {
		pr_err("no device: error %d\n", error);
		goto free;
	}
	return 0;
free:
	oldmem_free_ranges();
stop:
	oldmem_hotplug_stop();
	return error;
}

/* Only while no block was added: each one holds a reference to the module. */
static void __exit oldmem_exit(void)
{
	misc_deregister(&oldmem_device);
	oldmem_hotplug_stop();
	oldmem_free_ranges();
}

module_init(oldmem_init);
module_exit(oldmem_exit);
MODULE_AUTHOR("The oldmem authors");
MODULE_DESCRIPTION("The crashed kernel's memory, for the capture kernel to use");
MODULE_LICENSE("GPL");
MODULE_VERSION(__stringify(OLDMEM_VERSION));
