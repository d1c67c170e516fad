// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Answers on disk: what comes back, what makes room, and what a power cut or a hand leaves behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <nettle/sha2.h>
#include "helpers/statusd/disk.h"

#define NOW 1000

static char folder[64];

static void sha256(const void *p, size_t n, uint8_t ret[DISK_KEY])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	sha256_digest(&ctx, DISK_KEY, ret);
}

static struct disk *open_at(uint64_t max, int64_t now)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct disk *disk;

	assert_return_code(dir, errno);
	assert_int_equal(disk_open(dir, max, sha256, now, &disk), 0);
	return disk;
}

static int put(struct disk *disk, uint8_t key, const char *data, int64_t fetched, int64_t until)
{
	struct disk_record record = { .fetched = fetched, .until = until, .etag = "\"e\"" };

	memset(record.key, key, DISK_KEY);
	return disk_put(disk, &record, data, strlen(data), NOW);
}

static void want(struct disk *disk, uint8_t key, const char *data)
{
	uint8_t bytes[DISK_KEY], *got;
	size_t n;

	memset(bytes, key, DISK_KEY);
	if (!data) {
		assert_null(disk_find(disk, bytes));
		assert_int_equal(disk_read(disk, bytes, &got, &n), -ENOENT);
		return;
	}
	assert_int_equal(disk_read(disk, bytes, &got, &n), 0);
	assert_int_equal(n, strlen(data));
	assert_memory_equal(got, data, n);
	free(got);
}

static int each_file(bool remove)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (remove)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	return n;
}

static int fresh(void **state)
{
	strcpy(folder, "/tmp/test-disk.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int gone(void **state)
{
	each_file(true);
	return rmdir(folder);
}

static void test_comes_back(void **state)
{
	struct disk *disk = open_at(1000, NOW);

	assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
	assert_int_equal(put(disk, 2, "two", NOW, NOW + 10), 0);
	assert_int_equal(put(disk, 3, "", NOW, NOW + 10), 0);
	want(disk, 1, "one");
	want(disk, 3, "");
	want(disk, 4, NULL);
	disk_close(disk);
	disk = open_at(1000, NOW + 10); /* the last second */
	assert_int_equal(disk_count(disk), 3);
	assert_int_equal(disk_bytes(disk), 6);
	want(disk, 1, "one");
	want(disk, 2, "two");
	disk_close(disk);
	disk = open_at(1000, NOW + 11);
	assert_int_equal(disk_count(disk), 0);
	assert_int_equal(disk_bytes(disk), 0);
	assert_int_equal(each_file(false), 0);
	disk_close(disk);
}

static void test_shared_contents(void **state)
{
	struct disk *disk = open_at(1000, NOW);
	uint8_t key[DISK_KEY];

	assert_int_equal(put(disk, 1, "same", NOW, NOW + 10), 0);
	assert_int_equal(put(disk, 2, "same", NOW, NOW + 10), 0);
	assert_int_equal(disk_bytes(disk), 4);
	assert_int_equal(each_file(false), 3);
	memset(key, 1, sizeof(key));
	disk_drop(disk, key);
	want(disk, 1, NULL);
	want(disk, 2, "same");
	assert_int_equal(put(disk, 2, "other", NOW, NOW + 10), 0);
	want(disk, 2, "other");
	assert_int_equal(disk_bytes(disk), 5);
	assert_int_equal(each_file(false), 2);
	assert_int_equal(put(disk, 2, "other", NOW + 1, NOW + 20), 0);
	assert_int_equal(disk_bytes(disk), 5);
	assert_int_equal(disk_touch(disk, key, NOW, NOW), -ENOENT);
	memset(key, 2, sizeof(key));
	assert_int_equal(disk_touch(disk, key, NOW + 2, NOW + 30), 0);
	disk_close(disk);
	disk = open_at(1000, NOW + 30);
	want(disk, 2, "other");
	assert_int_equal(disk_find(disk, key)->fetched, NOW + 2);
	assert_string_equal(disk_find(disk, key)->etag, "\"e\"");
	disk_close(disk);
}

static void test_room(void **state)
{
	struct disk *disk = open_at(10, NOW);

	assert_int_equal(put(disk, 1, "aaaa", NOW + 3, NOW + 100), 0);
	assert_int_equal(put(disk, 2, "bbbb", NOW + 2, NOW + 100), 0);
	assert_int_equal(put(disk, 3, "cccc", NOW + 4, NOW + 100), 0); /* 2 is the oldest */
	want(disk, 1, "aaaa");
	want(disk, 2, NULL);
	want(disk, 3, "cccc");
	assert_int_equal(put(disk, 4, "dddddddddd", NOW + 5, NOW + 100), 0);
	assert_int_equal(disk_count(disk), 1);
	assert_int_equal(put(disk, 5, "eeeeeeeeeee", NOW, NOW + 100), -EFBIG);
	want(disk, 4, "dddddddddd");
	assert_int_equal(disk_bytes(disk), 10);
	disk_close(disk);
	disk = open_at(9, NOW); /* a lower limit takes effect at the start */
	assert_int_equal(disk_count(disk), 0);
	assert_int_equal(each_file(false), 0);
	disk_close(disk);
}

static void damage(char kind, size_t at, bool cut)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] != kind)
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDWR);
		assert_return_code(fd, errno);
		if (cut)
			assert_int_equal(ftruncate(fd, (off_t)at), 0);
		else
			assert_int_equal(pwrite(fd, "\xa5", 1, (off_t)at), 1);
		close(fd);
	}
	closedir(dir);
}

