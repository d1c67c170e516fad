// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of slots out of files: what is put, and what of a directory is restored, or refused and why. The
 * kernel's calls are ours, and so is the owner of every file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <ftw.h>
#include <sys/stat.h>
#include "tests/pki.h"

#undef fail /* the tools have a function of that name */

/* ---- what the code under test calls ---- */

static uid_t owner;
static int put_error;
static char log_text[8192];    /* what was put, a line each */
static char failed_text[8192]; /* what was said, a line each */

static void note(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(char *to, const char *format, ...)
{
	size_t n = strlen(to);
	va_list list;

	va_start(list, format);
	vsnprintf(to + n, sizeof(log_text) - n, format, list);
	va_end(list);
}

static int our_fstat(int fd, struct stat *s)
{
	int r = fstat(fd, s);

	s->st_uid = owner;
	return r;
}

#define fstat our_fstat
#define capcert_slot_put our_put
#define capcert_slot_put_staple our_put_staple
#include "tools/file.c"
#include "tools/slot_files.c"
#undef fstat

int our_put(int slots_fd, const char *name, const struct capcert_slot_contents *c,
	    const uint64_t *expect, uint64_t *ret_version)
{
	note(log_text, "%s chain=%zu:%u staple=%zu scts=%zu key=%d expect=%d\n", name,
	     c->chain_count, c->chain_count ? c->chain[0].len : 0, c->staple_len, c->scts_len,
	     c->key_fd >= 0, expect ? (int)*expect : -1);
	*ret_version = 7;
	return put_error;
}

int our_put_staple(int slots_fd, const char *name, const uint8_t *staple, size_t len,
		   const uint64_t *expect, uint64_t *ret_version)
{
	note(log_text, "%s staple alone=%zu\n", name, len);
	*ret_version = 8;
	return put_error;
}

int ref_open(const char *word, uint32_t kind, uint64_t rights, int *ret_fd)
{
	note(log_text, "key %s\n", word);
	assert_int_equal(kind, CAPCERT_KIND_KEY);
	assert_true(rights & CAPCERT_RIGHT_SIGN && rights & CAPCERT_RIGHT_TRANSFER);
	if (!strcmp(word, "absent"))
		return fail(EXIT_TROUBLE, "no key %s", word);
	*ret_fd = open("/dev/null", O_RDONLY);
	return EXIT_DONE;
}

int32_t newkey(const char *type, const char *name, const char *text, const char *ring_word)
{
	note(log_text, "new %s %s %s\n", type, name, text);
	assert_null(ring_word);
	return strstr(text, "refused") ? 0 : 4711;
}

int fail(int status, const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	note(failed_text, "%s\n", line);
	return status;
}

int fail_errno(int error, const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	note(failed_text, "%s: %s\n", line, capcert_strerror(error));
	return EXIT_TROUBLE;
}

void advise(const char *format, ...)
{
}

int slot_failed(int error, const char *name)
{
	return fail_errno(error, "%s", name);
}

/* ---- a directory for each test ---- */

static char dir[32];
static struct pki *ca, *leaf;

static const char *in(const char *name)
{
	static char path[4][256];
	static unsigned int turn;
	char *to = path[turn++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

static void file_of(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in(name), 0644), 0);
}

static void text_of(const char *name, const char *text)
{
	file_of(name, text, strlen(text));
}

/* A folder of a slot, with its chain unless @bare. */
static void slot_of(const char *name, bool bare)
{
	char path[128];

	assert_int_equal(mkdir(in(name), 0755), 0);
	assert_int_equal(chmod(in(name), 0755), 0);
	snprintf(path, sizeof(path), "%s/chain.pem", name);
	if (!bare)
		file_of(path, leaf->der.data, leaf->der.size);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/slot_files.XXXXXX");
	owner = 0;
	put_error = 0;
	log_text[0] = failed_text[0] = 0;
	return mkdtemp(dir) && chmod(dir, 0755) == 0 ? 0 : -1;
}

static int gone(const char *path, const struct stat *s, int flag, struct FTW *at)
{
	return remove(path);
}

static int teardown(void **state)
{
	return nftw(dir, gone, 8, FTW_DEPTH | FTW_PHYS);
}

static void says(const char *text)
{
	if (!strstr(failed_text, text))
		print_error("does not say '%s': %s", text, failed_text);
	assert_non_null(strstr(failed_text, text));
}

static void puts_line(const char *text)
{
	if (!strstr(log_text, text))
		print_error("did not put '%s': %s", text, log_text);
	assert_non_null(strstr(log_text, text));
}

/* ---- put ---- */

static void put_of_files(void **state)
{
	struct slot_files files = { .chain = NULL };
	uint64_t version = 0, expect = 3;
	uint8_t both[8192];
	char want[200];

	memcpy(both, leaf->der.data, leaf->der.size);
	memcpy(both + leaf->der.size, ca->der.data, ca->der.size);
	file_of("chain", both, leaf->der.size + ca->der.size);
	text_of("staple", "12345");
	text_of("scts", "123");
	files = (struct slot_files){
		.chain = in("chain"), .staple = in("staple"), .scts = in("scts"), .key = "mine"
	};
	assert_int_equal(slot_put_files(5, "web", &files, &expect, &version), EXIT_DONE);
	assert_int_equal(version, 7);
	snprintf(want, sizeof(want), "web chain=2:%u staple=5 scts=3 key=1 expect=3",
		 leaf->der.size);
	puts_line(want);
	files = (struct slot_files){ .staple = in("staple"), .staple_only = true };
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_DONE);
	puts_line("web staple alone=5");
	assert_int_equal(version, 8);
	put_error = -EBADMSG;
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("web: ");
}

