// SPDX-License-Identifier: GPL-2.0-only
/* Values of certificate slots out of files: for put, and for restore at boot. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "tools/file.h"
#include "tools/newkey.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/ref.h"
#include "tools/slot_files.h"

#define DEPTH_MAX 8 /* parts of a slot's name that become directories */
#define URI "pkcs11:"

struct parts {
	struct cert_list certs;
	struct capcert_blob *chain;
	uint8_t *staple, *scts;
	struct capcert_slot_contents c;
};

static void parts_free(struct parts *p)
{
	if (p->c.key_fd >= 0)
		close(p->c.key_fd);
	certs_free(&p->certs);
	free(p->chain);
	free(p->staple);
	free(p->scts);
}

static int chain_load(struct parts *p, const char *path)
{
	int r = certs_load(path, &p->certs);

	if (r)
		return r;
	p->chain = calloc(p->certs.count, sizeof(*p->chain));
	if (!p->chain)
		return fail(EXIT_TROUBLE, "out of memory");
	for (size_t i = 0; i < p->certs.count; i++) {
		size_t n;

		p->chain[i].ptr = (uintptr_t)capcert_cert_der(p->certs.certs[i], &n);
		p->chain[i].len = (uint32_t)n;
		p->chain[i].fd = -1;
	}
	p->c.chain = p->chain;
	p->c.chain_count = p->certs.count;
	return EXIT_DONE;
}

static int parts_load(struct parts *p, const struct slot_files *files)
{
	int r = EXIT_DONE;

	memset(p, 0, sizeof(*p));
	p->c.key_fd = -1;
	if (files->chain)
		r = chain_load(p, files->chain);
	if (!r && files->staple)
		r = file_read(files->staple, &p->staple, &p->c.staple_len);
	if (!r && files->scts)
		r = file_read(files->scts, &p->scts, &p->c.scts_len);
	if (!r && files->key)
		r = ref_open(files->key, CAPCERT_KIND_KEY,
			     CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_TRANSFER | CAPCERT_RIGHT_PUBLIC |
				     CAPCERT_RIGHT_INFO,
			     &p->c.key_fd);
	p->c.staple = p->staple;
	p->c.scts = p->scts;
	return r;
}

int slot_put_files(int slots_fd, const char *name, const struct slot_files *files,
		   const uint64_t *expect, uint64_t *ret_version)
{
	struct parts p;
	int e, r = parts_load(&p, files);

	if (!r) {
		if (files->staple_only)
			e = capcert_slot_put_staple(slots_fd, name, p.c.staple, p.c.staple_len,
						    expect, ret_version);
		else
			e = capcert_slot_put(slots_fd, name, &p.c, expect, ret_version);
		if (e)
			r = slot_failed(e, name);
	}
	parts_free(&p);
	return r;
}

/* ---- restore ---- */

struct restore {
	int slots_fd;
	size_t count;
	int status;
};

/* Root's alone to write: what lies here becomes what servers show. */
static int trusted(int fd, mode_t type, const char *what)
{
	struct stat s;

	if (fstat(fd, &s) < 0)
		return fail_errno(-errno, "%s", what);
	if ((s.st_mode & S_IFMT) != type)
		return fail(EXIT_TROUBLE, "%s: not a %s", what,
			    type == S_IFDIR ? "directory" : "regular file");
	if (s.st_uid == 0 && !(s.st_mode & (S_IWGRP | S_IWOTH)))
		return EXIT_DONE;
	fail(EXIT_TROUBLE, "%s: not root's, or others may write it", what);
	advise("chown root, chmod go-w, once you know what is in it");
	return EXIT_TROUBLE;
}

/* A file of a slot that may be missing: -1. Its path goes by its descriptor, which was looked at. */
static int part_open(int dir, const char *slot, const char *name, int *ret_fd, char path[32])
{
	char what[CAPCERT_SLOT_NAME_SIZE + 32];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;

	*ret_fd = fd;
	snprintf(what, sizeof(what), "%s/%s", slot, name);
	if (fd < 0)
		return errno == ENOENT ? EXIT_DONE : fail_errno(-errno, "%s", what);
	r = trusted(fd, S_IFREG, what);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return r;
}

