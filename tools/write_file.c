// SPDX-License-Identifier: GPL-2.0-only
/* Writes beside, syncs, renames. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/write_file.h"

static int complain(const char *path)
{
	return fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
}

static int put_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A rename lasts once the folder is on the disk. */
static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return r ? complain(path) : EXIT_DONE;
}

static int sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int r = copy ? sync_folder(dirname(copy)) : fail_errno(-ENOMEM, "%s", path);

	free(copy);
	return r;
}

int write_file(const char *path, const void *data, size_t len)
{
	char *temp;
	int fd, r;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return fail_errno(-ENOMEM, "%s", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		free(temp);
		return complain(path);
	}
	r = put_all(fd, data, len) || fchmod(fd, 0644) || fsync(fd);
	r = close(fd) || r;
	if (r || rename(temp, path)) {
		r = complain(path);
		unlink(temp);
	}
	free(temp);
	return r ? r : sync_folder_of(path);
}

/* Without what is hidden there is nothing in it. */
static bool empty(const char *path)
{
	struct dirent *e;
	DIR *dir = opendir(path);
	bool found = false;

	if (!dir)
		return errno == ENOENT;
	while (!found && (e = readdir(dir)))
		found = strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(dir);
	return !found;
}

int write_dir_begin(const char *path, char **ret_temp)
{
	char *temp;

	if (!empty(path)) {
		fail(EXIT_TROUBLE, "%s is there and no empty folder", path);
		advise("name a new one, or look through it and remove it first");
		return EXIT_TROUBLE;
	}
	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return fail_errno(-ENOMEM, "%s", path);
	if (!mkdtemp(temp) || chmod(temp, 0755)) {
		free(temp);
		return complain(path);
	}
	*ret_temp = temp;
	return EXIT_DONE;
}

int write_dir_end(const char *temp, const char *path)
{
	int r = sync_folder(temp);

	if (!r && rename(temp, path))
		r = complain(path);
	return r ? r : sync_folder_of(path);
}
