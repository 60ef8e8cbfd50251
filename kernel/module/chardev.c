// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/oldmem: read, write and mmap at physical addresses.
 *
 * CAP_SYS_RAWIO is asked for, as by /dev/mem, and a kernel that is locked down
 * lets nobody write: devices that the crashed kernel left running still obey
 * the rings and tables in its memory, and through them whoever writes there
 * reaches any memory. Reading is what /proc/vmcore allows too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "internal.h"

DECLARE_RWSEM(oldmem_access);

/* A mapping that some process has, or several after a fork. */
struct oldmem_map {
	struct list_head list;
	unsigned int users;
	u64 start;
	u64 size;
};

static LIST_HEAD(maps);
static DEFINE_SPINLOCK(maps_lock);

/* Whether any process has some of it mapped through this device. */
bool oldmem_is_mapped(u64 start, u64 size)
{
	struct oldmem_map *map;
	bool found = false;

	spin_lock(&maps_lock);
	list_for_each_entry(map, &maps, list) {
		if (start < map->start + map->size && map->start < start + size)
			found = true;
	}
	spin_unlock(&maps_lock);
	return found;
}

static void oldmem_vma_open(struct vm_area_struct *vma)
{
	struct oldmem_map *map = vma->vm_private_data;

	spin_lock(&maps_lock);
	map->users++;
	spin_unlock(&maps_lock);
}

/* What is unmapped in part counts as mapped until all of it is gone. */
static void oldmem_vma_close(struct vm_area_struct *vma)
{
	struct oldmem_map *map = vma->vm_private_data;

	spin_lock(&maps_lock);
	if (--map->users)
		map = NULL;
	else
		list_del(&map->list);
	spin_unlock(&maps_lock);
	kfree(map);
}

static const struct vm_operations_struct oldmem_vm_ops = {
	.open = oldmem_vma_open,
	.close = oldmem_vma_close,
};

static int oldmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	u64 start = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 size = vma->vm_end - vma->vm_start;
	struct oldmem_map *map;
	int error;

	/* A private page would be a copy, and old memory unchanged. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	map = kmalloc(sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	map->users = 1;
	map->start = start;
	map->size = size;

	down_read(&oldmem_access);
	error = oldmem_check(start, size);
	/* vm_page_prot is write-back: it is RAM, whoever had it before. */
	if (!error)
		error = remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, size,
					vma->vm_page_prot);
	if (!error) {
		spin_lock(&maps_lock);
		list_add(&map->list, &maps);
		spin_unlock(&maps_lock);
		vma->vm_private_data = map;
		vma->vm_ops = &oldmem_vm_ops;
	}
	up_read(&oldmem_access);
	if (error)
		kfree(map);
	return error;
}

/* Moves bytes between old memory and memory of this kernel's. */
static int move_bytes(void *bytes, u64 address, size_t size, bool is_write)
{
	u64 start = address & PAGE_MASK;
	size_t span = PAGE_ALIGN(address + size) - start;
	void *frames;
	int error;

	down_read(&oldmem_access);
	error = oldmem_check(start, span);
	if (error)
		goto out;
	frames = memremap(start, span, MEMREMAP_WB);
	if (!frames) {
		error = -ENOMEM;
		goto out;
	}
	if (is_write)
		memcpy(frames + (address - start), bytes, size);
	else
		memcpy(bytes, frames + (address - start), size);
	memunmap(frames);
out:
	up_read(&oldmem_access);
	return error;
}

/*
 * Through a buffer, for a page fault takes mmap_lock. What ends where old
 * memory does is moved up to there.
 */
static ssize_t transfer(char __user *user, size_t count, loff_t *position,
			bool is_write)
{
	const size_t room = min_t(size_t, SZ_64K, PAGE_ALIGN(count));
	ssize_t done = 0, error = 0;
	void *buffer;

	if (!count)
		return 0;
	if (*position < 0)
		return -EINVAL;
	buffer = kvmalloc(room, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	while (done < count) {
		u64 address = *position;
		size_t size = min_t(size_t, count - done,
				    room - (address & (PAGE_SIZE - 1)));

		if (fatal_signal_pending(current)) {
			error = -EINTR;
			break;
		}
		if (oldmem_check(address & PAGE_MASK,
				 PAGE_ALIGN(address + size) -
				 (address & PAGE_MASK)))
			size = min_t(size_t, size, PAGE_SIZE -
				     (address & (PAGE_SIZE - 1)));
		if (is_write && copy_from_user(buffer, user + done, size)) {
			error = -EFAULT;
			break;
		}
		error = move_bytes(buffer, address, size, is_write);
		if (error)
			break;
		if (!is_write && copy_to_user(user + done, buffer, size)) {
			error = -EFAULT;
			break;
		}
		done += size;
		*position += size;
		cond_resched();
	}
	kvfree(buffer);
	return done ? done : error;
}

static ssize_t oldmem_read(struct file *file, char __user *user, size_t count,
			   loff_t *position)
{
	return transfer(user, count, position, false);
}

static ssize_t oldmem_write(struct file *file, const char __user *user,
			    size_t count, loff_t *position)
{
	return transfer((char __user *)user, count, position, true);
}

static int oldmem_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	/* Blocks are added by writers alone. */
	return file->f_mode & FMODE_WRITE ?
	       security_locked_down(LOCKDOWN_DEV_MEM) : 0;
}

static long oldmem_tell(struct oldmem_info __user *argument)
{
	struct oldmem_info info = { .version = OLDMEM_VERSION };

	oldmem_hotplug_info(&info);
	return copy_to_user(argument, &info, sizeof(info)) ? -EFAULT : 0;
}

static long oldmem_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	void __user *user = (void __user *)argument;

	/* A file may have been handed on to somebody who could not open it. */
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	switch (command) {
	case OLDMEM_INFO:
		return oldmem_tell(user);
	case OLDMEM_RANGES:
		return oldmem_list_ranges(user);
	case OLDMEM_ADD_BLOCK:
		if (!(file->f_mode & FMODE_WRITE))
			return -EBADF;
		return oldmem_add_block(user);
	}
	return -ENOTTY;
}

const struct file_operations oldmem_fops = {
	.owner = THIS_MODULE,
	.open = oldmem_open,
	.read = oldmem_read,
	.write = oldmem_write,
	.mmap = oldmem_mmap,
	.llseek = no_seek_end_llseek,
	.unlocked_ioctl = oldmem_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