/* The one line of the file; a URI becomes a key with the slot's name, in the session keyring. */
static int key_word(const char *path, const char *slot, char **ret)
{
	char word[32];
	uint8_t *data;
	int32_t serial;
	size_t n;
	int r = file_read(path, &data, &n);

	if (r)
		return r;
	*ret = strndup((const char *)data, n);
	free(data);
	if (!*ret)
		return fail(EXIT_TROUBLE, "out of memory");
	(*ret)[strcspn(*ret, "\n")] = 0;
	if (strncmp(*ret, URI, sizeof(URI) - 1))
		return EXIT_DONE;
	serial = newkey(capcert_kind_key_type(CAPCERT_KIND_KEY), slot, *ret, NULL);
	free(*ret);
	*ret = NULL;
	if (!serial)
		return EXIT_TROUBLE;
	snprintf(word, sizeof(word), "%d", serial);
	*ret = strdup(word);
	return *ret ? EXIT_DONE : fail(EXIT_TROUBLE, "out of memory");
}

enum { PART_CHAIN, PART_STAPLE, PART_SCTS, PART_KEY, PARTS };

static int slot_put_dir(struct restore *restore, int dir, const char *slot)
{
	static const char *const names[PARTS] = { "chain.pem", "staple.der", "scts.bin", "key" };
	struct slot_files files = { 0 };
	char path[PARTS][32], *key = NULL;
	int fd[PARTS] = { -1, -1, -1, -1 }, r = EXIT_DONE;
	uint64_t version;

	for (int i = 0; i < PARTS && !r; i++)
		r = part_open(dir, slot, names[i], &fd[i], path[i]);
	/* A directory with none of them is only on the way to others. */
	for (int i = 1; i < PARTS && !r; i++)
		if (fd[PART_CHAIN] < 0 && fd[i] >= 0)
			r = fail(EXIT_TROUBLE, "%s: there is a %s, and no chain.pem", slot,
				 names[i]);
	if (!r && fd[PART_KEY] >= 0)
		r = key_word(path[PART_KEY], slot, &key);
	if (!r && fd[PART_CHAIN] >= 0) {
		files.chain = path[PART_CHAIN];
		files.staple = fd[PART_STAPLE] < 0 ? NULL : path[PART_STAPLE];
		files.scts = fd[PART_SCTS] < 0 ? NULL : path[PART_SCTS];
		files.key = key;
		r = slot_put_files(restore->slots_fd, slot, &files, NULL, &version);
		if (!r)
			restore->count++;
	}
	free(key);
	for (int i = 0; i < PARTS; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return r;
}

static void restore_below(struct restore *restore, int fd, const char *slot, int depth);

/* What is no directory is none of ours: files were looked at by name. */
static void restore_entry(struct restore *restore, int dir, const char *slot, const char *name,
			  int depth)
{
	char below[CAPCERT_SLOT_NAME_SIZE + NAME_MAX + 2];
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), n;

	if (fd < 0) {
		if (errno != ENOTDIR && errno != ELOOP)
			restore->status = fail_errno(-errno, "%s/%s", slot, name);
		return;
	}
	n = snprintf(below, sizeof(below), "%s%s%s", slot, *slot ? "/" : "", name);
	if (n >= CAPCERT_SLOT_NAME_SIZE || !capcert_slot_name_valid(below)) {
		restore->status = fail(EXIT_TROUBLE, "%s: no name of a slot", below);
		close(fd);
		return;
	}
	restore_below(restore, fd, below, depth);
}

/* Takes over @fd. */
static void restore_below(struct restore *restore, int fd, const char *slot, int depth)
{
	const char *what = *slot ? slot : "the directory";
	struct dirent *entry;
	DIR *dir;

	if (trusted(fd, S_IFDIR, what)) {
		restore->status = EXIT_TROUBLE;
		close(fd);
		return;
	}
	/* What lies below is other slots', which want to be there whatever becomes of this one. */
	if (*slot && slot_put_dir(restore, fd, slot))
		restore->status = fail(EXIT_TROUBLE, "%s: this slot is not restored", slot);
	dir = depth > DEPTH_MAX ? NULL : fdopendir(fd);
	if (!dir) {
		if (depth > DEPTH_MAX)
			fail(EXIT_TROUBLE, "%s: too deep", what);
		else
			fail_errno(-errno, "%s", what);
		restore->status = EXIT_TROUBLE;
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			restore_entry(restore, fd, slot, entry->d_name, depth + 1);
	closedir(dir);
}

int slot_restore(int slots_fd, const char *dir, size_t *count)
{
	struct restore restore = { .slots_fd = slots_fd, .status = EXIT_DONE };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(-errno, "%s", dir);
	restore_below(&restore, fd, "", 0);
	*count += restore.count;
	return restore.status;
}
