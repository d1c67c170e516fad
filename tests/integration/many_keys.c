// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* So many keys as no token of a test would hold: a keeper with P-256 keys in memory, in the place of capcert-keyd.
 *
 *	many_keys COUNT PREFIX		makes the capkeys PREFIX-0 to PREFIX-(COUNT - 1) in the session keyring, says
 *					"ready" and signs until it is killed */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <gnutls/abstract.h>
#include <keyutils.h>
#include <capcert/key.h>
#include <linux/capcert_agent.h>

struct key {
	gnutls_privkey_t key;
	gnutls_datum_t spki;
};

struct answer {
	struct capcert_agent_reply head;
	uint8_t data[1024];
};

static struct key *keys;
static int count, agent;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "many_keys: %s: %s\n", what, why);
	exit(1);
}

static void gcheck(int r, const char *what)
{
	if (r < 0)
		die(what, gnutls_strerror(r));
}

static void make_key(struct key *k)
{
	gnutls_pubkey_t public;

	gcheck(gnutls_privkey_init(&k->key), "key");
	gcheck(gnutls_privkey_generate(k->key, GNUTLS_PK_ECDSA,
				       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	       "key");
	gcheck(gnutls_pubkey_init(&public), "public key");
	gcheck(gnutls_pubkey_import_privkey(public, k->key, 0, 0), "public key");
	gcheck(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &k->spki), "public key");
	gnutls_pubkey_deinit(public);
}

/* The items of a request of this class stand right behind its head. */
static gnutls_datum_t item(const struct capcert_agent_request *request, unsigned int wanted)
{
	uint8_t *p = (uint8_t *)(uintptr_t)(request + 1);
	uint32_t n;

	for (;; wanted--) {
		memcpy(&n, p, sizeof(n));
		if (!wanted)
			return (gnutls_datum_t){ p + sizeof(n), n };
		p += sizeof(n) + ((n + 3) & ~3u);
	}
}

/* "pkcs11:token=T;object=PREFIX-N" */
static struct key *key_of(const struct capcert_agent_request *request)
{
	gnutls_datum_t uri = item(request, 0);
	char text[256], *dash;

	snprintf(text, sizeof(text), "%.*s", (int)uri.size, (const char *)uri.data);
	dash = strrchr(text, '-');
	if (!dash || atoi(dash + 1) >= count)
		die("a key that is not there", text);
	return &keys[atoi(dash + 1)];
}

static void open_key(const struct capcert_agent_request *request, struct answer *answer)
{
	const struct key *k = key_of(request);
	const struct capcert_agent_key head = {
		.size = sizeof(head),
		.purposes = request->purpose,
		.source = CAPCERT_KEY_SOFTHSM_DEV,
		.spki_len = k->spki.size,
		.created = 1700000000,
	};

	memcpy(answer->data, &head, sizeof(head));
	memcpy(answer->data + sizeof(head), k->spki.data, k->spki.size);
	answer->head.data_len = (uint32_t)sizeof(head) + k->spki.size;
}

static void sign(const struct capcert_agent_request *request, struct answer *answer)
{
	const gnutls_datum_t digest = item(request, 2);
	gnutls_datum_t sig;

	if (request->op != CAPCERT_AGENT_OP_SIGN_DIGEST)
		die("a request", "not for a digest");
	gcheck(gnutls_privkey_sign_hash2(key_of(request)->key, GNUTLS_SIGN_ECDSA_SHA256, 0, &digest,
					 &sig),
	       "sign");
	memcpy(answer->data, sig.data, sig.size);
	answer->head.data_len = sig.size;
	gnutls_free(sig.data);
}

static void *serve(void *unused)
{
	static union {
		struct capcert_agent_request head;
		uint8_t room[2 << 20];
	} request;
	struct answer answer;

	while (read(agent, &request, sizeof(request)) > 0) {
		memset(&answer, 0, sizeof(answer));
		if (request.head.op == CAPCERT_AGENT_OP_KEY_OPEN)
			open_key(&request.head, &answer);
		else
			sign(&request.head, &answer);
		answer.head.id = request.head.id;
		answer.head.valid = 1;
		answer.head.reason = CAPCERT_REASON_NONE;
		answer.head.size = (uint32_t)sizeof(answer.head) + answer.head.data_len;
		if (write(agent, &answer, answer.head.size) < 0 && errno != ENOENT)
			die("a reply", strerror(errno));
	}
	die("the agent device", strerror(errno));
	return NULL;
}

static void hello(void)
{
	struct capcert_agent_hello hello = {
		.size = sizeof(hello),
		.class = CAPCERT_CLASS_SIGN,
		.abi = CAPCERT_ABI_VERSION,
	};

	agent = open(CAPCERT_AGENT_DEVICE, O_RDWR | O_CLOEXEC);
	if (agent < 0 || ioctl(agent, CAPCERT_AGENT_HELLO, &hello))
		die(CAPCERT_AGENT_DEVICE, strerror(errno));
}

int main(int argc, char **argv)
{
	char name[64], uri[256];
	pthread_t thread;
	int n;

	count = argc == 3 ? atoi(argv[1]) : 0;
	keys = calloc((size_t)count + 1, sizeof(*keys));
	if (!keys || count < 1)
		die("usage", "many_keys COUNT PREFIX");
	for (int i = 0; i < count; i++)
		make_key(&keys[i]);
	hello();
	if (pthread_create(&thread, NULL, serve, NULL))
		die("a thread", strerror(errno));
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s-%d", argv[2], i);
		n = snprintf(uri, sizeof(uri), "pkcs11:token=many;object=%s;purpose=tls-server",
			     name);
		if (add_key("capkey", name, uri, (size_t)n, KEY_SPEC_SESSION_KEYRING) < 0)
			die(name, strerror(errno));
	}
	puts("ready");
	fflush(stdout);
	pthread_join(thread, NULL);
	return 0;
}
