// SPDX-License-Identifier: LGPL-2.1-or-later
/* CAPCERT_FDS: which inherited fd is which handle. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <capcert/capcert.h>
#include "libcapcert/fds.h"

/* Far more than a program is given; two loops over the text stay cheap. */
#define FDS_TEXT_MAX 65536

static bool same(const char *a, size_t n, const char *b, size_t m)
{
	return n == m && memcmp(a, b, n) == 0;
}

/* Decimal without sign, blanks or leading zeros: one number has one spelling. */
static int number(const char *p, size_t n)
{
	long value = 0;

	if (n == 0 || n > 10 || (n > 1 && p[0] == '0'))
		return -1;
	for (; n; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		value = value * 10 + (*p - '0');
	}
	return value > INT_MAX ? -1 : (int)value;
}

/* One "name=fd" off *text; true at least one character was there and it is well-formed. */
static bool next(const char **text, const char **name, size_t *name_len, int *fd)
{
	size_t n = strcspn(*text, ",");
	const char *equal = memchr(*text, '=', n);

	if (!equal || equal == *text)
		return false;
	*name = *text;
	*name_len = (size_t)(equal - *text);
	*fd = number(equal + 1, n - *name_len - 1);
	if (*fd < 0)
		return false;
	*text += n;
	if (**text == ',' && *++*text == '\0')
		return false;
	return true;
}

int fds_find(const char *text, const char *name)
{
	size_t want = strlen(name), n;
	const char *p = text, *found;
	int fd, ret = -ENOENT;

	if (strlen(text) > FDS_TEXT_MAX)
		return -EINVAL;
	while (*p) {
		if (!next(&p, &found, &n, &fd))
			return -EINVAL;
		if (!same(found, n, name, want))
			continue;
		if (ret >= 0)
			return -EINVAL;
		ret = fd;
	}
	return ret;
}

int fds_at(const char *text, size_t index, char *name, size_t cap)
{
	const char *p = text, *found = NULL, *wanted = NULL;
	size_t n, wanted_len = 0, i;
	int fd, ret = -ENOENT;

	if (strlen(text) > FDS_TEXT_MAX)
		return -EINVAL;
	for (i = 0; *p; i++) {
		if (!next(&p, &found, &n, &fd))
			return -EINVAL;
		if (i != index)
			continue;
		ret = fd;
		wanted = found;
		wanted_len = n;
	}
	if (ret < 0)
		return ret;
	if (wanted_len >= cap)
		return -EMSGSIZE;
	memcpy(name, wanted, wanted_len);
	name[wanted_len] = '\0';
	/* A name that stands twice names nothing. */
	return fds_find(text, name);
}

/* Whoever starts a set-id program chooses its environment, but must not choose its trust. */
static int inherited(const char **ret_text)
{
	if (getauxval(AT_SECURE))
		return -EPERM;
	*ret_text = getenv("CAPCERT_FDS");
	return *ret_text ? 0 : -ENOENT;
}

static int if_open(int fd)
{
	return fd >= 0 && fcntl(fd, F_GETFD) < 0 ? -EBADF : fd;
}

int capcert_fd(const char *name)
{
	const char *text;
	int r = inherited(&text);

	return r < 0 ? r : if_open(fds_find(text, name));
}

int capcert_fd_at(size_t index, char *name, size_t cap)
{
	const char *text;
	int r = inherited(&text);

	return r < 0 ? r : if_open(fds_at(text, index, name, cap));
}
