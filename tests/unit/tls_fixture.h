/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of TLS share: a hierarchy, its slots and contexts, and two ends that talk over a pair of
 * sockets, each called in turn until neither has anything to say. */
#ifndef TESTS_UNIT_TLS_FIXTURE_H
#define TESTS_UNIT_TLS_FIXTURE_H

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "libcapcert/tls.h"
#include "tests/unit/ocsp_fixture.h"

#define ALPN_H2 "\x02h2"
#define ALPN_HTTP "\x08http/1.1"

/* The library asks us for the time; see scripts/mk/unit.mk. */
static int64_t tls_time = PKI_NOW;
time_t __wrap_time(time_t *ret);
time_t __wrap_time(time_t *ret)
{
	if (ret)
		*ret = (time_t)tls_time;
	return (time_t)tls_time;
}

struct world {
	struct family f;
	struct pki *user; /* a client certificate by the same CA */
	capcert_store *store, *users;
	capcert_policy *policy;
	capcert_tls_slots *slots, *mine;
	struct capcert_tls_parts server, client;
};

static inline gnutls_privkey_t copy_of(const struct pki *p)
{
	gnutls_privkey_t key;

	PKI(gnutls_privkey_init(&key));
	PKI(gnutls_privkey_import_x509(key, p->key, GNUTLS_PRIVKEY_IMPORT_COPY));
	return key;
}

static inline int put_slot(capcert_tls_slots *slots, const char *name, struct pki *const *chain,
			   struct capcert_tls_value *value)
{
	gnutls_privkey_t key = copy_of(chain[0]);
	capcert_chain *c = make_chain(chain);
	int r;

	value->chain = c;
	value->key_fd = -1;
	r = capcert_tls_slots_put_gnutls(slots, name, value, key, NULL);
	if (r < 0)
		gnutls_privkey_deinit(key);
	capcert_chain_free(c);
	return r;
}

static inline void put_family(struct world *w, const char *name)
{
	struct pki *chain[] = { w->f.leaf, w->f.ca, NULL };
	struct capcert_tls_value v = { 0 };

	assert_int_equal(put_slot(w->slots, name, chain, &v), 0);
}

static inline capcert_policy *policy_of(const char *text)
{
	capcert_policy *policy;
	const char *error = "";

	if (capcert_policy_new(text, &policy, &error))
		fail_msg("%s: %s", text, error);
	return policy;
}

