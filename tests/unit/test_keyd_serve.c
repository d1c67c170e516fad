// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The keeper's answers, with a real token: signatures, and everything it must refuse although the kernel
 * let it pass. The kernel is played by this file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>
#include <capcert/key.h>
#include <capcert/pubkey.h>
#include "helpers/keyd/pin.h"
#include "helpers/keyd/serve.h"
#include "tests/unit/softhsm.h"

#define TOKEN "pkcs11:token=alpha"
#define BIT(name) (1u << CAPCERT_KEY_##name)

static struct softhsm hsm;
static struct server server;
static char last_line[1500];
static struct capcert_vault_key web, ca;

static struct {
	struct capcert_agent_reply head;
	uint8_t data[SERVE_MAX_BODY];
} reply;

static void log_it(const char *line)
{
	snprintf(last_line, sizeof(last_line), "%s", line);
}

static int pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
{
	memcpy(buf, SOFTHSM_PIN, 4);
	return 4;
}

/* ---- requests ---- */

static union {
	struct capcert_agent_request head;
	uint8_t bytes[16384];
} wire;

static void begin(uint32_t op, uint32_t purpose, uint32_t scheme)
{
	memset(&wire, 0, sizeof(wire));
	wire.head.size = sizeof(wire.head);
	wire.head.op = op;
	wire.head.id = 77;
	wire.head.purpose = purpose;
	wire.head.scheme = scheme;
}

static void item(const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;

	memcpy(wire.bytes + wire.head.size, &len, sizeof(len));
	memcpy(wire.bytes + wire.head.size + 4, p, n);
	wire.head.size += (uint32_t)(4 + ((n + 3) & ~(size_t)3));
	wire.head.item_count++;
}

/* Return: the reply's error, after a look at its form. */
static int ask(void)
{
	*last_line = '\0';
	memset(&reply, 0xaa, sizeof(reply));
	assert_int_equal(serve(&server, wire.bytes, wire.head.size, &reply.head), 0);
	assert_int_equal(reply.head.id, 77);
	assert_int_equal(reply.head.size, sizeof(reply.head) + reply.head.data_len);
	assert_int_equal(reply.head.path_count, 0);
	assert_int_equal(reply.head.valid, 1);
	assert_int_equal(reply.head.reason, CAPCERT_REASON_NONE);
	assert_int_equal(reply.head.reserved, 0);
	assert_true((reply.head.error == 0) == (reply.head.data_len > 0));
	return reply.head.error;
}

static int open_key(const char *uri, uint32_t wanted)
{
	begin(CAPCERT_AGENT_OP_KEY_OPEN, wanted, 0);
	item(uri, strlen(uri));
	return ask();
}

static int sign(const struct capcert_vault_key *key, uint32_t op, uint32_t purpose, uint32_t scheme,
		const void *data, size_t n)
{
	begin(op, purpose, scheme);
	item(key->uri, strlen(key->uri));
	item(key->spki, key->spki_len);
	item(data, n);
	return ask();
}

#define SIGN CAPCERT_AGENT_OP_SIGN
#define DIGEST CAPCERT_AGENT_OP_SIGN_DIGEST

/* ---- records ---- */

static void record(const struct capcert_vault_key *key, uint32_t purposes)
{
	struct capcert_key_record r = { .purposes = purposes, .created = 1764201600 };

	memcpy(r.spki_hash, key->spki_hash, 32);
	strcpy(r.uri, key->uri);
	capcert_key_record_remove(server.records, key->spki_hash);
	assert_int_equal(capcert_key_record_write(server.records, &r), 0);
}

static int setup_all(void **state)
{
	const struct capcert_vault_options options = { .pin = pin, .modules = NULL };
	struct capcert_vault_options o = options;
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	const char *modules[] = { hsm.path };
	char path[128];

	if (softhsm_new(&hsm) < 0)
		return 0;
	if (hsm.f->C_Initialize(&args) != CKR_OK || softhsm_token(&hsm, "alpha") < 0 ||
	    hsm.f->C_Finalize(NULL) != CKR_OK)
		return -1;
	o.modules = modules;
	o.module_count = 1;
	snprintf(path, sizeof(path), "%s/records", hsm.dir);
	mkdir(path, 0755);
	server.records = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	server.log = log_it;
	if (server.records < 0 || capcert_vault_new(&o, &server.vault) < 0)
		return -1;
	return capcert_vault_generate(server.vault, TOKEN, CAPCERT_VAULT_P256, 0, "web", &web) <
				       0 ||
			       capcert_vault_generate(server.vault, TOKEN, CAPCERT_VAULT_P256, 0,
						      "ca", &ca) < 0
		       ? -1
		       : 0;
}

