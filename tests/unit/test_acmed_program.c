// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs of exec solvers: what they are given, and every way in which they can end or not end; the requests that
 * an installer signs; what makes two orders the same. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/csr.h"
#include "helpers/acmed/program.h"
#include "helpers/acmed/recipe.h"

#define PATIENCE 120 /* seconds that no machine needs */

static char dir[] = "/tmp/acmed-program.XXXXXX";
static char error[256];

static const char *in_dir(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir(name), mode), 0);
}

static char *read_file(const char *name)
{
	static char text[8192];
	FILE *f = fopen(in_dir(name), "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* @script: sh, in @dir. */
static int run(const char *script, const char *text, uint32_t seconds)
{
	char whole[2000];

	snprintf(whole, sizeof(whole), "#!/bin/sh\ncd %s || exit 99\n%s\n", dir, script);
	write_file("program", whole, 0700);
	error[0] = '\0';
	return program_run(in_dir("program"), text, seconds, error);
}

static void ends(void **state)
{
	(void)state;
	assert_int_equal(run("exit 0", "{}", PATIENCE), 0);
	assert_string_equal(error, "");
	assert_int_equal(run("exit 3", "{}", PATIENCE), -EREMOTEIO);
	assert_non_null(strstr(error, "exited with 3"));
	assert_int_equal(run("kill -9 $$", "{}", PATIENCE), -EREMOTEIO);
	assert_non_null(strstr(error, "signal 9"));
	/* Signals that we ignore are theirs again. */
	signal(SIGTERM, SIG_IGN);
	assert_int_equal(run("kill -TERM $$; exit 0", "{}", PATIENCE), -EREMOTEIO);
	signal(SIGTERM, SIG_DFL);
	assert_non_null(strstr(error, "signal 15"));
	assert_int_equal(program_run(in_dir("absent"), "{}", PATIENCE, error), -ENOENT);
	assert_non_null(strstr(error, "cannot be run"));
	write_file("plain", "#!/bin/sh\n", 0600);
	assert_int_equal(program_run(in_dir("plain"), "{}", PATIENCE, error), -EACCES);
}

/* Text that a shell would take apart is one text, on standard input alone. */
static void what_it_gets(void **state)
{
	static const char text[] = "{\"a\":\"$(touch bad) `touch bad` ; | & ' \\\" \\n\"}";
	int fd = open("/dev/null", O_RDONLY); /* inherited, if it were not closed */

	(void)state;
	assert_true(fd >= 0);
	setenv("SECRET", "x", 1);
	assert_int_equal(
		run("cat >in; echo $# >args; env >env; ls /proc/$$/fd >fds", text, PATIENCE), 0);
	close(fd);
	assert_string_equal(read_file("in"), text);
	assert_int_equal(access(in_dir("bad"), F_OK), -1);
	assert_string_equal(read_file("args"), "0\n");
	assert_null(strstr(read_file("env"), "SECRET"));
	assert_non_null(strstr(read_file("env"), "PATH=/usr/local/sbin:"));
	/* 10 is sh's own, of the script. */
	assert_memory_equal(read_file("fds"), "0\n1\n", 4);
	for (const char *p = read_file("fds"); *p; p = strchr(p, '\n') + 1)
		assert_true(atoi(p) <= 2 || atoi(p) >= 10);
}

static void does_not_read(void **state)
{
	char *text = malloc(1 << 20);

	(void)state;
	memset(text, 'x', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	assert_int_equal(run("exit 0", text, PATIENCE), 0);
	assert_int_equal(run("head -c 10 >/dev/null; exit 0", text, PATIENCE), 0);
	free(text);
}

/* The whole group: also what it has started. */
static void takes_too_long(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(run("sleep 1000 & echo $! >child; wait", "{}", 1), -ETIMEDOUT);
	assert_non_null(strstr(error, "did not end within 1 s"));
	pid = (pid_t)atoi(read_file("child"));
	assert_true(pid > 1);
	for (int i = 0; i < PATIENCE * 100 && kill(pid, 0) == 0; i++) {
		char path[64], stat[200] = "";
		FILE *f;

		/* Nobody may be there to wait for it. */
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "r");
		if (!f || !fgets(stat, sizeof(stat), f) || strstr(stat, ") Z")) {
			if (f)
				fclose(f);
			return;
		}
		fclose(f);
		usleep(10000);
	}
	assert_int_equal(kill(pid, 0), -1);
}

/* The same, by a process of its own, which ends with us. */
static void by_a_runner(void **state)
{
	char want[400];
	int runner, status;

	(void)state;
	assert_int_equal(run("cat >in; exit 0", "{}", PATIENCE), 0);
	runner = program_runner(in_dir("program"), 1);
	assert_true(runner >= 0);
	memset(error, 'x', sizeof(error));
	assert_int_equal(program_ask(runner, "{\"one\":1}", error), 0);
	assert_string_equal(error, "");
	assert_string_equal(read_file("in"), "{\"one\":1}");
	assert_int_equal(run("exit 3", "{}", PATIENCE), -EREMOTEIO);
	assert_int_equal(program_ask(runner, "{}", error), -EREMOTEIO);
	snprintf(want, sizeof(want), "%s exited with 3: see the log", in_dir("program"));
	assert_string_equal(error, want);
	assert_int_equal(run("sleep 1000", "{}", 1), -ETIMEDOUT);
	assert_int_equal(program_ask(runner, "{}", error), -ETIMEDOUT);
	close(runner);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

static void as_json(void **state)
{
	uint8_t digest[32] = { 0xa5, 0x01 };
	struct challenge c = { .type = CONF_DNS_01,
			       .wildcard = true,
			       .identifier = "example.org",
			       .token = "tok\"en",
			       .key_authorization = "tok.thumb",
			       .record = "_acme-challenge.example.org",
			       .text = "text",
			       .digest = digest };
	char *text = program_text("publish", &c);
	json_t *o = json_loads(text, 0, NULL), *id;

	(void)state;
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "action")), "publish");
	assert_string_equal(json_string_value(json_object_get(o, "type")), "dns-01");
	id = json_object_get(o, "identifier");
	assert_string_equal(json_string_value(json_object_get(id, "type")), "dns");
	assert_string_equal(json_string_value(json_object_get(id, "value")), "example.org");
	assert_true(json_is_true(json_object_get(o, "wildcard")));
	assert_string_equal(json_string_value(json_object_get(o, "token")), "tok\"en");
	assert_string_equal(json_string_value(json_object_get(o, "text")), "text");
	assert_memory_equal(json_string_value(json_object_get(o, "digest")), "a50100", 6);
	assert_int_equal(json_string_length(json_object_get(o, "digest")), 64);
	json_decref(o);
	free(text);
}

