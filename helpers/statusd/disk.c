// SPDX-License-Identifier: GPL-2.0-only
/* The folder: "c" + hash for contents, "r" + key for records, "t" + number for what is being written.
 * A file gets its name when it is whole and on the disk, contents before the record that names them. */
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "helpers/statusd/disk.h"

#define NAME_SIZE (1 + 2 * DISK_KEY + 1)
#define RECORDS_MOST 65536
#define MAGIC 0x63637265 /* "ccre": its version, too */

/* A record as it lies on the disk, big-endian; @check is the SHA-256 of all that is before it. */
struct stored {
	uint32_t magic;
	uint32_t spare;
	uint8_t key[DISK_KEY];
	uint8_t content[DISK_KEY];
	uint64_t fetched;
	uint64_t until;
	uint64_t size;
	char etag[DISK_TAG_MAX];
	char modified[DISK_TAG_MAX];
	uint8_t check[DISK_KEY];
};

struct disk {
	int dir;
	uint64_t max_bytes;
	uint64_t bytes; /* of contents, each counted once */
	disk_hash *hash;
	uint32_t count;
	uint32_t room;
	uint32_t serial; /* of temporary files */
	struct disk_record *records;
};

static void name_of(char kind, const uint8_t key[DISK_KEY], char ret[NAME_SIZE])
{
	ret[0] = kind;
	for (size_t i = 0; i < DISK_KEY; i++)
		snprintf(ret + 1 + 2 * i, 3, "%02x", key[i]);
}

static struct disk_record *find(const struct disk *disk, const uint8_t key[DISK_KEY])
{
	for (uint32_t i = 0; i < disk->count; i++)
		if (memcmp(disk->records[i].key, key, DISK_KEY) == 0)
			return &disk->records[i];
	return NULL;
}

static bool referenced(const struct disk *disk, const uint8_t content[DISK_KEY])
{
	for (uint32_t i = 0; i < disk->count; i++)
		if (memcmp(disk->records[i].content, content, DISK_KEY) == 0)
			return true;
	return false;
}

static int read_all(int dir, const char *name, size_t max, uint8_t **ret, size_t *ret_len)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	uint8_t *data = NULL;
	size_t at = 0, n;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > max)
		r = -EBADMSG;
	n = r ? 0 : (size_t)st.st_size;
	if (r == 0 && !(data = malloc(n ? n : 1)))
		r = -ENOMEM;
	while (r == 0 && at < n) {
		ssize_t got = read(fd, data + at, n - at);

		if (got > 0)
			at += (size_t)got;
		else if (got == 0)
			r = -EBADMSG;
		else if (errno != EINTR)
			r = -errno;
	}
	close(fd);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret = data;
	*ret_len = n;
	return 0;
}