static int teardown_all(void **state)
{
	capcert_vault_free(server.vault);
	softhsm_free(&hsm);
	return 0;
}

static int setup(void **state)
{
	if (!hsm.f)
		skip(); /* softhsm2 is not installed */
	record(&web, BIT(TLS_SERVER) | BIT(TLS_CLIENT));
	record(&ca, BIT(CA_SIGN));
	return 0;
}

static void test_open(void **state)
{
	struct capcert_agent_key *key = (void *)reply.data;

	assert_int_equal(open_key(web.uri, BIT(TLS_SERVER)), 0);
	assert_int_equal(key->size, sizeof(*key));
	assert_int_equal(key->purposes, BIT(TLS_SERVER));
	assert_int_equal(key->source, CAPCERT_KEY_SOFTHSM_DEV);
	assert_int_equal(key->created, 1764201600);
	assert_int_equal(key->spki_len, web.spki_len);
	assert_memory_equal(key + 1, web.spki, web.spki_len);
	/* What was never recorded is not given, whatever is wanted. */
	assert_int_equal(open_key(web.uri, 0x1ff), 0);
	assert_int_equal(key->purposes, BIT(TLS_SERVER) | BIT(TLS_CLIENT));
	assert_int_equal(open_key(web.uri, BIT(CA_SIGN)), -EACCES);
	capcert_key_record_remove(server.records, web.spki_hash);
	assert_int_equal(open_key(web.uri, BIT(TLS_SERVER)), -EACCES);
	assert_non_null(strstr(last_line, "import-uri"));
	assert_int_equal(open_key(TOKEN ";object=none", BIT(TLS_SERVER)), -ENOKEY);
	assert_int_equal(open_key("pkcs11:token=beta;object=web", BIT(TLS_SERVER)), -ENODEV);
	assert_int_equal(open_key("pkcs11:token=alpha;object=web?pin-value=1234", BIT(TLS_SERVER)),
			 -EINVAL);
}

static void test_sign(void **state)
{
	const char text[] = "whatever TLS 1.2 signs";
	uint8_t digest[32] = { 7 };

	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, text, sizeof(text)), 0);
	assert_int_equal(capcert_pubkey_verify(web.spki, web.spki_len, 0x0403, false,
					       (const uint8_t *)text, sizeof(text), reply.data,
					       reply.head.data_len),
			 0);
	assert_int_equal(sign(&web, DIGEST, CAPCERT_KEY_TLS_CLIENT, 0x0403, digest, 32), 0);
	assert_int_equal(capcert_pubkey_verify(web.spki, web.spki_len, 0x0403, true, digest, 32,
					       reply.data, reply.head.data_len),
			 0);
	assert_int_equal(sign(&web, DIGEST, CAPCERT_KEY_TLS_SERVER, 0x0403, digest, 31), -EINVAL);
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0401, text, 5), -EOPNOTSUPP);
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_CODE_SIGN, 0x0403, text, 5), -EACCES);
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_PURPOSES, 0x0403, text, 5), -EPROTO);
	assert_int_equal(sign(&web, SIGN, 33, 0x0403, text, 5), -EPROTO);
}

/* One that was narrowed after the handle was made: the next signature is refused. */
static void test_narrowed(void **state)
{
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1), 0);
	record(&web, BIT(TLS_CLIENT));
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1), -EACCES);
	capcert_key_record_remove(server.records, web.spki_hash);
	assert_int_equal(sign(&web, SIGN, CAPCERT_KEY_TLS_CLIENT, 0x0403, "x", 1), -ENOKEY);
}

