/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * modulecalls: judges /dev/oldmem. Each call that must be refused is made, and
 * its errno compared; what read(), write() and mmap() of the device do is seen
 * through /proc/vmcore; then a block is added, half of whose frames are kept,
 * and those have to stay what they were. A fact for each judgement, `refused`
 * for all that were refused as they should be, and status 1 if one was not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "oldframes.h"
#include "oldmemdev.h"
#include "telling.h"

static struct oldmem_device device;
static struct old_frames old;
static unsigned char bitmap[1 << 20], before[64 * frame];
static unsigned char seen[64 * frame] __attribute__((aligned(8)));
static int failures, refused;

static void judge(const char *name, int is_good) {
  tell("fact judge-%s %s", name, is_good ? "passed" : "failed");
  failures += !is_good;
}

static void refuse(const char *name, long result, int wanted) {
  int got = result < 0 ? errno : 0;
  refused += got == wanted;
  if (got == wanted)
    return;
  failures++;
  tell("fact refusal-%s %s instead of %s", name, strerror(got),
       strerror(wanted));
}

static long add(uint64_t start, const void *bits, uint64_t size) {
  struct oldmem_block block = {
      .start = start, .bitmap = (uintptr_t)bits, .bitmap_size = size};
  return ioctl(device.file, OLDMEM_ADD_BLOCK, &block);
}