/* CertificationRequestInfo: INTEGER 0, SEQUENCE name, the key, [0] attributes. */
static void requests(void **state)
{
	static const uint8_t spki[] = { 0x30, 0x03, 0x03, 0x01, 0x00 };
	static const uint8_t good[] = { 0x30, 0x0c, 0x02, 0x01, 0x00, 0x30, 0x00,
					0x30, 0x03, 0x03, 0x01, 0x00, 0xa0, 0x00 };
	uint8_t bad[sizeof(good) + 1];

	(void)state;
	assert_true(csr_is_for(good, sizeof(good), spki, sizeof(spki)));
	for (size_t n = 0; n < sizeof(good); n++)
		assert_false(csr_is_for(good, n, spki, sizeof(spki)));
	memcpy(bad, good, sizeof(good));
	bad[sizeof(good)] = 0;
	assert_false(csr_is_for(bad, sizeof(bad), spki, sizeof(spki)));
	/* No octet of it but is looked at. */
	for (size_t i = 0; i < sizeof(good); i++) {
		memcpy(bad, good, sizeof(good));
		bad[i] ^= 1;
		assert_false(csr_is_for(bad, sizeof(good), spki, sizeof(spki)));
	}
	assert_false(csr_is_for(good, sizeof(good), spki, 4));
	assert_false(csr_is_for((const uint8_t *)"\x30\x81\x0c", 3, spki, sizeof(spki)));
	assert_false(csr_is_for((const uint8_t *)"\x30\x80", 2, spki, sizeof(spki)));
}

static void recipes(void **state)
{
	struct conf_name names[2] = { { .text = (char *)"a.example" },
				      { .text = (char *)"b.example" } },
			 turned[2];
	struct conf_ca cas[2] = { { .directory = (char *)"https://one/" },
				  { .directory = (char *)"https://two/" } };
	struct conf_cert cert = { .names = names, .name_count = 2 };
	struct conf c = { .cas = cas, .ca_count = 2, .certs = &cert, .cert_count = 1 };
	uint8_t key[32] = { 1 }, first[32], r[32];

	(void)state;
	recipe_of(&c, 0, key, first);
	turned[0] = names[1];
	turned[1] = names[0];
	cert.names = turned;
	recipe_of(&c, 0, key, r);
	assert_memory_equal(first, r, 32);
	cert.name_count = 1;
	recipe_of(&c, 0, key, r);
	assert_memory_not_equal(first, r, 32);
	cert.name_count = 2;
	cert.ca = 1;
	recipe_of(&c, 0, key, r);
	assert_memory_not_equal(first, r, 32);
	cert.ca = 0;
	cert.profile = (char *)"short";
	recipe_of(&c, 0, key, r);
	assert_memory_not_equal(first, r, 32);
	cert.profile = NULL;
	cert.must_staple = true;
	recipe_of(&c, 0, key, r);
	assert_memory_not_equal(first, r, 32);
	cert.must_staple = false;
	key[0] = 2;
	recipe_of(&c, 0, key, r);
	assert_memory_not_equal(first, r, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),		 cmocka_unit_test(what_it_gets),
		cmocka_unit_test(does_not_read), cmocka_unit_test(takes_too_long),
		cmocka_unit_test(by_a_runner),	 cmocka_unit_test(as_json),
		cmocka_unit_test(requests),	 cmocka_unit_test(recipes),
	};
	static const char *const files[] = {
		"program", "plain", "in", "args", "env", "fds", "child"
	};
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = cmocka_run_group_tests_name("acmed/program", tests, NULL, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(in_dir(files[i]));
	rmdir(dir);
	return r;
}
