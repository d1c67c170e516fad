// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records of what keys are for: written, narrowed, never widened; half a record is none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <capcert/vault.h>

#define URI "pkcs11:token=alpha;object=web"
#define NAME "abababababababababababababababababababababababababababababababab"

static const struct capcert_key_record web = {
	.spki_hash = { 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab,
		       0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab,
		       0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab },
	.purposes = 1u << CAPCERT_KEY_TLS_SERVER | 1u << CAPCERT_KEY_TLS_CLIENT,
	.imported = true,
	.created = 1764201600,
	.uri = URI,
};

static const char text[] = "capcert-key 1\nkey " NAME "\npurposes tls-server,tls-client\n"
			   "by import\ncreated 1764201600\nuri " URI "\nend\n";

static char path[] = "/tmp/capcert-records-XXXXXX";
static int dir;

static int setup(void **state)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct dirent *e;
	DIR *d = fdopendir(dir);

	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(path);
}

static void put(const char *bytes, size_t len, mode_t mode)
{
	int fd = openat(dir, NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int get(struct capcert_key_record *ret)
{
	return capcert_key_record_read(dir, web.spki_hash, ret);
}

static void test_write(void **state)
{
	struct capcert_key_record got, made = web;
	char buf[4096];
	ssize_t n;
	int fd;

	assert_int_equal(get(&got), -ENOENT);
	assert_int_equal(capcert_key_record_remove(dir, web.spki_hash), -ENOENT);
	assert_int_equal(capcert_key_record_write(dir, &web), 0);
	fd = openat(dir, NAME, O_RDONLY);
	n = read(fd, buf, sizeof(buf));
	close(fd);
	assert_int_equal(n, (ssize_t)strlen(text));
	assert_memory_equal(buf, text, strlen(text));
	memset(&got, 0, sizeof(got));
	assert_int_equal(get(&got), 0);
	assert_memory_equal(&got, &web, sizeof(got));
	assert_int_equal(capcert_key_record_remove(dir, web.spki_hash), 0);
	assert_int_equal(get(&got), -ENOENT);
	made.imported = false;
	made.purposes = 0x1ff;
	assert_int_equal(capcert_key_record_write(dir, &made), 0);
	assert_int_equal(get(&got), 0);
	assert_memory_equal(&got, &made, sizeof(got));
}

static void test_narrow(void **state)
{
	struct capcert_key_record got, next = web;

	assert_int_equal(capcert_key_record_write(dir, &web), 0);
	next.purposes |= 1u << CAPCERT_KEY_CA_SIGN;
	assert_int_equal(capcert_key_record_write(dir, &next), -EACCES);
	next.purposes = 1u << CAPCERT_KEY_CA_SIGN;
	assert_int_equal(capcert_key_record_write(dir, &next), -EACCES);
	assert_int_equal(get(&got), 0);
	assert_memory_equal(&got, &web, sizeof(got));
	next.purposes = 1u << CAPCERT_KEY_TLS_CLIENT;
	next.created = 1;
	next.imported = false;
	assert_int_equal(capcert_key_record_write(dir, &next), 0);
	assert_int_equal(get(&got), 0);
	assert_int_equal(got.purposes, 1u << CAPCERT_KEY_TLS_CLIENT);
	assert_int_equal(got.created, web.created);
	assert_true(got.imported);
	assert_int_equal(capcert_key_record_write(dir, &web), -EACCES);
}

static void test_arguments(void **state)
{
	struct capcert_key_record bad = web;

	bad.purposes = 0;
	assert_int_equal(capcert_key_record_write(dir, &bad), -EINVAL);
	bad.purposes = 1u << CAPCERT_KEY_PURPOSES;
	assert_int_equal(capcert_key_record_write(dir, &bad), -EINVAL);
	bad = web;
	strcpy(bad.uri, "pkcs11:token=a\nend\n");
	assert_int_equal(capcert_key_record_write(dir, &bad), -EINVAL);
	strcpy(bad.uri, "file:/etc/shadow");
	assert_int_equal(capcert_key_record_write(dir, &bad), -EINVAL);
	bad = web;
	bad.created = -1;
	assert_int_equal(capcert_key_record_write(dir, &bad), -EINVAL);
	assert_int_equal(faccessat(dir, NAME, F_OK, 0), -1);
	assert_int_equal(capcert_key_record_write(-1, &web), -EBADF);
}

/* Every prefix, and every single octet changed, is either no record or the same one. */
static void test_corrupt(void **state)
{
	struct capcert_key_record got;
	char buf[sizeof(text) + 4096];

	for (size_t n = 0; n < strlen(text); n++) {
		put(text, n, 0644);
		assert_int_equal(get(&got), -EBADMSG);
	}
	for (size_t i = 0; i < strlen(text); i++) {
		int r;

		strcpy(buf, text);
		buf[i] = buf[i] == 'x' ? 'y' : 'x';
		put(buf, strlen(buf), 0644);
		r = get(&got);
		/* The URI is for people. */
		assert_true(r == -EBADMSG ||
			    (r == 0 && got.purposes == web.purposes && got.created == web.created));
	}
	strcpy(buf, text);
	strcat(buf, "end\n");
	put(buf, strlen(buf), 0644);
	assert_int_equal(get(&got), -EBADMSG);
	put(text, sizeof(text), 0644); /* a NUL behind it */
	assert_int_equal(get(&got), -EBADMSG);
	memset(buf, 'a', sizeof(buf));
	put(buf, sizeof(buf), 0644);
	assert_int_equal(get(&got), -EBADMSG);
	/* What is there and cannot be read is not written over either. */
	assert_int_equal(capcert_key_record_write(dir, &web), -EBADMSG);
}

static void test_trust(void **state)
{
	struct capcert_key_record got;

	put(text, strlen(text), 0664);
	assert_int_equal(get(&got), -EPERM);
	put(text, strlen(text), 0646);
	assert_int_equal(get(&got), -EPERM);
	assert_int_equal(capcert_key_record_write(dir, &web), -EPERM);
	put(text, strlen(text), 0644);
	assert_int_equal(get(&got), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(dir, NAME, 65534, 65534, 0), 0);
		assert_int_equal(get(&got), -EPERM);
	}
	assert_int_equal(unlinkat(dir, NAME, 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", dir, NAME), 0);
	assert_int_equal(get(&got), -EPERM);
	assert_int_equal(unlinkat(dir, NAME, 0), 0);
	assert_int_equal(mkfifoat(dir, NAME, 0600), 0);
	assert_int_equal(get(&got), -EPERM);
}

/* A directory where the new file would stand: nothing has changed, nothing is left behind. */
static void test_write_fails(void **state)
{
	struct capcert_key_record got, next = web;

	assert_int_equal(capcert_key_record_write(dir, &web), 0);
	next.purposes = 1u << CAPCERT_KEY_TLS_CLIENT;
	assert_int_equal(mkdirat(dir, "." NAME ".new", 0700), 0);
	assert_int_equal(capcert_key_record_write(dir, &next), -EISDIR);
	assert_int_equal(unlinkat(dir, "." NAME ".new", AT_REMOVEDIR), 0);
	assert_int_equal(get(&got), 0);
	assert_int_equal(got.purposes, web.purposes);
	/* One that a crash left there is no obstacle. */
	assert_int_equal(symlinkat("/etc/passwd", dir, "." NAME ".new"), 0);
	assert_int_equal(capcert_key_record_write(dir, &next), 0);
	assert_int_equal(get(&got), 0);
	assert_int_equal(got.purposes, next.purposes);
	assert_int_equal(faccessat(dir, "." NAME ".new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_narrow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_corrupt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trust, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_fails, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
