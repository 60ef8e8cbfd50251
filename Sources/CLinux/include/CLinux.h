// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// The C of Linux that Swift cannot import by itself: variadic calls, macros
// with casts, errno, calls without a wrapper in libc. Imported by the module
// Linux and by nothing else. Each function returns what the call returns, or
// the negative errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <liburing.h>

// What the serving path may call: nothing in there allocates.
#define OM_NO_ALLOCATION __attribute__((swift_attr("@_noAllocation")))

// Files
extern const int om_direct; // O_DIRECT, which only GNU's headers have
int om_open(const char *path, int flags, unsigned mode);
int om_open_in(int folder, const char *name, int flags);
int om_unlink_in(int folder, const char *name);
int om_close(int fd) OM_NO_ALLOCATION;
long om_read(int fd, void *bytes, size_t count);
long om_pread(int fd, void *bytes, size_t count,
              uint64_t offset) OM_NO_ALLOCATION;
long om_write(int fd, const void *bytes, size_t count) OM_NO_ALLOCATION;
long om_pwrite(int fd, const void *bytes, size_t count,
               uint64_t offset) OM_NO_ALLOCATION;
int64_t om_file_size(int fd);
int om_device_size(int fd, uint64_t *bytes);
int om_zero_device(int fd, uint64_t start, uint64_t bytes);
int om_control(int fd, unsigned command, void *structure);
int om_synchronize(int fd);
int om_claim(int fd);
int om_is_named(int fd, const char *path);
int om_add_partition(int fd, int number, uint64_t start, uint64_t length);
int om_delete_partition(int fd, int number);
long om_getdents(int fd, void *bytes, size_t count);
int om_poll_in(int fd, int milliseconds);
int om_poll_any(const int *files, int count, int milliseconds);
int om_pipe(int ends[2]);
int om_duplicate(int fd);
int om_pass(int fd, int number);

// Names
enum om_kind { OM_NONE, OM_FILE, OM_DIRECTORY, OM_OTHER };
int om_kind_of(const char *path);
int om_same_device(const char *a, const char *b);
void om_forget(int file);
uint64_t om_free_bytes(int file);
int om_read_link(const char *link, char *name, size_t room);
int om_same_file(const char *a, const char *b);
int om_mkdir(const char *path, unsigned mode);
int om_unlink(const char *path);
int om_rmdir(const char *path);
int om_symlink(const char *target, const char *path);
int om_link(const char *existing, const char *path);
int om_rename(const char *old, const char *path);
int om_mknod(const char *path, unsigned mode, unsigned major, unsigned minor);
int om_own(const char *path, unsigned uid, unsigned gid);
int om_chmod(const char *path, unsigned mode);
int om_set_times(const char *path, int64_t seconds);
int om_chdir(const char *path);
int om_chroot(const char *path);

// Mounts
int om_mount(const char *source, const char *target, const char *type,
             const char *data);
int om_move_mount(const char *source, const char *target);
int om_make_private(const char *target);
int om_unmount(const char *target);

// Memory
void *om_map_anonymous(size_t count, int shared, int *error);
void *om_reserve(size_t count, int *error);
int om_reserve_at(void *place, size_t count);
int om_vacate(void *place, size_t count);
int om_map_file_at(void *place, size_t count, int fd, uint64_t offset,
                   int writable);
int om_dont_fork(void *bytes, size_t count);
void *om_map_file(size_t count, int fd, uint64_t offset, int *error);
int om_unmap(void *bytes, size_t count);
void *om_map_huge(size_t count, int *error);
int om_lock_pages(const void *bytes, size_t count);
int om_lock_memory(int on_fault);
uint64_t om_free_memory(uint64_t *swapped);

// Processes
int om_fork(void);
int om_exec(const char *path, char *const argv[], char *const envp[]);
int om_wait(int pid, int *status, int block);
int om_kill(int pid, int signal);
int om_getpid(void);
int om_setsid(void);
int om_unshare_mounts(void);
int om_ignore_signal(int signal);
int om_continue_by_timer(unsigned milliseconds);
int om_listen_for_end(void);
int om_end_requested(void);
int om_pidfd_open(int pid);
int om_set_name(const char *name);
int om_set_urgency(int priority);
int om_set_io_flusher(int flushes);
char **om_environment(void);
_Noreturn void om_exit(int status);
void om_take_defaults(void);
int om_enter_mounts(int fd);
unsigned om_user(void);

// Sockets with abstract names
int om_listen(const char *name, int backlog);
int om_connect(const char *name, unsigned milliseconds);
int om_accept(int fd);
int om_peer(int fd, int *pid, unsigned *uid);
long om_send(int fd, const void *bytes, size_t count);
long om_receive(int fd, void *bytes, size_t count);
int om_netlink_open(void);
int om_socket_pair(int ends[2]);
int om_limit_sending(int fd, int bytes);
int om_has_input(int fd);
int om_notify(const char *text);

// Streams: sockets for clients, and waiting for many of them
int om_listen_unix(const char *path, int backlog, uint64_t *identity);
void om_unlisten_unix(const char *path, uint64_t identity);
int om_listen_tcp(const char *address, unsigned port, int backlog);
int om_connect_unix(const char *path, int seconds);
int om_connect_tcp(const char *address, unsigned port, int seconds);
int om_accept_stream(int fd, int send_buffer) OM_NO_ALLOCATION;
long om_send_stream(int fd, const void *bytes, size_t count) OM_NO_ALLOCATION;
long om_receive_stream(int fd, void *bytes, size_t count) OM_NO_ALLOCATION;
int om_epoll_open(void);
int om_epoll_add(int epoll, int fd, uint32_t tag) OM_NO_ALLOCATION;
void om_epoll_remove(int epoll, int fd) OM_NO_ALLOCATION;
int om_epoll_watch(int epoll, int fd, uint32_t tag,
                   uint32_t events) OM_NO_ALLOCATION;
int om_epoll_wait(int epoll, uint32_t *tags, int count,
                  int milliseconds) OM_NO_ALLOCATION;

// The kernel
int om_load_module(int fd, const char *parameters);
int om_swapon(const char *path, int flags);
int om_swapoff(const char *path);
int om_reboot(void);
int om_random(void *bytes, size_t count);
int om_draw(void *bytes, size_t count);
uint64_t om_monotonic_nanoseconds(void) OM_NO_ALLOCATION;
uint64_t om_seconds(void);
void om_sleep_milliseconds(unsigned milliseconds);

// io_uring
int om_ring_open(struct io_uring *ring, unsigned entries);
void om_ring_close(struct io_uring *ring);
int om_ring_limit_workers(struct io_uring *ring, unsigned workers);
int om_ring_pin(struct io_uring *ring, void *bytes, size_t count);
int om_ring_command(struct io_uring *ring, int fd, uint32_t operation,
                    uint64_t user_data, uint64_t first, uint64_t second,
                    uint64_t third, uint64_t fourth) OM_NO_ALLOCATION;
int om_ring_wait(struct io_uring *ring, unsigned milliseconds)
    OM_NO_ALLOCATION;
int om_ring_submit(struct io_uring *ring) OM_NO_ALLOCATION;
int om_ring_ready(const struct io_uring *ring) OM_NO_ALLOCATION;
int om_ring_next(struct io_uring *ring, uint64_t *user_data,
                 int32_t *result) OM_NO_ALLOCATION;