/* A certificate authority's key sees what it signs, whoever asks for what. */
static void test_ca(void **state)
{
	uint8_t digest[32] = { 7 };

	assert_int_equal(sign(&ca, SIGN, CAPCERT_KEY_CA_SIGN, 0x0403, "no TBSCertificate", 17),
			 -EACCES);
	assert_true(*last_line);
	assert_int_equal(sign(&ca, DIGEST, CAPCERT_KEY_CA_SIGN, 0x0403, digest, 32), -EINVAL);
	record(&ca, BIT(CA_SIGN) | BIT(TLS_SERVER));
	assert_int_equal(sign(&ca, DIGEST, CAPCERT_KEY_TLS_SERVER, 0x0403, digest, 32), -EINVAL);
	assert_int_equal(sign(&ca, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1), 0);
}

/* The URI of one key with the public half of another. */
static void test_other_key(void **state)
{
	struct capcert_vault_key mixed = web;

	strcpy(mixed.uri, ca.uri);
	assert_int_equal(sign(&mixed, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1), -ENOKEY);
	memset(mixed.spki, 0, 40);
	assert_int_equal(sign(&mixed, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1), -ENOKEY);
}

static void test_malformed(void **state)
{
	size_t whole;

	assert_int_equal(serve(&server, wire.bytes, sizeof(wire.head) - 1, &reply.head), -EBADMSG);
	begin(CAPCERT_AGENT_OP_VERIFY, 0, 0);
	item("x", 1);
	assert_int_equal(ask(), -EPROTO);
	begin(CAPCERT_AGENT_OP_KEY_OPEN, 1, 0);
	assert_int_equal(ask(), -EPROTO);
	begin(CAPCERT_AGENT_OP_KEY_OPEN, 1, 0);
	item("pkcs11:token=a\0;object=b", 24);
	assert_int_equal(ask(), -EPROTO);
	begin(SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403);
	item(web.uri, strlen(web.uri));
	item(web.spki, web.spki_len);
	assert_int_equal(ask(), -EPROTO);
	item("x", 1);
	item("x", 1);
	assert_int_equal(ask(), -EPROTO);
	/* Cut off anywhere, with the length it then has. */
	sign(&web, SIGN, CAPCERT_KEY_TLS_SERVER, 0x0403, "x", 1);
	whole = wire.head.size;
	for (size_t n = sizeof(wire.head); n < whole; n++) {
		wire.head.size = (uint32_t)n;
		assert_int_equal(ask(), -EPROTO);
	}
}

/* ---- PINs ---- */

static void put_pin(const char *text, size_t n, mode_t mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/pin.alpha", hsm.dir);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void test_pins(void **state)
{
	char longest[300], buf[CAPCERT_VAULT_MAX_PIN];
	struct pins *pins;

	assert_int_equal(pins_new(&pins), 0);
	assert_int_equal(pins_get(pins, "alpha", "", buf), -ENOKEY);
	assert_int_equal(pins_read(pins, hsm.dir, "nowhere"), -ENOENT);
	assert_int_equal(pins_read(pins, hsm.dir, "../pin"), -ENOENT);
	put_pin("1234\n", 5, 0440);
	assert_int_equal(pins_read(pins, hsm.dir, "alpha"), -EPERM);
	put_pin("\n", 1, 0400);
	assert_int_equal(pins_read(pins, hsm.dir, "alpha"), -EINVAL);
	memset(longest, '1', sizeof(longest));
	put_pin(longest, 256, 0400);
	assert_int_equal(pins_read(pins, hsm.dir, "alpha"), -EINVAL);
	put_pin("1234\n", 5, 0400);
	assert_int_equal(pins_read(pins, hsm.dir, "alpha"), 0);
	assert_int_equal(pins_get(pins, "alpha", "", buf), 4);
	assert_memory_equal(buf, "1234", 4);
	assert_int_equal(pins_get(pins, "beta", "", buf), -ENOKEY);
	setenv("CREDENTIALS_DIRECTORY", hsm.dir, 1);
	assert_int_equal(pins_new(&pins), 0);
	put_pin("99 99", 5, 0400);
	assert_int_equal(pins_read(pins, NULL, "alpha"), 0);
	assert_int_equal(pins_get(pins, "alpha", "", buf), 5);
	unsetenv("CREDENTIALS_DIRECTORY");
	memset(longest, 'a', 40);
	longest[40] = '\0';
	assert_int_equal(pins_read(pins, hsm.dir, longest), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),      TEST(test_sign),	    TEST(test_narrowed), TEST(test_ca),
		TEST(test_other_key), TEST(test_malformed), TEST(test_pins),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
