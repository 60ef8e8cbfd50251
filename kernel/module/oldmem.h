/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The ioctls of /dev/oldmem, the crashed kernel's memory in a capture kernel.
 *
 * All structures have the same layout for callers of 32 and of 64 bits, and
 * all fields named "reserved" must be zero. OLDMEM_INFO says which version of
 * this file the module was built with; within one version nothing changes but
 * what "reserved" turns into.
 */
#ifndef _UAPI_OLDMEM_H
#define _UAPI_OLDMEM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define OLDMEM_VERSION	1

/**
 * struct oldmem_info - what this kernel can do, and what was done so far
 * @version: OLDMEM_VERSION of the module
 * @blocks: how many blocks were added
 * @block_size: bytes of a memory block: what OLDMEM_ADD_BLOCK adds
 * @memmap_size: bytes of this kernel's memory that a block costs, for its
 *	struct pages
 * @online_frames: how many frames of all those blocks are RAM now
 * @reserved: zero
 */
struct oldmem_info {
	__u32 version;
	__u32 blocks;
	__u64 block_size;
	__u64 memmap_size;
	__u64 online_frames;
	__u64 reserved[4];
};

/**
 * struct oldmem_range - physical memory, whole pages of it
 * @start: address of the first byte
 * @size: bytes
 */
struct oldmem_range {
	__u64 start;
	__u64 size;
};

/**
 * struct oldmem_ranges - the memory that may be read, written and mapped
 * @ranges: address of an array of struct oldmem_range
 * @room: how many elements that array has
 * @count: how many ranges there are; of more than @room, the first are told
 * @reserved: zero
 */
struct oldmem_ranges {
	__u64 ranges;
	__u32 room;
	__u32 count;
	__u64 reserved[2];
};

/* Where a block has come to lie. */
#define OLDMEM_ZONE_KERNEL	0
#define OLDMEM_ZONE_MOVABLE	1

/**
 * struct oldmem_block - a memory block, some frames of which become RAM
 * @start: address of its first byte, a multiple of the block size
 * @bitmap: address of a bit for each frame: bit n % 8 of byte n / 8 is set if
 *	frame n of the block may be overwritten
 * @bitmap_size: bytes of that bitmap: block size / page size / 8
 * @online_frames: out: how many frames are RAM now, all of the bitmap's
 * @zone: out: OLDMEM_ZONE_KERNEL or OLDMEM_ZONE_MOVABLE, by what
 *	/sys/devices/system/memory/auto_online_blocks says
 * @reserved: zero
 */
struct oldmem_block {
	__u64 start;
	__u64 bitmap;
	__u64 bitmap_size;
	__u64 online_frames;
	__u32 zone;
	__u32 reserved32;
	__u64 reserved[3];
};

#define OLDMEM_IOC_MAGIC	0xBC

#define OLDMEM_INFO		_IOR(OLDMEM_IOC_MAGIC, 1, struct oldmem_info)
#define OLDMEM_RANGES		_IOWR(OLDMEM_IOC_MAGIC, 2, struct oldmem_ranges)

/*
 * Refused, in this order of what is looked at:
 *
 *  EPERM	the caller lacks CAP_SYS_RAWIO
 *  EBADF	the file is not open for writing
 *  EFAULT	the structure or the bitmap cannot be read
 *  EINVAL	a reserved field is not zero, or @start no multiple of the
 *		block size
 *  EMSGSIZE	the bitmap is not as long as a block's is
 *  EEXIST	the block was added before
 *  EBUSY	some of it is used by this kernel
 *  ERANGE	some of it is not memory that the crashed kernel had
 *  ETXTBSY	some of it is mapped through this device
 *  ENOSPC	the frames of the bitmap are not more than the block's struct
 *		pages take
 *  ENOMEM	this kernel has no memory for those
 *  EOPNOTSUPP	this kernel has no memory hotplug, or another driver watches
 *		what is brought online
 *  EAGAIN	nothing was brought online: auto_online_blocks says so
 */
#define OLDMEM_ADD_BLOCK	_IOWR(OLDMEM_IOC_MAGIC, 3, struct oldmem_block)

#endif /* _UAPI_OLDMEM_H */
