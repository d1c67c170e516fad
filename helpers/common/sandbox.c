// SPDX-License-Identifier: GPL-2.0-only
/* Privileges, limits and fds of a helper; landlock.c and seccomp.c have the other two walls. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/common/sandbox.h"

#define FIRST_FD 3
#define MOST_FDS 16 /* poll() takes no more entries than fds are allowed */

int sandbox_close_others(const int *keep, size_t count)
{
	unsigned int from = FIRST_FD;

	for (;;) {
		unsigned int next = ~0u;

		for (size_t i = 0; i < count; i++)
			if (keep[i] >= 0 && (unsigned int)keep[i] >= from &&
			    (unsigned int)keep[i] < next)
				next = (unsigned int)keep[i];
		if (next > from && close_range(from, next == ~0u ? next : next - 1, 0) < 0)
			return -errno;
		if (next == ~0u)
			return 0;
		from = next + 1;
	}
}

int sandbox_user(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct passwd *entry;
	unsigned long id;
	char *end;

	errno = 0;
	id = strtoul(name, &end, 10);
	if (name[0] >= '0' && name[0] <= '9' && !*end && !errno) {
		if (id == 0 || id >= 0xfffffffful)
			return -EINVAL;
		*ret_uid = (uid_t)id;
		*ret_gid = (gid_t)id;
		return 0;
	}
	entry = getpwnam(name);
	if (!entry)
		return -ENOENT;
	if (entry->pw_uid == 0 || entry->pw_gid == 0)
		return -EINVAL;
	*ret_uid = entry->pw_uid;
	*ret_gid = entry->pw_gid;
	return 0;
}

/* Needs CAP_SETPCAP, which only root has; whoever lacks it cannot gain what stands there once
 * no_new_privs is set. */
static int drop_bounding_set(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return -errno;
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

static int drop_ids(uid_t uid, gid_t gid)
{
	if (uid == 0 || gid == 0)
		return -EINVAL;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return geteuid() == 0 || getegid() == 0 ? -EPERM : 0;
}

int sandbox_drop(uid_t uid, gid_t gid)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* The bounding set first: with the ids goes the capability for it. */
	r = drop_bounding_set();
	if (r == 0 && geteuid() == 0)
		r = drop_ids(uid, gid);
	if (r == 0)
		r = drop_capabilities();
	if (r < 0)
		return r;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

int sandbox_limit(int what, uint64_t most)
{
	const __rlimit_resource_t of = (__rlimit_resource_t)what;
	struct rlimit now;

	if (getrlimit(of, &now) < 0)
		return -errno;
	if (now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	return setrlimit(of, &now) < 0 ? -errno : 0;
}

int sandbox_limits(uint64_t memory)
{
	int r = sandbox_limit(RLIMIT_NOFILE, MOST_FDS);

	if (r == 0)
		r = sandbox_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = sandbox_limit(RLIMIT_NPROC, 0);
	if (r == 0)
		r = sandbox_limit(RLIMIT_MEMLOCK, 0);
	if (r == 0)
		r = sandbox_limit(RLIMIT_DATA, memory);
	return r;
}