/* Wherever a record was torn or changed, it is gone at the next start, and its contents with it. */
static void test_torn_record(void **state)
{
	for (size_t at = 0; at < 248; at += 5) {
		for (int cut = 0; cut < 2; cut++) {
			struct disk *disk = open_at(1000, NOW);

			assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
			disk_close(disk);
			damage('r', at, cut);
			disk = open_at(1000, NOW);
			assert_int_equal(disk_count(disk), 0);
			assert_int_equal(each_file(false), 0);
			disk_close(disk);
		}
	}
}

static void test_torn_contents(void **state)
{
	struct disk *disk = open_at(1000, NOW);
	uint8_t key[DISK_KEY], *data;
	size_t n;

	memset(key, 1, sizeof(key));
	assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
	disk_close(disk);
	damage('c', 1, true); /* another size is seen at the start */
	disk = open_at(1000, NOW);
	assert_int_equal(disk_count(disk), 0);
	assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
	damage('c', 1, false); /* other bytes when they are read */
	assert_int_equal(disk_read(disk, key, &data, &n), -EBADMSG);
	want(disk, 1, NULL);
	assert_int_equal(each_file(false), 0);
	assert_int_equal(disk_bytes(disk), 0);
	disk_close(disk);
}

/* What a write that did not finish leaves, and what does not belong there. */
static void test_leftovers(void **state)
{
	struct disk *disk = open_at(1000, NOW);
	char path[128];
	int fd;

	assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
	disk_close(disk);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, i ? "c00ff" : "t17");
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		assert_return_code(fd, errno);
		close(fd);
	}
	snprintf(path, sizeof(path), "%s/r-link", folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	disk = open_at(1000, NOW);
	want(disk, 1, "one");
	assert_int_equal(each_file(false), 2);
	disk_close(disk);
}

/* The disk is full before the first octet, or after some: what was there stays, and nothing half is left. */
static void test_full(void **state)
{
	const size_t sizes[] = { 0, 1, 400, 599, 600 };
	char big[601];
	struct disk *disk = open_at(4000, NOW);
	struct rlimit before, most;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(put(disk, 1, "one", NOW, NOW + 10), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		most = before;
		most.rlim_cur = sizes[i];
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &most), 0);
		big[0]++; /* contents of its own each time */
		if (sizes[i] < 600)
			assert_int_equal(put(disk, 1, big, NOW, NOW + 10), -EFBIG);
		else
			assert_int_equal(put(disk, 1, big, NOW, NOW + 10), 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		want(disk, 1, sizes[i] < 600 ? "one" : big);
		assert_int_equal(each_file(false), 2);
	}
	/* The contents fit, their record does not. */
	most.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &most), 0);
	assert_int_equal(put(disk, 1, "two", NOW, NOW + 10), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(each_file(false), 2);
	disk_close(disk);
	disk = open_at(4000, NOW);
	want(disk, 1, big);
	disk_close(disk);
}

/* Puts without end, each of contents that say which key they are of. */
static void put_for_ever(void)
{
	struct disk *disk = open_at(100000, NOW);
	char data[2000];

	for (uint32_t i = 0;; i++) {
		memset(data, 'a' + (int)(i % 5), sizeof(data));
		snprintf(data + 1000, 900, "%u", i);
		put(disk, (uint8_t)(i % 5), data, NOW, NOW + 10);
	}
}

/* Killed at any moment: what is there afterwards is whole, and the next life works. */
static void test_killed(void **state)
{
	for (int round = 0; round < 20; round++) {
		const struct timespec moment = { 0, 1000000 + round * 700001 };
		pid_t child = fork();
		struct disk *disk;
		int status;

		if (child == 0)
			put_for_ever();
		assert_true(child > 0);
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		disk = open_at(100000, NOW);
		for (uint8_t key = 0; key < 5; key++) {
			uint8_t bytes[DISK_KEY], *data;
			size_t n;

			memset(bytes, key, DISK_KEY);
			if (!disk_find(disk, bytes))
				continue;
			assert_int_equal(disk_read(disk, bytes, &data, &n), 0);
			assert_int_equal(data[0], 'a' + key);
			free(data);
		}
		assert_int_equal(each_file(false), 2 * disk_count(disk));
		assert_int_equal(put(disk, 9, "nine", NOW, NOW + 10), 0);
		disk_close(disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_comes_back, fresh, gone),
		cmocka_unit_test_setup_teardown(test_shared_contents, fresh, gone),
		cmocka_unit_test_setup_teardown(test_room, fresh, gone),
		cmocka_unit_test_setup_teardown(test_torn_record, fresh, gone),
		cmocka_unit_test_setup_teardown(test_torn_contents, fresh, gone),
		cmocka_unit_test_setup_teardown(test_leftovers, fresh, gone),
		cmocka_unit_test_setup_teardown(test_full, fresh, gone),
		cmocka_unit_test_setup_teardown(test_killed, fresh, gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