static int write_all(int fd, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* All of it under @name, or nothing: the name is given last, and the folder written after it. */
static int write_whole(struct disk *disk, const char *name, const void *data, size_t n)
{
	char temporary[24];
	int fd, r;

	snprintf(temporary, sizeof(temporary), "t%u", disk->serial++);
	fd = openat(disk->dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, data, n);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(disk->dir, temporary, disk->dir, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(disk->dir, temporary, 0);
	else if (fsync(disk->dir) < 0)
		r = -errno;
	return r;
}

static int write_record(struct disk *disk, const struct disk_record *record)
{
	struct stored stored = {
		.magic = htobe32(MAGIC),
		.fetched = htobe64((uint64_t)record->fetched),
		.until = htobe64((uint64_t)record->until),
		.size = htobe64(record->size),
	};
	char name[NAME_SIZE];

	memcpy(stored.key, record->key, DISK_KEY);
	memcpy(stored.content, record->content, DISK_KEY);
	memcpy(stored.etag, record->etag, DISK_TAG_MAX);
	memcpy(stored.modified, record->modified, DISK_TAG_MAX);
	disk->hash(&stored, offsetof(struct stored, check), stored.check);
	name_of('r', record->key, name);
	return write_whole(disk, name, &stored, sizeof(stored));
}

static int read_record(struct disk *disk, const char *name, struct disk_record *ret)
{
	struct stored stored;
	uint8_t check[DISK_KEY], *data;
	char right[NAME_SIZE];
	size_t n;
	int r = read_all(disk->dir, name, sizeof(stored), &data, &n);

	if (r < 0)
		return r;
	if (n == sizeof(stored))
		memcpy(&stored, data, n);
	free(data);
	if (n != sizeof(stored))
		return -EBADMSG;
	disk->hash(&stored, offsetof(struct stored, check), check);
	name_of('r', stored.key, right);
	if (memcmp(check, stored.check, DISK_KEY) != 0 || stored.magic != htobe32(MAGIC) ||
	    strcmp(name, right) != 0 || stored.etag[DISK_TAG_MAX - 1] ||
	    stored.modified[DISK_TAG_MAX - 1])
		return -EBADMSG;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->key, stored.key, DISK_KEY);
	memcpy(ret->content, stored.content, DISK_KEY);
	memcpy(ret->etag, stored.etag, DISK_TAG_MAX);
	memcpy(ret->modified, stored.modified, DISK_TAG_MAX);
	ret->fetched = (int64_t)be64toh(stored.fetched);
	ret->until = (int64_t)be64toh(stored.until);
	ret->size = be64toh(stored.size);
	return 0;
}

static int push(struct disk *disk, const struct disk_record *record)
{
	if (disk->count == RECORDS_MOST)
		return -ENOSPC;
	if (disk->count == disk->room) {
		uint32_t room = disk->room ? disk->room * 2 : 64;
		struct disk_record *records = reallocarray(disk->records, room, sizeof(*records));

		if (!records)
			return -ENOMEM;
		disk->records = records;
		disk->room = room;
	}
	if (!referenced(disk, record->content))
		disk->bytes += record->size;
	disk->records[disk->count++] = *record;
	return 0;
}

/* The record goes first: contents without one are swept up at the next start. */
static void drop(struct disk *disk, struct disk_record *record)
{
	struct disk_record gone = *record;
	char name[NAME_SIZE];

	*record = disk->records[--disk->count];
	name_of('r', gone.key, name);
	unlinkat(disk->dir, name, 0);
	if (referenced(disk, gone.content))
		return;
	disk->bytes -= gone.size;
	name_of('c', gone.content, name);
	unlinkat(disk->dir, name, 0);
}

static void drop_old(struct disk *disk, int64_t now)
{
	for (uint32_t i = disk->count; i-- > 0;)
		if (disk->records[i].until < now)
			drop(disk, &disk->records[i]);
}

/* Until @more bytes fit; never what has @keep. */
static void make_room(struct disk *disk, uint64_t more, const uint8_t *keep, int64_t now)
{
	drop_old(disk, now);
	while (disk->bytes + more > disk->max_bytes || disk->count >= RECORDS_MOST) {
		struct disk_record *oldest = NULL;

		for (uint32_t i = 0; i < disk->count; i++) {
			struct disk_record *record = &disk->records[i];

			if (keep && memcmp(record->content, keep, DISK_KEY) == 0)
				continue;
			if (!oldest || record->fetched < oldest->fetched)
				oldest = record;
		}
		if (!oldest)
			return;
		drop(disk, oldest);
	}
}

/* Its contents are there, of that size; what they are is checked when they are read. */
static bool contents_there(const struct disk *disk, const struct disk_record *record)
{
	char name[NAME_SIZE];
	struct stat st;

	name_of('c', record->content, name);
	return fstatat(disk->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size >= 0 && (uint64_t)st.st_size == record->size;
}

static bool named_by_record(const struct disk *disk, const char *name)
{
	char right[NAME_SIZE];

	for (uint32_t i = 0; i < disk->count; i++) {
		name_of('c', disk->records[i].content, right);
		if (strcmp(name, right) == 0)
			return true;
	}
	return false;
}

/* Two rounds over the folder: records first, then what no record speaks of. */
static int scan(struct disk *disk, DIR *dir, bool sweep)
{
	struct dirent *entry;
	struct disk_record record;
	int r;

	rewinddir(dir);
	while (errno = 0, (entry = readdir(dir))) {
		const char *name = entry->d_name;
		bool bad = name[0] == 't' || name[0] == 'c';

		if (sweep) {
			if (name[0] == 't' || (name[0] == 'c' && !named_by_record(disk, name)))
				unlinkat(disk->dir, name, 0);
			continue;
		}
		if (bad || name[0] != 'r')
			continue;
		r = read_record(disk, name, &record);
		if (r == 0 && contents_there(disk, &record))
			r = push(disk, &record);
		else if (r == 0 || r == -EBADMSG || r == -ELOOP)
			r = unlinkat(disk->dir, name, 0) < 0 ? -errno : 0;
		if (r < 0)
			return r;
	}
	return errno ? -errno : 0;
}

int disk_open(int dir, uint64_t max_bytes, disk_hash *hash, int64_t now, struct disk **ret)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int r = 0;

	if (!disk || !list) {
		r = disk ? -errno : -ENOMEM;
		if (!list && copy >= 0)
			close(copy);
		if (list)
			closedir(list);
		free(disk);
		return r;
	}
	disk->dir = dir;
	disk->max_bytes = max_bytes;
	disk->hash = hash;
	r = scan(disk, list, false);
	if (r == 0) {
		make_room(disk, 0, NULL, now);
		r = scan(disk, list, true);
	}
	closedir(list);
	if (r < 0) {
		free(disk->records);
		free(disk);
		return r;
	}
	*ret = disk;
	return 0;
}

void disk_close(struct disk *disk)
{
	if (!disk)
		return;
	close(disk->dir);
	free(disk->records);
	free(disk);
}

const struct disk_record *disk_find(const struct disk *disk, const uint8_t key[DISK_KEY])
{
	return find(disk, key);
}

int disk_read(struct disk *disk, const uint8_t key[DISK_KEY], uint8_t **ret_data, size_t *ret_len)
{
	struct disk_record *record = find(disk, key);
	uint8_t content[DISK_KEY], *data;
	char name[NAME_SIZE];
	size_t n;
	int r;

	if (!record)
		return -ENOENT;
	name_of('c', record->content, name);
	r = read_all(disk->dir, name, disk->max_bytes, &data, &n);
	if (r == 0) {
		disk->hash(data, n, content);
		if (n != record->size || memcmp(content, record->content, DISK_KEY) != 0) {
			free(data);
			r = -EBADMSG;
		}
	}
	if (r == -ENOENT)
		r = -EBADMSG;
	if (r == -EBADMSG)
		drop(disk, record);
	if (r < 0)
		return r;
	*ret_data = data;
	*ret_len = n;
	return 0;
}

static int put_contents(struct disk *disk, const struct disk_record *record, const void *data,
			int64_t now)
{
	char name[NAME_SIZE];

	if (referenced(disk, record->content) && contents_there(disk, record))
		return 0;
	make_room(disk, record->size, record->content, now);
	name_of('c', record->content, name);
	return write_whole(disk, name, data, record->size);
}

int disk_put(struct disk *disk, const struct disk_record *given, const void *data, size_t len,
	     int64_t now)
{
	struct disk_record record = *given, *old;
	char name[NAME_SIZE];
	int r;

	if (len > disk->max_bytes)
		return -EFBIG;
	record.size = len;
	disk->hash(data, len, record.content);
	r = put_contents(disk, &record, data, now);
	if (r == 0)
		r = write_record(disk, &record);
	if (r < 0) {
		name_of('c', record.content, name);
		if (!referenced(disk, record.content))
			unlinkat(disk->dir, name, 0);
		return r;
	}
	old = find(disk, record.key);
	if (old) {
		uint8_t before[DISK_KEY];
		uint64_t size = old->size;

		memcpy(before, old->content, DISK_KEY);
		if (!referenced(disk, record.content))
			disk->bytes += record.size;
		*old = record;
		if (!referenced(disk, before)) {
			disk->bytes -= size;
			name_of('c', before, name);
			unlinkat(disk->dir, name, 0);
		}
		return 0;
	}
	return push(disk, &record);
}

int disk_touch(struct disk *disk, const uint8_t key[DISK_KEY], int64_t fetched, int64_t until)
{
	struct disk_record *record = find(disk, key), changed;
	int r;

	if (!record)
		return -ENOENT;
	changed = *record;
	changed.fetched = fetched;
	changed.until = until;
	r = write_record(disk, &changed);
	if (r == 0)
		*record = changed;
	return r;
}

void disk_drop(struct disk *disk, const uint8_t key[DISK_KEY])
{
	struct disk_record *record = find(disk, key);

	if (record)
		drop(disk, record);
}

uint32_t disk_count(const struct disk *disk)
{
	return disk->count;
}

uint64_t disk_bytes(const struct disk *disk)
{
	return disk->bytes;
}