/* What cannot be read is not put in part. */
static void put_of_what_is_not_there(void **state)
{
	struct slot_files files;
	uint64_t version;

	file_of("chain", leaf->der.data, leaf->der.size);
	text_of("junk", "no certificate");
	files = (struct slot_files){ .chain = in("absent") };
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("absent: No such file");
	files.chain = in("junk");
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("junk: ");
	files.chain = in("chain");
	files.staple = in("no-staple");
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("no-staple: No such file");
	files.staple = NULL;
	files.scts = in("no-scts");
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("no-scts: No such file");
	files.scts = NULL;
	files.key = "absent";
	assert_int_equal(slot_put_files(5, "web", &files, NULL, &version), EXIT_TROUBLE);
	says("no key absent");
	assert_null(strstr(log_text, "web"));
}

/* ---- restore ---- */

static int restored(size_t *count)
{
	*count = 0;
	return slot_restore(5, dir, count);
}

static void all_of_a_directory(void **state)
{
	char want[100];
	size_t count;

	slot_of("web", true);
	slot_of("web/www.example.org", false);
	text_of("web/www.example.org/staple.der", "12345");
	text_of("web/www.example.org/scts.bin", "123");
	text_of("web/www.example.org/key", "pkcs11:object=web\nand a second line\n");
	slot_of("mail", false);
	text_of("mail/key", "1234\n");
	slot_of("*.example.org", false);
	text_of("README", "a file is no slot");
	assert_int_equal(symlink("mail", in("link")), 0);
	assert_int_equal(restored(&count), EXIT_DONE);
	assert_string_equal(failed_text, "");
	assert_int_equal(count, 3);
	snprintf(want, sizeof(want), "web/www.example.org chain=1:%u staple=5 scts=3 key=1",
		 leaf->der.size);
	puts_line(want);
	/* A URI is made a key of the slot's name, its number the word for it. */
	puts_line("new capkey web/www.example.org pkcs11:object=web\n");
	puts_line("key 4711\n");
	puts_line("key 1234\n");
	puts_line("*.example.org chain=1");
	assert_null(strstr(log_text, "link"));
}

