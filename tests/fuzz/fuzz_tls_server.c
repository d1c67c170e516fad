// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whatever a client sends before it is known: the server ends the handshake, or waits for more, and never goes
 * on as if it were over. The first octet says in which pieces the rest comes. */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <capcert/pins.h>
#include "libcapcert/tls.h"
#include "tests/pki.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t n, piece;
	bool pause; /* the socket would block, once between two pieces */
};

static ssize_t receive(void *ctx, void *buf, size_t len)
{
	struct input *in = ctx;
	size_t n = in->piece;

	if (in->pause) {
		in->pause = false;
		errno = EAGAIN;
		return -1;
	}
	in->pause = true;
	if (n > len)
		n = len;
	if (n > in->n)
		n = in->n;
	memcpy(buf, in->p, n);
	in->p += n;
	in->n -= n;
	return (ssize_t)n;
}

static ssize_t swallow(void *ctx, const struct iovec *iov, int count)
{
	ssize_t n = 0;
	int i;

	(void)ctx;
	for (i = 0; i < count; i++)
		n += (ssize_t)iov[i].iov_len;
	return n;
}

static capcert_tls_context *make_context(void)
{
	struct pki_spec spec = { .cn = "localhost", .dns = { "localhost" } };
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	struct capcert_tls_value value = { .key_fd = -1 };
	struct pki *leaf = pki_make(&spec, NULL);
	capcert_tls_context *context;
	gnutls_privkey_t key;
	capcert_policy *policy;
	capcert_store *store;
	capcert_chain *chain;

	PKI(gnutls_privkey_init(&key));
	PKI(gnutls_privkey_import_x509(key, leaf->key, GNUTLS_PRIVKEY_IMPORT_COPY));
	CHECK(!capcert_chain_parse(leaf->der.data, leaf->der.size, &chain, NULL));
	CHECK(!capcert_tls_slots_new(&parts.slots));
	value.chain = chain;
	CHECK(!capcert_tls_slots_put_gnutls(parts.slots, "localhost", &value, key, NULL));
	CHECK(!capcert_policy_new("profile=rfc5280", &policy, NULL));
	CHECK(!capcert_store_new(&store));
	parts.role = CAPCERT_TLS_SERVER;
	parts.default_slot = "localhost";
	parts.client_auth = CAPCERT_TLS_AUTH_OPTIONAL;
	parts.policy = policy;
	parts.store = store;
	parts.alpn = (const uint8_t *)"\x02h2";
	parts.alpn_len = 3;
	parts.cipher_policy = CAPCERT_TLS_LEGACY;
	parts.flags = CAPCERT_TLS_LEGACY_OK | CAPCERT_TLS_STAPLE;
	CHECK(!capcert_tls_context_new(&parts, &context, NULL));
	capcert_chain_free(chain);
	pki_free(leaf);
	return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static capcert_tls_context *context;
	struct input in;
	capcert_tls *tls;
	int r, turns = 0;

	if (!context)
		context = make_context();
	if (!size)
		return 0;
	in = (struct input){ data + 1, size - 1, data[0] ? data[0] : 65536, false };
	CHECK(!tls_new(context, CAPCERT_TLS_SERVER, NULL, CAPCERT_TLS_NONBLOCK, &tls));
	tls->transport = (struct tls_transport){ receive, swallow, &in };
	do {
		r = capcert_tls_handshake(tls);
	} while (r == -EAGAIN && ++turns < 100000);
	/* Nobody finishes a handshake without knowing what the server has sent. */
	CHECK(r < 0 && r != -EAGAIN);
	CHECK(capcert_tls_error_text(tls)[0]);
	CHECK(capcert_tls_handshake(tls) == r);
	capcert_tls_free(tls);
	return 0;
}
