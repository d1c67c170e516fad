// SPDX-License-Identifier: GPL-2.0-only
/* Nothing is said of a client but what was verified in this handshake, or the one it resumes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <capcert/x509_ext.h>
#include "helpers/tlsd/conn.h"
#include "helpers/tlsd/hello.h"
#include "helpers/tlsd/proxy.h"

#define TAG_UTF8 0x0c
#define TAG_PRINTABLE 0x13
#define TAG_IA5 0x16

const char *hello_version(uint32_t version)
{
	return version == 0x0304 ? "TLSv1.3" : version == 0x0303 ? "TLSv1.2" : "-";
}

/* The last common name, when it is of a type that is UTF-8 as it stands, and nothing else. */
static void common_name(const struct capcert_cert_view *view, char *to, size_t cap)
{
	static const uint8_t cn[] = { 0x55, 0x04, 0x03 };

	for (size_t i = 0; i < view->subject_attr_count; i++) {
		const struct capcert_name_attr *a = &view->subject_attrs[i];

		if (a->oid.len != sizeof(cn) || memcmp(a->oid.data, cn, sizeof(cn)) != 0)
			continue;
		if ((a->tag != TAG_UTF8 && a->tag != TAG_PRINTABLE && a->tag != TAG_IA5) ||
		    a->value.len >= cap || memchr(a->value.data, 0, a->value.len))
			continue;
		memcpy(to, a->value.data, a->value.len);
		to[a->value.len] = '\0';
	}
}

static int note_client(struct conn *c, const capcert_chain *chain)
{
	capcert_cert *leaf = chain ? capcert_chain_at(chain, 0) : NULL;
	const struct capcert_cert_view *view;
	int r;

	if (!leaf)
		return -EKEYREJECTED;
	r = capcert_cert_fingerprint(leaf, CAPCERT_HASH_SHA256, c->leaf);
	if (r < 0)
		return r;
	c->verified = true;
	if (capcert_cert_view_new(leaf, &view) == 0) {
		common_name(view, c->client, sizeof(c->client));
		capcert_cert_view_free(view);
	}
	return 0;
}

int hello_agreed(struct conn *c)
{
	capcert_tls *tls = c->relay.ends[c->gate->host ? 1 : 0].tls;
	struct capcert_result result;
	int r;

	c->session.size = sizeof(c->session);
	r = capcert_tls_info(tls, &c->session);
	if (r == 0 && !c->session.guest)
		gate_saw_slot(c->gate, c->session.slot);
	if (r < 0 || c->gate->host || !c->session.client_auth)
		return r;
	/* What the session says is held against the verdict. */
	r = capcert_tls_outcome(tls, &result, NULL);
	if (r < 0 || !result.outcome.valid)
		return -EKEYREJECTED;
	r = note_client(c, capcert_tls_peer_chain(tls));
	if (r < 0 || !c->gate->pass_outcome)
		return r;
	return capcert_tls_outcome(tls, NULL, &c->relay.pass_fd);
}

int hello_backend(struct conn *c)
{
	struct proxy_facts facts = {
		.source = &c->peer,
		.destination = &c->local,
		.alpn = c->session.alpn,
		.authority = c->session.server_name,
		.version = hello_version(c->session.version),
		.cipher = c->session.cipher,
		.verified = c->verified,
		.resumed = c->session.resumed,
		.cn = c->client,
		.sha256 = c->leaf,
	};
	uint8_t header[PROXY_MAX];
	size_t n;

	if (!c->gate->proxy)
		return 0;
	n = proxy_encode(&facts, header, sizeof(header));
	return n ? relay_put(&c->relay, 0, header, n) : -EMSGSIZE;
}
