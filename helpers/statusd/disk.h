/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers kept on disk across restarts: contents under their own hash, once however many ask for
 * them; beside them small records that say what came from where. A torn write is seen and dropped. */
#ifndef HELPERS_STATUSD_DISK_H
#define HELPERS_STATUSD_DISK_H

#include <stddef.h>
#include <stdint.h>

#define DISK_KEY 32
#define DISK_TAG_MAX 128

/** SHA-256 of @n bytes; the library's, or a test's. */
typedef void disk_hash(const void *p, size_t n, uint8_t ret[DISK_KEY]);

/** What is known of an answer besides its bytes. */
struct disk_record {
	uint8_t key[DISK_KEY];	   /* who asked what: the caller's own */
	uint8_t content[DISK_KEY]; /* SHA-256 of the bytes */
	int64_t fetched;	   /* seconds since 1970 */
	int64_t until;		   /* last second at which it is of use */
	uint64_t size;
	char etag[DISK_TAG_MAX];     /* of the server, as @modified; "" = none */
	char modified[DISK_TAG_MAX];
};

struct disk;

/**
 * disk_open() - use the folder behind @dir (an O_DIRECTORY fd, taken over on success). Reads every record, and removes what
 * is torn, out of date at @now, unreferenced, or beyond the limit.
 * @max_bytes: of contents. Return: 0, -errno.
 */
int disk_open(int dir, uint64_t max_bytes, disk_hash *hash, int64_t now, struct disk **ret);
void disk_close(struct disk *disk);

/** disk_find() - the record with this key, or NULL; valid until the next call that changes. */
const struct disk_record *disk_find(const struct disk *disk, const uint8_t key[DISK_KEY]);

/**
 * disk_read() - the bytes that belong to a record, hashed anew. @ret_data: malloc()ed.
 * Return: 0; -ENOENT no such record; -EBADMSG the bytes were not what they were: record and bytes
 * are gone; -errno.
 */
int disk_read(struct disk *disk, const uint8_t key[DISK_KEY], uint8_t **ret_data,
	      size_t *ret_len);

/**
 * disk_put() - keep @data, in place of what @record->key had. @record: content and size are filled here.
 * What is out of date at @now, then what was fetched longest ago, makes room.
 * Return: 0; -EFBIG larger than the limit; -errno, as -ENOSPC, -EDQUOT: what was there before still is.
 */
int disk_put(struct disk *disk, const struct disk_record *record, const void *data, size_t len,
	     int64_t now);

/** disk_touch() - the same bytes count longer ("not modified"). 0, -ENOENT, -errno. */
int disk_touch(struct disk *disk, const uint8_t key[DISK_KEY], int64_t fetched, int64_t until);

void disk_drop(struct disk *disk, const uint8_t key[DISK_KEY]);

uint32_t disk_count(const struct disk *disk);
uint64_t disk_bytes(const struct disk *disk);

#endif
