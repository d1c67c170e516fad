/* SPDX-License-Identifier: GPL-2.0-only */
/* The walls around a helper, in the order they go up: fds, ids, capabilities, limits, Landlock,
 * system calls. Each is final. Nothing here is for undoing. */
#ifndef HELPERS_COMMON_SANDBOX_H
#define HELPERS_COMMON_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** sandbox_close_others() - close every fd from 3 on that is not in @keep (-1 entries are
 *  skipped). Return: 0 or -errno. */
int sandbox_close_others(const int *keep, size_t count);

/** sandbox_user() - ids of @name, a user or a number; 0 for both is refused.
 *  Return: 0, -ENOENT, -EINVAL. */
int sandbox_user(const char *name, uid_t *ret_uid, gid_t *ret_gid);

/** sandbox_drop() - become @uid and @gid for good when root (else stay who we are), without
 *  groups, capabilities or a way to new privileges; not dumpable. Before threads are started. */
int sandbox_drop(uid_t uid, gid_t gid);

/** sandbox_limit() - no more than @most of RLIMIT_* @what from now on, nor than was allowed before. 0 or -errno. */
int sandbox_limit(int what, uint64_t most);

/** sandbox_limits() - few fds, no core, no processes beyond those that run. After threads. */
int sandbox_limits(uint64_t memory);

/** sandbox_landlock() - deny every file access that this kernel's Landlock knows of. Before
 *  threads are started. Return: its ABI version, 0 when the kernel has none, -errno. */
int sandbox_landlock(void);

/** A file, or a folder with all below it, that stays reachable: to read, or to change as well. */
struct sandbox_path {
	const char *path;
	int writable;
};

/** sandbox_landlock_but() - the same, but for @paths; what is not there is passed over. The network is
 *  left alone: this is for helpers that need it. */
int sandbox_landlock_but(const struct sandbox_path *paths, size_t count);

/** One allowed system call: all its checks hold. Arguments are compared in their low 32 bits. */
struct sandbox_call {
	int nr;
	struct sandbox_check {
		enum { SANDBOX_ANY, SANDBOX_EQUAL, SANDBOX_NO_BITS } how;
		unsigned int arg;
		uint32_t value;
	} check[2];
};

/** sandbox_seccomp() - everything but @calls fails with EPERM, in all threads. */
int sandbox_seccomp(const struct sandbox_call *calls, size_t count);

#endif