/* Each of these leaves the others what they are. */
static void what_is_not_restored(void **state)
{
	static const struct {
		const char *slot, *file, *text, *says;
	} rows[] = {
		{ "staple", "staple/staple.der", "1",
		  "staple: there is a staple.der, and no chain" },
		{ "scts", "scts/scts.bin", "1", "scts: there is a scts.bin, and no chain" },
		{ "key", "key/key", "pkcs11:object=x", "key: there is a key, and no chain" },
		{ "junk", "junk/chain.pem", "no certificate", "certificate 1: not DER" },
		{ "new", "new/key", "pkcs11:object=refused", "" },
		{ "old", "old/key", "absent\n", "no key absent" },
	};
	size_t i, count;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool chain = rows[i].says[0] == 0 || !strcmp(rows[i].slot, "old");
		char below[64];

		slot_of(rows[i].slot, !chain);
		text_of(rows[i].file, rows[i].text);
		snprintf(below, sizeof(below), "%s/below", rows[i].slot);
		slot_of(below, false);
	}
	slot_of("a name", false);
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		says(rows[i].says);
	says("\na name: no name of a slot");
	says("junk: this slot is not restored");
	/* The slots below them were. */
	assert_int_equal(count, sizeof(rows) / sizeof(*rows));
	/* No key was made for a slot that is none. */
	assert_null(strstr(log_text, "object=x"));
	assert_null(strstr(log_text, "a name"));
}

static void whom_it_belongs_to(void **state)
{
	size_t count;

	slot_of("web", false);
	assert_int_equal(restored(&count), EXIT_DONE);
	assert_int_equal(chmod(in("web/chain.pem"), 0664), 0);
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says("web/chain.pem: not root's, or others may write it");
	assert_int_equal(chmod(in("web/chain.pem"), 0646), 0);
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	assert_int_equal(chmod(in("web/chain.pem"), 0644), 0);
	assert_int_equal(chmod(in("web"), 0777), 0);
	failed_text[0] = 0;
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says("web: not root's");
	assert_int_equal(chmod(in("web"), 0755), 0);
	owner = 1000;
	failed_text[0] = 0;
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says("the directory: not root's");
	assert_int_equal(count, 0);
	owner = 0;
	assert_int_equal(restored(&count), EXIT_DONE);
	assert_int_equal(count, 1);
}

/* Files that are none, and would wait or lead elsewhere. */
static void what_is_no_file(void **state)
{
	size_t count;

	slot_of("web", true);
	file_of("elsewhere", leaf->der.data, leaf->der.size);
	assert_int_equal(symlink("../elsewhere", in("web/chain.pem")), 0);
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says("web/chain.pem: ");
	assert_int_equal(unlink(in("web/chain.pem")), 0);
	assert_int_equal(mkfifo(in("web/chain.pem"), 0644), 0);
	failed_text[0] = 0;
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says("web/chain.pem: not a regular file");
	failed_text[0] = 0;
	count = 0;
	assert_int_equal(slot_restore(5, in("absent"), &count), EXIT_TROUBLE);
	says("absent: ");
	assert_int_equal(slot_restore(5, in("elsewhere"), &count), EXIT_TROUBLE);
	assert_int_equal(count, 0);
	assert_string_equal(log_text, "");
}

static void how_deep(void **state)
{
	char path[64] = "a";
	size_t count;
	int i;

	for (i = 0; i < DEPTH_MAX; i++) {
		slot_of(path, false);
		strcat(path, "/a");
	}
	assert_int_equal(restored(&count), EXIT_DONE);
	assert_int_equal(count, DEPTH_MAX);
	slot_of(path, false);
	assert_int_equal(restored(&count), EXIT_TROUBLE);
	says(": too deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(put_of_files),	  TEST(put_of_what_is_not_there),
		TEST(all_of_a_directory), TEST(what_is_not_restored),
		TEST(whom_it_belongs_to), TEST(what_is_no_file),
		TEST(how_deep),
	};
	struct pki_spec of_ca = { .cn = "CA", .ca = true };
	struct pki_spec of_leaf = { .cn = "www.example.org", .dns = { "www.example.org" } };

	ca = pki_make(&of_ca, NULL);
	leaf = pki_make(&of_leaf, ca);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
