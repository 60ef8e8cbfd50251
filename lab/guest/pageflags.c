/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * pageflags RANGES...: what this kernel itself says of its pages.
 *
 * RANGES are files of holdpages, holdpipes and holdrequests. For each kind of
 * memory it counts the pages that are what they should be, by
 * /proc/PID/pagemap, /proc/kpageflags and /proc/kpagecount; then all pages of
 * the machine, by flag. Lines for the lab's port:
 *
 *     fact workload-KIND N       pages of that kind
 *     fact amiss-KIND N          pages in its ranges that are of another
 *     fact pages-FLAG N          pages with that flag
 *     fact frames-KIND FRAME+COUNT...    where they are, a sample; likewise
 *                                for flags that forbid to touch a page
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIT(number) (UINT64_C(1) << (number))

/* linux/kernel-page-flags.h, and what fs/proc/page.c has for hackers. */
enum {
  locked = 0, uptodate = 3, dirty = 4, lru = 5, slab = 7, writeback = 8,
  buddy = 10, mapped = 11, anon = 12, swapcache = 13, swapbacked = 14,
  head = 15, tail = 16, huge = 17, unevictable = 18, hwpoison = 19,
  nopage = 20, ksm = 21, thp = 22, offline = 23, zero = 24, pgtable = 26,
  reserved = 32, mlocked = 33, private = 35
};

/* What a page must have all of, what at least one of, what none of, and how
 * often it must be mapped. Some kernels call every anonymous page merged
 * (PAGE_MAPPING_KSM has PAGE_MAPPING_ANON's bit), so that flag forbids
 * nothing, and merged pages show by their mappings. */
struct rule {
  const char *kind;
  uint64_t all, some, none, mappings;
};

static const struct rule rules[] = {
    {"anon", BIT(anon), 0, BIT(thp) | BIT(head) | BIT(tail), 1},
    {"thp", BIT(anon) | BIT(thp), 0, 0, 1},
    {"thp-half", BIT(anon) | BIT(thp), 0, 0, 1},
    {"mthp", BIT(anon), BIT(head) | BIT(tail), 0, 1},
    {"mlock", BIT(anon) | BIT(mlocked), 0, 0, 1},
    {"lazyfree", BIT(anon), 0, BIT(swapbacked), 1},
    {"fork", BIT(anon), 0, 0, 4},
    {"ksm", BIT(ksm), 0, 0, 64},
    {"hugetlb", BIT(huge), 0, 0, 1},
    {"shmem", BIT(swapbacked), 0, BIT(anon), 1},
    {"shmem-thp", BIT(thp), 0, BIT(anon), 1},
    {"private-clean", BIT(mapped), 0, BIT(anon) | BIT(swapbacked), 1},
    {"private-written", BIT(anon), 0, 0, 1},
    {"shared-clean", BIT(mapped), 0, BIT(anon) | BIT(dirty), 1},
    {"shared-dirty", BIT(mapped) | BIT(dirty), 0, BIT(anon), 1},
    {"swapcache", BIT(anon) | BIT(swapcache), 0, 0, 1},
    {"secret", BIT(mapped), 0, BIT(anon), 1},
    {"pinned", BIT(anon), 0, BIT(thp), 1},
    {"pinned-thp", BIT(anon) | BIT(thp), 0, 0, 1},
    {"direct-small", BIT(anon), 0, BIT(thp), 1},
    {"direct-thp", BIT(anon) | BIT(thp), 0, 0, 1},
    {"direct-write", BIT(anon), 0, BIT(thp), 1},
    {"vmsplice", BIT(anon), 0, 0, 1},
};
enum { kinds = sizeof rules / sizeof *rules };

static const struct {
  const char *name;
  int bit;
  int listed;
} flags[] = {
    {"locked", locked, 1},       {"uptodate", uptodate, 0},
    {"dirty", dirty, 0},         {"lru", lru, 0},
    {"slab", slab, 0},           {"writeback", writeback, 1},
    {"buddy", buddy, 0},         {"mapped", mapped, 0},
    {"anon", anon, 0},           {"swapcache", swapcache, 0},
    {"swapbacked", swapbacked, 0}, {"head", head, 0},
    {"tail", tail, 0},           {"hugetlb-pool", huge, 1},
    {"unevictable", unevictable, 0}, {"hwpoison", hwpoison, 1},
    {"nopage", nopage, 0},       {"ksm", ksm, 0},
    {"thp", thp, 0},             {"offline", offline, 1},
    {"zero", zero, 0},           {"pgtable", pgtable, 0},
    {"reserved", reserved, 0},   {"mlocked", mlocked, 0},
    {"private", private, 0},
};
enum { flag_count = sizeof flags / sizeof *flags };

/* Frames in the order in which they come, as runs; the port's lines are not
 * endless, so of many runs the first ones. */
enum { runs_at_most = 2048 };
struct sample {
  struct { uint64_t first, count; } runs[runs_at_most];
  unsigned used;
};
static struct sample kind_samples[kinds], flag_samples[flag_count];
static uint64_t good[kinds], bad[kinds], counts[flag_count];
static int flag_file, count_file;

