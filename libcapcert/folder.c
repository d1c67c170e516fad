// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whole files: written beside their place, synced, renamed to it, and the folder synced after. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "libcapcert/folder.h"

static int read_whole(int fd, uint8_t *data, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t got = read(fd, data + at, n - at);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -EBADMSG;
		if (got > 0)
			at += (size_t)got;
	}
	return 0;
}

int folder_read(int dir, const char *name, size_t max, uint8_t **ret, size_t *ret_len)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), r = 0;
	uint8_t *data = NULL;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? -EBADMSG : -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || (uint64_t)st.st_size > max)
		r = -EBADMSG;
	else if (!(data = malloc((size_t)st.st_size)))
		r = -ENOMEM;
	else
		r = read_whole(fd, data, (size_t)st.st_size);
	close(fd);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret = data;
	*ret_len = (size_t)st.st_size;
	return 0;
}

static int write_whole(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int folder_write(int dir, const char *name, const void *data, size_t n)
{
	int fd, r;

	unlinkat(dir, FOLDER_NEW, 0);
	fd = openat(dir, FOLDER_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_whole(fd, data, n);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(dir, FOLDER_NEW, dir, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, FOLDER_NEW, 0);
	else if (fsync(dir) < 0)
		r = -errno;
	return r;
}

int folder_lock(int dir)
{
	int fd = openat(dir, FOLDER_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0) {
		int r = -errno;

		if (r == -EINTR)
			continue;
		close(fd);
		return r;
	}
	return fd;
}
