// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records of what keys are for: what is read can be written, and reads the same again. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/vault.h>

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static const uint8_t hash[32];
static char path[] = "/tmp/capcert-fuzz-XXXXXX";
static int dir = -1;

static void leave(void)
{
	capcert_key_record_remove(dir, hash);
	rmdir(path);
}

static void put(const uint8_t *data, size_t size)
{
	char name[65];
	int fd;

	memset(name, '0', 64);
	name[64] = '\0';
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capcert_key_record record, again;

	if (dir < 0) {
		CHECK(mkdtemp(path));
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(dir >= 0);
		atexit(leave);
	}
	put(data, size);
	if (capcert_key_record_read(dir, hash, &record))
		return 0;
	CHECK(record.purposes && !memcmp(record.spki_hash, hash, sizeof(hash)));
	CHECK(!strncmp(record.uri, "pkcs11:", 7));
	CHECK(!capcert_key_record_write(dir, &record));
	CHECK(!capcert_key_record_read(dir, hash, &again));
	CHECK(again.purposes == record.purposes && again.created == record.created &&
	      again.imported == record.imported && !strcmp(again.uri, record.uri));
	return 0;
}