/* A server for HOST, and a client that believes its root. */
static inline struct world new_world_of(struct family f)
{
	struct pki_spec user = { .cn = "user", .email = "user@example.com",
				 .eku = { "1.3.6.1.5.5.7.3.2" } };
	struct world w = { .f = f, .server = CAPCERT_TLS_PARTS_INIT,
			   .client = CAPCERT_TLS_PARTS_INIT };
	struct pki *chain[] = { NULL, f.ca, NULL };
	struct capcert_tls_value v = { 0 };

	tls_time = PKI_NOW;
	w.user = pki_make(&user, f.ca);
	w.store = make_store((struct pki *[8]){ f.root }, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH);
	w.users = make_store((struct pki *[8]){ f.root }, 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
	w.policy = policy_of("profile=rfc5280");
	assert_int_equal(capcert_tls_slots_new(&w.slots), 0);
	assert_int_equal(capcert_tls_slots_new(&w.mine), 0);
	put_family(&w, HOST);
	chain[0] = w.user;
	assert_int_equal(put_slot(w.mine, "me", chain, &v), 0);
	w.server.role = CAPCERT_TLS_SERVER;
	w.server.slots = w.slots;
	w.client.role = CAPCERT_TLS_CLIENT;
	w.client.policy = w.policy;
	w.client.store = w.store;
	return w;
}

static inline struct world new_world(void)
{
	return new_world_of(make_family());
}

static inline void end_world(struct world *w)
{
	capcert_tls_slots_free(w->slots);
	capcert_tls_slots_free(w->mine);
	capcert_policy_free(w->policy);
	capcert_store_free(w->store);
	capcert_store_free(w->users);
	pki_free(w->user);
	free_family(&w->f);
}

/* The server asks for certificates as well, and the client has one. */
static inline void make_mutual(struct world *w, uint32_t auth)
{
	w->server.client_auth = auth;
	w->server.policy = w->policy;
	w->server.store = w->users;
	w->client.slots = w->mine;
	w->client.default_slot = "me";
}

static inline capcert_tls_context *context_of(const struct capcert_tls_parts *parts)
{
	capcert_tls_context *c;
	const char *error = "";
	int r = capcert_tls_context_new(parts, &c, &error);

	if (r)
		fail_msg("%s: %s", strerror(-r), error);
	return c;
}

struct pair {
	capcert_tls_context *contexts[2]; /* server, client */
	capcert_tls *server, *client;
	int fds[2];
	int server_end, client_end; /* of the handshake: 0 or -errno */
};

static inline void pair_shake(struct pair *p)
{
	int turns;

	p->server_end = p->client_end = -EAGAIN;
	for (turns = 0; turns < 2000; turns++) {
		if (p->client_end == -EAGAIN)
			p->client_end = capcert_tls_handshake(p->client);
		if (p->server_end == -EAGAIN)
			p->server_end = capcert_tls_handshake(p->server);
		if (p->client_end != -EAGAIN && p->server_end != -EAGAIN)
			return;
		/* Who has failed is gone, as programs are. */
		if (p->client_end < 0 && p->client_end != -EAGAIN)
			shutdown(p->fds[1], SHUT_WR);
		if (p->server_end < 0 && p->server_end != -EAGAIN)
			shutdown(p->fds[0], SHUT_WR);
	}
	fail_msg("the handshake goes on for ever");
}

/* Connect once more with the contexts that are there. */
static inline void pair_connect(struct pair *p, const char *name)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->fds), 0);
	assert_int_equal(capcert_tls_server(p->contexts[0], p->fds[0], CAPCERT_TLS_NONBLOCK,
					    &p->server), 0);
	assert_int_equal(capcert_tls_client(p->contexts[1], p->fds[1], name, CAPCERT_TLS_NONBLOCK,
					    &p->client), 0);
	pair_shake(p);
}

static inline struct pair new_pair(const struct world *w, const char *name)
{
	struct pair p = { 0 };

	p.contexts[0] = context_of(&w->server);
	p.contexts[1] = context_of(&w->client);
	pair_connect(&p, name);
	return p;
}

static inline void pair_cut(struct pair *p)
{
	capcert_tls_free(p->server);
	capcert_tls_free(p->client);
	close(p->fds[0]);
	close(p->fds[1]);
	p->server = p->client = NULL;
}

static inline void end_pair(struct pair *p)
{
	pair_cut(p);
	capcert_tls_context_free(p->contexts[0]);
	capcert_tls_context_free(p->contexts[1]);
}

#define expect_open(p)                                                                           \
	do {                                                                                     \
		if ((p)->server_end || (p)->client_end)                                          \
			fail_msg("line %d: server %d %s; client %d %s", __LINE__,                \
				 (p)->server_end, capcert_tls_error_text((p)->server),           \
				 (p)->client_end, capcert_tls_error_text((p)->client));          \
	} while (0)

#define expect_ends(p, of_server, of_client)                                                     \
	do {                                                                                     \
		if ((p)->server_end != (of_server) || (p)->client_end != (of_client))            \
			fail_msg("line %d: server %d %s; client %d %s", __LINE__,                \
				 (p)->server_end, capcert_tls_error_text((p)->server),           \
				 (p)->client_end, capcert_tls_error_text((p)->client));          \
	} while (0)

static inline struct capcert_tls_session info_of(const capcert_tls *tls)
{
	struct capcert_tls_session s = { .size = sizeof(s) };

	assert_int_equal(capcert_tls_info(tls, &s), 0);
	return s;
}

/* @text goes over, and nothing else. */
static inline void expect_passes(capcert_tls *from, capcert_tls *to, const char *text)
{
	char buf[256];
	size_t n = strlen(text);

	assert_int_equal(capcert_tls_write(from, text, n), n);
	assert_int_equal(capcert_tls_read(to, buf, sizeof(buf)), n);
	assert_memory_equal(buf, text, n);
	assert_int_equal(capcert_tls_read(to, buf, sizeof(buf)), -EAGAIN);
}

#endif