static void note(struct sample *sample, uint64_t frame) {
  unsigned used = sample->used;
  uint64_t end =
      used ? sample->runs[used - 1].first + sample->runs[used - 1].count : 0;
  if (used && end == frame) {
    sample->runs[used - 1].count++;
  } else if (used && end == frame + 1) {
    /* The same again, since pages are shared. */
  } else if (used < runs_at_most) {
    sample->runs[used].first = frame;
    sample->runs[used].count = 1;
    sample->used++;
  }
}

static void tell_sample(const char *name, const struct sample *sample) {
  if (!sample->used)
    return;
  printf("fact frames-%s", name);
  for (unsigned index = 0; index < sample->used; index++)
    printf(" %lu+%lu", (unsigned long)sample->runs[index].first,
           (unsigned long)sample->runs[index].count);
  puts("");
}

static uint64_t entry(int file, uint64_t index) {
  uint64_t value = 0;
  if (pread(file, &value, sizeof value, (off_t)(index * sizeof value)) !=
      sizeof value)
    return 0;
  return value;
}

static int obeys(const struct rule *rule, uint64_t frame) {
  uint64_t set = entry(flag_file, frame);
  return (set & rule->all) == rule->all && !(set & rule->none) &&
         (!rule->some || set & rule->some) &&
         entry(count_file, frame) >= rule->mappings;
}

/* Bit 63 of an entry says that there is a page, the lower 55 which one. */
static void judge(size_t kind, int process, uint64_t start, uint64_t length) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/pagemap", process);
  int map = open(path, O_RDONLY | O_CLOEXEC);
  for (uint64_t at = start / 4096; at < (start + length) / 4096; at++) {
    uint64_t page = entry(map, at);
    uint64_t frame = page & (BIT(55) - 1);
    if (page & BIT(63) && obeys(&rules[kind], frame)) {
      good[kind]++;
      note(&kind_samples[kind], frame);
    } else {
      bad[kind]++;
    }
  }
  close(map);
}

static void read_ranges(const char *path) {
  FILE *ranges = fopen(path, "re");
  char line[256], name[64];
  int process;
  unsigned long start, length;
  while (ranges && fgets(line, sizeof line, ranges)) {
    if (sscanf(line, "%63s %d %lx %lx", name, &process, &start, &length) != 4)
      continue;
    for (size_t kind = 0; kind < kinds; kind++)
      if (!strcmp(name, rules[kind].kind))
        judge(kind, process, start, length);
  }
  if (ranges)
    fclose(ranges);
}

/* All of the machine; tails follow their head, whose other flags they lack
 * in some kernels. */
static void take_census(void) {
  static uint64_t part[8192];
  uint64_t frame = 0, clean = 0, folios = 0, large = 0;
  ssize_t got;
  lseek(flag_file, 0, SEEK_SET);
  while ((got = read(flag_file, part, sizeof part)) > 0) {
    for (size_t index = 0; index < (size_t)got / sizeof *part; index++) {
      uint64_t set = part[index];
      for (size_t flag = 0; flag < flag_count; flag++)
        if (set & BIT(flags[flag].bit)) {
          counts[flag]++;
          if (flags[flag].listed)
            note(&flag_samples[flag], frame + index);
        }
      uint64_t cache = set & (BIT(lru) | BIT(anon) | BIT(swapbacked));
      if (!(set & BIT(tail)))
        large = cache == BIT(lru) && set & BIT(head);
      folios += large;
      clean += cache == BIT(lru) && set & BIT(uptodate) &&
               !(set & (BIT(dirty) | BIT(writeback) | BIT(locked)));
    }
    frame += (size_t)got / sizeof *part;
  }
  printf("fact pages-total %lu\n", (unsigned long)frame);
  printf("fact pages-cache-clean %lu\n", (unsigned long)clean);
  printf("fact pages-cache-large %lu\n", (unsigned long)folios);
}

int main(int count, char **words) {
  flag_file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
  count_file = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
  if (flag_file < 0 || count_file < 0) {
    perror("/proc/kpageflags, /proc/kpagecount");
    return 1;
  }
  for (int index = 1; index < count; index++)
    read_ranges(words[index]);
  take_census();
  for (size_t flag = 0; flag < flag_count; flag++) {
    printf("fact pages-%s %lu\n", flags[flag].name,
           (unsigned long)counts[flag]);
    tell_sample(flags[flag].name, &flag_samples[flag]);
  }
  for (size_t kind = 0; kind < kinds; kind++) {
    if (!good[kind] && !bad[kind])
      continue;
    printf("fact workload-%s %lu\n", rules[kind].kind,
           (unsigned long)good[kind]);
    if (bad[kind])
      printf("fact amiss-%s %lu\n", rules[kind].kind,
             (unsigned long)bad[kind]);
    tell_sample(rules[kind].kind, &kind_samples[kind]);
  }
  return 0;
}
