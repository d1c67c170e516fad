// SPDX-License-Identifier: GPL-2.0-only
/* Landlock: everything that the rule set handles is refused, but for what a rule allows. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
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

#define RULE_PATH 1
struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Bits of struct ruleset.files. */
#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE_FILE (1ull << 5)
#define MAKE_REG (1ull << 8)
#define TRUNCATE (1ull << 14)

/* Return: ABI version with @ret_level filled, 0 when the kernel has no Landlock, -errno. */
static int version(size_t *ret_level)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

	if (abi < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	*ret_level = sizeof(known) / sizeof(known[0]) - 1;
	if ((size_t)abi < *ret_level)
		*ret_level = (size_t)abi;
	return (int)abi;
}

static int allow(int rules, const struct sandbox_path *path, uint64_t handled)
{
	struct path_rule rule = { .allowed = READ_FILE | READ_DIR };
	struct stat st;
	int r = 0;

	if (path->writable)
		rule.allowed |= WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE;
	rule.allowed &= handled;
	rule.fd = open(path->path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	if (fstat(rule.fd, &st) < 0)
		r = -errno;
	else if (!S_ISDIR(st.st_mode))
		rule.allowed &= READ_FILE | WRITE_FILE | TRUNCATE;
	if (r == 0 && syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0) < 0)
		r = -errno;
	close(rule.fd);
	return r;
}

static int enforce(const struct ruleset *rules, const struct sandbox_path *paths, size_t count)
{
	long fd = syscall(SYS_landlock_create_ruleset, rules, sizeof(*rules), 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = allow((int)fd, &paths[i], rules->files);
	if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	close((int)fd);
	return r;
}

int sandbox_landlock(void)
{
	struct ruleset rules;
	size_t level;
	int r, abi = version(&level);

	if (abi <= 0)
		return abi;
	rules = (struct ruleset){ bits(known[level].files), bits(known[level].network),
				  bits(known[level].scoped) };
	r = enforce(&rules, NULL, 0);
	return r < 0 ? r : abi;
}

int sandbox_landlock_but(const struct sandbox_path *paths, size_t count)
{
	struct ruleset rules;
	size_t level;
	int r, abi = version(&level);

	if (abi <= 0)
		return abi;
	rules = (struct ruleset){ bits(known[level].files), 0, 0 };
	r = enforce(&rules, paths, count);
	return r < 0 ? r : abi;
}
