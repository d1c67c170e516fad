// SPDX-License-Identifier: GPL-2.0-only
/* Has one server's key and one slot: signs requests for that key, judges the chain, puts it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/acme.h>
#include <capcert/key.h>
#include <capcert/slot.h>
#include <capcert/verify.h>
#include "helpers/acmed/csr.h"
#include "helpers/acmed/parts.h"
#include "helpers/acmed/walls.h"

#define VERIFY_MS 30000

struct installer {
	const struct conf_cert *cert;
	const struct holdings *h;
	int fd;
	uint8_t *spki;
	size_t spki_len;
	char why[512];
};

static struct wire wire;

/* What the keeper has to know first: the key, and what is in the slot. */
static int introduce(struct installer *i)
{
	struct capcert_slot_value *value = NULL;
	int r = capcert_slot_get(i->h->slots, i->cert->slot, 0, &value);

	if (r < 0 && r != -ENOENT)
		return r;
	wire_begin(&wire, WIRE_KEY);
	wire_put(&wire, i->spki, i->spki_len);
	wire_put(&wire, value ? value->leaf : NULL, value ? 32 : 0);
	capcert_slot_value_free(value);
	return wire_send(i->fd, &wire);
}

static int sign(struct installer *i)
{
	int64_t purpose = wire_get_number(&wire), scheme = wire_get_number(&wire);
	uint8_t signature[CAPCERT_MAX_SIGNATURE];
	size_t n, len = sizeof(signature);
	const uint8_t *message = wire_get(&wire, &n);
	int r = -EACCES;

	if (!wire_end(&wire))
		return -EBADMSG;
	/* Whoever asks speaks to the outside world: a request for this key, and nothing else. */
	if (purpose == CAPCERT_KEY_TLS_SERVER && csr_is_for(message, n, i->spki, i->spki_len))
		r = capcert_key_sign(i->h->key, CAPCERT_KEY_TLS_SERVER, (uint32_t)scheme, 0,
				     message, n, 0, signature, &len);
	wire_begin(&wire, WIRE_SIGNATURE);
	wire_put_number(&wire, r);
	wire_put(&wire, signature, r == 0 ? len : 0);
	return wire_send(i->fd, &wire);
}

/* Every name of the configuration, by store and verifier. */
static int judge(struct installer *i, const capcert_chain *chain)
{
	for (size_t k = 0; k < i->cert->name_count; k++) {
		const char *name = i->cert->names[k].text;
		struct capcert_params params = { .chain = chain, .timeout_ms = VERIFY_MS };
		struct capcert_result result;
		char host[300];
		int r;

		/* A wildcard stands for any label. */
		snprintf(host, sizeof(host), "%s%s", name[0] == '*' ? "capcert-wildcard" : "",
			 name[0] == '*' ? name + 1 : name);
		params.name = host;
		r = capcert_verify(i->h->verifier, i->h->store, &params, &result, NULL);
		if (r == 0 && result.outcome.valid)
			continue;
		snprintf(i->why, sizeof(i->why), "the new chain is refused for %s: %s", name,
			 r < 0 ? capcert_strerror(r) : capcert_reason_name(result.outcome.reason));
		return r < 0 ? r : -EKEYREJECTED;
	}
	return 0;
}

static int put(struct installer *i, const capcert_chain *chain, uint64_t *ret_version)
{
	struct capcert_blob blobs[CAPCERT_SLOT_MAX_CHAIN];
	struct capcert_slot_contents c = { .chain = blobs, .key_fd = i->h->key };
	int r;

	c.chain_count = capcert_chain_count(chain);
	if (c.chain_count > CAPCERT_SLOT_MAX_CHAIN)
		return -EMSGSIZE;
	for (size_t k = 0; k < c.chain_count; k++) {
		size_t n;
		const uint8_t *der = capcert_cert_der(capcert_chain_at(chain, k), &n);

		blobs[k] = (struct capcert_blob){ (uint64_t)(uintptr_t)der, (uint32_t)n, -1 };
	}
	r = capcert_slot_put(i->h->slots, i->cert->slot, &c, NULL, ret_version);
	if (r < 0)
		snprintf(i->why, sizeof(i->why), "the slot %s does not take the chain: %s",
			 i->cert->slot, capcert_strerror(r));
	return r;
}

static int tell_failure(struct installer *i, int error)
{
	wire_begin(&wire, WIRE_FAILED);
	wire_put_text(&wire, i->why[0] ? i->why : capcert_strerror(error));
	wire_put_number(&wire, 0);
	/* What a later try may heal: the chain itself is good, or was not judged. */
	wire_put_number(&wire, error != -EKEYREJECTED && error != -EBADMSG && error != -EMSGSIZE
				       ? FAILURE_KEEP
				       : 0);
	return wire_send(i->fd, &wire);
}

static int install(struct installer *i)
{
	size_t n;
	const uint8_t *der = wire_get(&wire, &n);
	char id[CAPCERT_ACME_CERT_ID] = "";
	capcert_chain *chain = NULL;
	const capcert_cert *leaf;
	uint64_t version = 0;
	int r = wire_end(&wire) ? capcert_chain_parse(der, n, &chain, NULL) : -EBADMSG;

	if (r == 0)
		r = judge(i, chain);
	if (r == 0)
		r = put(i, chain, &version);
	if (r < 0) {
		capcert_chain_free(chain);
		return tell_failure(i, r);
	}
	leaf = capcert_chain_at(chain, 0);
	if (capcert_acme_cert_id(leaf, id) < 0)
		id[0] = '\0';
	wire_begin(&wire, WIRE_INSTALLED);
	wire_put_number(&wire, capcert_cert_not_before(leaf));
	wire_put_number(&wire, capcert_cert_not_after(leaf));
	wire_put_text(&wire, id);
	wire_put_number(&wire, (int64_t)version);
	capcert_chain_free(chain);
	return wire_send(i->fd, &wire);
}

int installer_main(const struct world *w, size_t cert, const struct holdings *h, int fd)
{
	struct installer i = { .cert = &w->conf->certs[cert], .h = h, .fd = fd };
	int r = walls_installer();

	if (r == 0)
		r = capcert_key_public(h->key, &i.spki, &i.spki_len);
	if (r == 0)
		r = introduce(&i);
	else
		tell_failure(&i, r);
	while (r == 0) {
		r = wire_receive(fd, &wire);
		if (r == 0)
			r = wire.what == WIRE_SIGN    ? sign(&i)
			    : wire.what == WIRE_CHAIN ? install(&i)
						      : -EBADMSG;
	}
	return r == -EPIPE ? 0 : 1;
}