/* What whoever lacks CAP_SYS_RAWIO gets, with a file of his own or without. */
static void unprivileged(void) {
  int status;
  chmod("/dev/oldmem", 0666);
  pid_t child = fork();
  if (child == 0) {
    failures = refused = 0;
    if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
      _exit(100);
    refuse("open-unprivileged", open("/dev/oldmem", O_RDWR), EPERM);
    refuse("info-unprivileged", ioctl(device.file, OLDMEM_INFO, &device.info),
           EPERM);
    refuse("ranges-unprivileged",
           ioctl(device.file, OLDMEM_RANGES, &device.ranges), EPERM);
    refuse("add-unprivileged", add(next_block(&device, 0), bitmap, 4096),
           EPERM);
    _exit(failures ? 1 : 0);
  }
  waitpid(child, &status, 0);
  chmod("/dev/oldmem", 0600);
  judge("unprivileged", WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void refusals(void) {
  const uint64_t size = device.info.block_size / frame / 8;
  const uint64_t block = next_block(&device, 0), own = own_memory();
  const uint64_t own_block = own / device.info.block_size *
                             device.info.block_size;
  const uint64_t nowhere = UINT64_C(1) << 44;
  void *garbage = (void *)UINT64_C(0x8000000000001000);
  struct oldmem_block bad = {.start = block,
                             .bitmap = (uintptr_t)bitmap,
                             .bitmap_size = size,
                             .reserved = {0, 1}};
  memset(bitmap, 0xFF, sizeof bitmap);
  judge("has-a-block", block != 0 && own != 0 && size <= sizeof bitmap);

  refuse("outside", add(nowhere, bitmap, size), ERANGE);
  refuse("highest", add(-device.info.block_size, bitmap, size), ERANGE);
  refuse("misaligned", add(block + frame, bitmap, size), EINVAL);
  refuse("own", add(own_block, bitmap, size), EBUSY);
  refuse("first", add(0, bitmap, size), EBUSY);
  refuse("short", add(block, bitmap, size - 1), EMSGSIZE);
  refuse("no-bitmap", add(block, bitmap, 0), EMSGSIZE);
  refuse("long", add(block, bitmap, size + 8), EMSGSIZE);
  refuse("bitmap-nowhere", add(block, NULL, size), EFAULT);
  refuse("bitmap-garbage", add(block, garbage, size), EFAULT);
  refuse("reserved", ioctl(device.file, OLDMEM_ADD_BLOCK, &bad), EINVAL);
  bad = (struct oldmem_block){.start = block, .reserved32 = 1};
  refuse("reserved32", ioctl(device.file, OLDMEM_ADD_BLOCK, &bad), EINVAL);
  memset(bitmap, 0, sizeof bitmap);
  refuse("empty", add(block, bitmap, size), ENOSPC);
  /* 512 frames of 4 KiB are what 32,768 struct pages of 64 bytes take. */
  memset(bitmap, 0xFF, device.info.memmap_size / frame / 8);
  refuse("not-worth-it", add(block, bitmap, size), ENOSPC);

  refuse("no-block", ioctl(device.file, OLDMEM_ADD_BLOCK, NULL), EFAULT);
  refuse("block-garbage", ioctl(device.file, OLDMEM_ADD_BLOCK, garbage),
         EFAULT);
  refuse("no-info", ioctl(device.file, OLDMEM_INFO, NULL), EFAULT);
  refuse("no-ranges", ioctl(device.file, OLDMEM_RANGES, garbage), EFAULT);
  struct oldmem_ranges ranges = {.ranges = 1, .room = 16};
  refuse("ranges-nowhere", ioctl(device.file, OLDMEM_RANGES, &ranges), EFAULT);
  refuse("unknown", ioctl(device.file, _IO(OLDMEM_IOC_MAGIC, 99), 0), ENOTTY);
  refuse("other-size",
         ioctl(device.file, _IOWR(OLDMEM_IOC_MAGIC, 3, char[8]), &bad),
         ENOTTY);

  int reader = open("/dev/oldmem", O_RDONLY);
  bad = (struct oldmem_block){.start = block};
  refuse("read-only", ioctl(reader, OLDMEM_ADD_BLOCK, &bad), EBADF);
  refuse("write-read-only", pwrite(reader, seen, 1, (off_t)block), EBADF);
  close(reader);
  refuse("read-outside", pread(device.file, seen, frame, (off_t)nowhere),
         ERANGE);
  refuse("read-own", pread(device.file, seen, frame, (off_t)own), EBUSY);
  refuse("write-own", pwrite(device.file, seen, frame, (off_t)own), EBUSY);
  refuse("write-first", pwrite(device.file, seen, frame, 0), EBUSY);
  refuse("write-nowhere", pwrite(device.file, NULL, frame, (off_t)block),
         EFAULT);
  for (int shared = 0; shared < 2; shared++) {
    void *place = mmap(NULL, frame, PROT_READ | PROT_WRITE,
                       shared ? MAP_SHARED : MAP_PRIVATE, device.file,
                       (off_t)(shared ? own : block));
    refuse(shared ? "map-own" : "map-private", place == MAP_FAILED ? -1 : 0,
           shared ? EBUSY : EINVAL);
  }
  unprivileged();
}

static int vmcore_has(uint64_t address, const void *bytes) {
  return read_old_frame(&old, address / frame, seen) &&
         !memcmp(seen, bytes, frame);
}

static void memory(void) {
  const uint64_t block = next_block(&device, 0);
  unsigned char *map = mmap(NULL, 16 * frame, PROT_READ | PROT_WRITE,
                            MAP_SHARED, device.file, (off_t)block);
  judge("map", map != MAP_FAILED);
  int same = 1;
  for (unsigned index = 0; index < 16; index++)
    same &= vmcore_has(block + index * frame, map + index * frame);
  judge("map-shows-vmcore", same);
  same = pread(device.file, before, 16 * frame, (off_t)block) == 16 * frame;
  judge("read-shows-map", same && !memcmp(before, map, 16 * frame));

  for (unsigned index = 0; index < 3 * frame; index++)
    map[frame + index] = (unsigned char)(index * 7 + index / 256);
  judge("map-writes", vmcore_has(block + frame, map + frame) &&
                          vmcore_has(block + 3 * frame, map + 3 * frame));
  judge("map-leaves-next", vmcore_has(block, before) &&
                               vmcore_has(block + 4 * frame,
                                          before + 4 * frame));
  /* From the middle of a frame into the middle of the next. */
  memset(seen, 0x5A, frame);
  same = pwrite(device.file, seen, frame, (off_t)(block + 5 * frame + 100)) ==
         frame;
  judge("write", same && map[5 * frame + 99] == before[5 * frame + 99] &&
                     map[5 * frame + 100] == 0x5A &&
                     map[6 * frame + 99] == 0x5A &&
                     map[6 * frame + 100] == before[6 * frame + 100]);
  judge("write-shows-vmcore", vmcore_has(block + 5 * frame, map + 5 * frame));

  /* What crosses the end of old memory is read up to there. */
  const struct oldmem_range *last = &device.list[device.ranges.count - 1];
  const uint64_t end = last->start + last->size;
  judge("read-ends",
        pread(device.file, seen, 8 * frame, (off_t)(end - 2 * frame - 10)) ==
            2 * frame + 10);

  /* What somebody has mapped is no RAM for others, as long as he has it. */
  memset(bitmap, 0xFF, sizeof bitmap);
  const uint64_t size = device.info.block_size / frame / 8;
  refuse("mapped", add(block, bitmap, size), ETXTBSY);
  munmap(map, 8 * frame);
  refuse("mapped-in-part", add(block, bitmap, size), ETXTBSY);
  munmap(map + 8 * frame, 8 * frame);
}

/* FNV-1a over the frames of a block that are kept, by read() or by mmap(). */
static uint64_t kept(uint64_t block, int by_map) {
  uint64_t hash = 0xCBF29CE484222325;
  for (uint64_t at = 0; at < device.info.block_size; at += frame) {
    if (bitmap[at / frame / 8] >> (at / frame % 8) & 1)
      continue;
    const unsigned char *bytes = seen;
    if (by_map)
      bytes = map_old_frame(&old, (block + at) / frame);
    else if (!read_old_frame(&old, (block + at) / frame, seen))
      bytes = NULL;
    if (!bytes)
      return 0;
    for (unsigned index = 0; index < frame; index++)
      hash = (hash ^ bytes[index]) * 0x100000001B3;
    if (by_map)
      munmap((void *)bytes, frame);
  }
  return hash;
}

/* Every word its own address: a frame that is lost, or moved, is seen. */
static int fill(uint64_t block) {
  uint64_t *words = (uint64_t *)seen;
  for (uint64_t at = 0; at < device.info.block_size; at += sizeof seen) {
    for (uint64_t index = 0; index < sizeof seen / sizeof *words; index++)
      words[index] = block + at + index * sizeof *words;
    if (pwrite(device.file, seen, sizeof seen, (off_t)(block + at)) !=
        sizeof seen)
      return 0;
  }
  return 1;
}

static void hotplug(void) {
  const uint64_t size = device.info.block_size / frame / 8;
  const uint64_t block = next_block(&device, 0);
  judge("fill", fill(block));
  for (uint64_t index = 0; index < size; index++)
    bitmap[index] = index / 4 % 3 ? 0xFF : index % 4 ? 0x00 : 0x5A;
  uint64_t named = 0;
  for (uint64_t index = 0; index < size; index++)
    named += (uint64_t)__builtin_popcount(bitmap[index]);
  const uint64_t hash = kept(block, 0);
  judge("kept-by-both", hash != 0 && hash == kept(block, 1));

  struct oldmem_block wanted = {
      .start = block, .bitmap = (uintptr_t)bitmap, .bitmap_size = size};
  judge("add", ioctl(device.file, OLDMEM_ADD_BLOCK, &wanted) == 0);
  judge("online", wanted.online_frames == named);
  judge("kept-by-read", kept(block, 0) == hash);
  judge("kept-by-map", kept(block, 1) == hash);
  memset(before, 0, frame);
  judge("online-reads-zero", vmcore_has(block + 40 * frame, before));
  refuse("twice", add(block, bitmap, size), EEXIST);
  refuse("read-added", pread(device.file, seen, frame, (off_t)block), EBUSY);
  judge("counted", ioctl(device.file, OLDMEM_INFO, &device.info) == 0 &&
                       device.info.blocks == 1 &&
                       device.info.online_frames == named);
  read_ranges(&device);
  judge("not-allowed-now", !is_allowed(&device, block));
}

int main(void) {
  open_device(&device);
  if (open_old_frames(&old)) {
    perror("/proc/vmcore");
    return 1;
  }
  tell("fact block-mib %llu",
       (unsigned long long)device.info.block_size >> 20);
  refusals();
  memory();
  hotplug();
  tell("fact refused %d", refused);
  return failures != 0;
}
