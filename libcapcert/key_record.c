// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a key is for, on disk: one small text per key, written as a whole, read with distrust. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <capcert/vault.h>
#include "core/key_uri.h"

#define RECORD_MOST 2048
#define NAME_LEN 65 /* 64 hex digits */
#define FIRST_LINE "capcert-key 1\n"

static void hex_of(const uint8_t hash[32], char ret[NAME_LEN])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		ret[2 * i] = digits[hash[i] >> 4];
		ret[2 * i + 1] = digits[hash[i] & 15];
	}
	ret[NAME_LEN - 1] = '\0';
}

/* ---- text ---- */

/* "KEY VALUE\n" at *@text: the value, cut off. */
static const char *line(char **text, const char *key)
{
	size_t n = strlen(key);
	char *value = *text + n + 1, *end;

	if (strncmp(*text, key, n) || (*text)[n] != ' ')
		return NULL;
	end = strchr(value, '\n');
	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return value;
}

static bool number(const char *text, int64_t *ret)
{
	int64_t n = 0;

	if (!*text || strlen(text) > 15)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (*text - '0');
	}
	*ret = n;
	return true;
}

static bool uri_valid(const char *uri)
{
	if (strlen(uri) > CAPCERT_MAX_KEY_URI || strncmp(uri, "pkcs11:", 7))
		return false;
	for (; *uri; uri++)
		if (*uri <= ' ' || *uri > '~')
			return false;
	return true;
}

/* The order is fixed, nothing may be missing, and "end" stands last: half a record is none. */
static int parse(char *text, const uint8_t hash[32], struct capcert_key_record *ret)
{
	struct capcert_key_record record;
	char name[NAME_LEN];
	const char *value;

	hex_of(hash, name);
	if (strncmp(text, FIRST_LINE, sizeof(FIRST_LINE) - 1))
		return -EBADMSG;
	text += sizeof(FIRST_LINE) - 1;
	memset(&record, 0, sizeof(record));
	memcpy(record.spki_hash, hash, 32);
	value = line(&text, "key");
	if (!value || strcmp(value, name))
		return -EBADMSG;
	value = line(&text, "purposes");
	record.purposes = value ? cc_key_uses_parse(value, strlen(value)) : 0;
	if (!record.purposes)
		return -EBADMSG;
	value = line(&text, "by");
	if (!value || (strcmp(value, "generation") && strcmp(value, "import")))
		return -EBADMSG;
	record.imported = *value == 'i';
	value = line(&text, "created");
	if (!value || !number(value, &record.created))
		return -EBADMSG;
	value = line(&text, "uri");
	if (!value || !uri_valid(value))
		return -EBADMSG;
	strcpy(record.uri, value);
	if (strcmp(text, "end\n"))
		return -EBADMSG;
	*ret = record;
	return 0;
}

static int format(const struct capcert_key_record *record, char *buf, size_t cap)
{
	char name[NAME_LEN], purposes[CC_KEY_USES_TEXT_MAX];

	hex_of(record->spki_hash, name);
	cc_key_uses_format(record->purposes, purposes, sizeof(purposes));
	return snprintf(buf, cap,
			FIRST_LINE "key %s\npurposes %s\nby %s\ncreated %lld\nuri %s\nend\n", name,
			purposes, record->imported ? "import" : "generation",
			(long long)record->created, record->uri);
}

/* ---- files ---- */

/* Whoever may write it decides what the key is for. */
static int trusted(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (st.st_uid && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	return st.st_size > RECORD_MOST ? -EBADMSG : 0;
}

int capcert_key_record_read(int dir, const uint8_t spki_hash[32], struct capcert_key_record *ret)
{
	char name[NAME_LEN], text[RECORD_MOST + 1];
	ssize_t n = 0;
	size_t len = 0;
	int fd, r;

	hex_of(spki_hash, name);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	r = trusted(fd);
	while (r == 0 && len < RECORD_MOST && (n = read(fd, text + len, RECORD_MOST - len)) > 0)
		len += (size_t)n;
	if (r == 0 && n < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		return r;
	text[len] = '\0';
	/* A NUL inside would hide what stands behind it. */
	return strlen(text) == len ? parse(text, spki_hash, ret) : -EBADMSG;
}

static int put(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int replace(int dir, const char *name, const char *text, size_t len)
{
	char temp[NAME_LEN + 8];
	int fd, r;

	snprintf(temp, sizeof(temp), ".%s.new", name);
	if (unlinkat(dir, temp, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, 0644) < 0 ? -errno : put(fd, text, len);
	close(fd);
	if (r == 0 && renameat(dir, temp, dir, name) < 0)
		r = -errno;
	if (r == 0 && fsync(dir) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, temp, 0);
	return r;
}

int capcert_key_record_write(int dir, const struct capcert_key_record *record)
{
	struct capcert_key_record all = *record, before;
	char name[NAME_LEN], text[RECORD_MOST];
	int n, r;

	if (!record->purposes || (record->purposes & ~(uint32_t)CC_KEY_USES_ALL) ||
	    !uri_valid(record->uri) || record->created < 0)
		return -EINVAL;
	r = capcert_key_record_read(dir, record->spki_hash, &before);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0) {
		if (record->purposes & ~before.purposes)
			return -EACCES;
		all.created = before.created;
		all.imported = before.imported;
	}
	n = format(&all, text, sizeof(text));
	hex_of(record->spki_hash, name);
	return n < 0 || n >= RECORD_MOST ? -EINVAL : replace(dir, name, text, (size_t)n);
}

int capcert_key_record_remove(int dir, const uint8_t spki_hash[32])
{
	char name[NAME_LEN];

	hex_of(spki_hash, name);
	if (unlinkat(dir, name, 0) < 0)
		return -errno;
	return fsync(dir) < 0 ? -errno : 0;
}
