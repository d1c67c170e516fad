// SPDX-License-Identifier: GPL-2.0-only
/* Landlock: a rule set without rules, so that everything it handles is refused. */
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/common/sandbox.h"

/* linux/landlock.h of the oldest system this builds on ends at ABI 2; the kernel takes a longer
 * struct when the tail is zero. */
#define CREATE_VERSION 1u
struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

/* What each ABI added: how many file rights, network rights, scopes it knows. */
static const struct {
	unsigned int files, network, scoped;
} known[] = {
	[1] = { 13, 0, 0 }, [2] = { 14, 0, 0 }, [3] = { 15, 0, 0 },
	[4] = { 15, 2, 0 }, [5] = { 16, 2, 0 }, [6] = { 16, 2, 2 },
};

static uint64_t bits(unsigned int n)
{
	return (1ull << n) - 1;
}

int sandbox_landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	size_t level = sizeof(known) / sizeof(known[0]) - 1;
	struct ruleset rules;
	long fd;
	int r;

	if (abi < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	if ((size_t)abi < level)
		level = (size_t)abi;
	rules = (struct ruleset){ bits(known[level].files), bits(known[level].network),
				  bits(known[level].scoped) };
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (fd < 0)
		return -errno;
	r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : (int)abi;
	close((int)fd);
	return r;
}
