// SPDX-License-Identifier: GPL-2.0-only
/* Speaks to one CA for one account, does one job, and ends. What it must not forget it tells the keeper, and waits
 * until that is written down. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/acme.h>
#include <capcert/tls.h>
#include "helpers/acmed/parts.h"
#include "helpers/acmed/walls.h"

#define LOOK_AT_ORDERS 50 /* of an account, for one that was placed but not written down */

struct network {
	const struct conf_cert *cert;
	const struct conf_ca *ca;
	const struct holdings *h;
	int fd;
	capcert_tls_context *tls;
	capcert_acme *acme;
	struct capcert_acme_identifier names[CONF_NAMES];
	/* of the job */
	char account[512], order[512], replaces[CAPCERT_ACME_CERT_ID];
	bool maybe; /* an order may have been placed */
	uint8_t spki[4096];
	size_t spki_len;
	uint32_t challenge;  /* the kind that our solver takes */
	uint32_t challenges; /* ids so far */
	char why[512];
};

static struct wire wire;

/* ---- the keeper ---- */

/* A message, and the answer to it: WIRE_DONE. Return: its number, or -errno. */
static int tell(struct network *n)
{
	int r = wire_send(n->fd, &wire);
	const char *text;

	if (r == 0)
		r = wire_receive(n->fd, &wire);
	if (r == 0)
		r = wire.what == WIRE_DONE ? (int)wire_get_number(&wire) : -EBADMSG;
	text = wire.what == WIRE_DONE ? wire_get_text(&wire) : "";
	if (r < 0 && *text)
		snprintf(n->why, sizeof(n->why), "%s", text);
	return r > 0 ? -EPROTO : r;
}

static int tell_text(struct network *n, enum wire_what what, const char *text)
{
	wire_begin(&wire, what);
	wire_put_text(&wire, text);
	return tell(n);
}

/* Is it the CA that has failed, and would fail others as well? */
static bool is_silence(int error, const struct capcert_acme_failure *f)
{
	switch (error) {
	case -ETIMEDOUT:
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EPIPE:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
	case -ENETDOWN:
		return true;
	default:
		return f && f->type == CAPCERT_ACME_SERVER_INTERNAL;
	}
}

static int tell_failure(struct network *n, int error)
{
	const struct capcert_acme_failure *f = n->acme ? capcert_acme_last(n->acme) : NULL;
	const char *text = n->why[0] ? n->why : f && f->text[0] ? f->text : capcert_strerror(error);
	/* A CA that said no to the order has ended it; one that did not answer has not. */
	bool keep = !f || f->type == CAPCERT_ACME_NO_PROBLEM ||
		    f->type == CAPCERT_ACME_RATE_LIMITED ||
		    f->type == CAPCERT_ACME_SERVER_INTERNAL || f->type == CAPCERT_ACME_BAD_NONCE;
	char line[1100];

	snprintf(line, sizeof(line), "%s", text);
	/* The first is in the text. */
	for (uint32_t i = 1; f && !n->why[0] && i < f->subproblem_count; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "; %s: %s",
			 f->subproblems[i].identifier, f->subproblems[i].detail);
	wire_begin(&wire, WIRE_FAILED);
	wire_put_text(&wire, line);
	wire_put_number(&wire, f ? f->retry_at : 0);
	wire_put_number(&wire, (keep && error != -EKEYREJECTED ? FAILURE_KEEP : 0) |
				       (!n->why[0] && is_silence(error, f) ? FAILURE_SILENT : 0));
	return wire_send(n->fd, &wire);
}

/* ---- what the library asks ---- */

static int sign(void *ctx, uint32_t purpose, uint32_t scheme, const void *message, size_t len,
		uint8_t *signature, size_t *signature_len)
{
	struct network *n = ctx;
	const uint8_t *got;
	size_t got_len;
	int r;

	wire_begin(&wire, WIRE_SIGN);
	wire_put_number(&wire, purpose);
	wire_put_number(&wire, scheme);
	wire_put(&wire, message, len);
	r = wire_send(n->fd, &wire);
	if (r == 0)
		r = wire_receive(n->fd, &wire);
	if (r < 0 || wire.what != WIRE_SIGNATURE)
		return r < 0 ? r : -EPROTO;
	r = (int)wire_get_number(&wire);
	got = wire_get(&wire, &got_len);
	if (r != 0)
		return r < 0 ? r : -EPROTO;
	if (!wire_end(&wire) || got_len > *signature_len)
		return -EMSGSIZE;
	memcpy(signature, got, got_len);
	*signature_len = got_len;
	return 0;
}

static int pass_challenge(struct network *n, enum wire_what what,
			  const struct capcert_acme_challenge *c, uint32_t id)
{
	const struct challenge out = {
		.id = id,
		.type = c->type,
		.ip = c->identifier.type == CAPCERT_ACME_IP,
		.wildcard = c->wildcard,
		.identifier = c->identifier.value,
		.token = c->token,
		.key_authorization = c->key_authorization,
		.record = c->record,
		.text = c->text,
		.digest = c->digest,
	};

	wire_begin(&wire, what);
	wire_put_challenge(&wire, &out);
	return tell(n);
}

static int publish(void *ctx, const struct capcert_acme_challenge *c)
{
	struct network *n = ctx;

	return pass_challenge(n, WIRE_PUBLISH, c, ++n->challenges);
}

static void withdraw(void *ctx, const struct capcert_acme_challenge *c)
{
	pass_challenge(ctx, WIRE_WITHDRAW, c, 0);
}

/* ---- the account ---- */

/* Contacts with commas between, in place. */
static size_t split_contacts(char *text, const char *ret[], size_t most)
{
	char *rest = text, *word;
	size_t n = 0;

	while (n < most && (word = strsep(&rest, ","))) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (*word)
			ret[n++] = word;
	}
	return n;
}

static int register_account(struct network *n)
{
	static const char *const macs[] = { "HS256", "HS384", "HS512" };
	static const uint32_t hashes[] = { CAPCERT_HASH_SHA256, CAPCERT_HASH_SHA384,
					   CAPCERT_HASH_SHA512 };
	const char *contacts[16];
	struct capcert_acme_registration reg = { .contacts = contacts,
						 .terms_agreed = n->ca->terms_agreed };
	struct capcert_acme_binding binding = { .kid = n->ca->eab_kid,
						.hash = CAPCERT_HASH_SHA256,
						.key = n->ca->eab_key,
						.key_len = n->ca->eab_key_len };
	char *text = strdup(n->ca->contact ? n->ca->contact : "");
	int r = text ? 0 : -ENOMEM;

	if (r == 0) {
		reg.contact_count = split_contacts(text, contacts, 16);
		for (size_t i = 0; n->ca->eab_mac && i < 3; i++)
			if (strcmp(macs[i], n->ca->eab_mac) == 0)
				binding.hash = hashes[i];
		if (n->ca->eab_kid)
			reg.binding = &binding;
		r = capcert_acme_register(n->acme, &reg);
	}
	free(text);
	if (r == 0)
		r = tell_text(n, WIRE_ACCOUNT, capcert_acme_account(n->acme)->url);
	return r;
}

static int connect_ca(struct network *n)
{
	struct capcert_acme_options o = CAPCERT_ACME_OPTIONS_INIT;
	const char *error = NULL;
	int r = capcert_tls_context_from_handle(n->h->tls, NULL, &n->tls, &error);

	if (r < 0) {
		snprintf(n->why, sizeof(n->why), "TLS config %s: %s", n->ca->tls,
			 error ? error : capcert_strerror(r));
		return r;
	}
	o.directory = n->ca->directory;
	o.tls = n->tls;
	o.account.fd = n->h->account;
	o.wait_ms = 60000;
	return capcert_acme_open(&o, &n->acme);
}

/* ---- orders ---- */

static bool same_names(const struct network *n, const struct capcert_acme_order_info *o)
{
	if (o->identifier_count != n->cert->name_count)
		return false;
	for (size_t i = 0; i < o->identifier_count; i++) {
		size_t k = 0;

		while (k < n->cert->name_count &&
		       strcmp(n->names[k].value, o->identifiers[i].value) != 0)
			k++;
		if (k == n->cert->name_count)
			return false;
	}
	return true;
}

static bool goes_on(uint32_t status)
{
	return status == CAPCERT_ACME_PENDING || status == CAPCERT_ACME_READY;
}

struct search {
	struct network *n;
	char urls[LOOK_AT_ORDERS][256];
	size_t count;
};

/* The newest are the last of the list. */
static int note_order(void *ctx, const char *url)
{
	struct search *s = ctx;

	if (strlen(url) < sizeof(s->urls[0]))
		strcpy(s->urls[s->count++ % LOOK_AT_ORDERS], url);
	return 0;
}

/* An order that was placed before a crash, of which the URL was never heard. */
static int find_order(struct network *n, capcert_acme_order **ret)
{
	struct search *s = calloc(1, sizeof(*s));
	struct capcert_acme_order_info info;
	capcert_acme_order *order;
	size_t count;

	if (!s)
		return -ENOMEM;
	if (capcert_acme_orders(n->acme, note_order, s) < 0)
		s->count = 0;
	count = s->count < LOOK_AT_ORDERS ? s->count : LOOK_AT_ORDERS;
	for (size_t i = 0; i < count; i++) {
		if (capcert_acme_order_open(n->acme, s->urls[i], &order) < 0)
			continue;
		capcert_acme_order_info(order, &info);
		if (goes_on(info.status) && same_names(n, &info)) {
			free(s);
			*ret = order;
			return 0;
		}
		capcert_acme_order_free(order);
	}
	free(s);
	return -ENOENT;
}

/* Does a CA that refused to show an order have none of that name? What may pass is no reason for another order. */
static bool order_is_gone(const struct network *n)
{
	switch (capcert_acme_last(n->acme)->type) {
	case CAPCERT_ACME_NO_PROBLEM:
	case CAPCERT_ACME_RATE_LIMITED:
	case CAPCERT_ACME_SERVER_INTERNAL:
	case CAPCERT_ACME_BAD_NONCE:
	case CAPCERT_ACME_ACCOUNT_DOES_NOT_EXIST:
		return false;
	default:
		return true;
	}
}

/* The one that is known, if it can still come to something. */
static int known_order(struct network *n, capcert_acme_order **ret)
{
	struct capcert_acme_order_info info;
	int r;

	if (!n->order[0])
		return n->maybe ? find_order(n, ret) : -ENOENT;
	r = capcert_acme_order_open(n->acme, n->order, ret);
	if (r < 0)
		return order_is_gone(n) ? -ENOENT : r;
	capcert_acme_order_info(*ret, &info);
	if (same_names(n, &info) && info.status != CAPCERT_ACME_INVALID)
		return 0;
	capcert_acme_order_free(*ret);
	return -ENOENT;
}

static int get_order(struct network *n, capcert_acme_order **ret)
{
	const struct capcert_acme_request q = {
		.identifiers = n->names,
		.identifier_count = n->cert->name_count,
		.profile = n->cert->profile,
		.replaces = n->replaces[0] ? n->replaces : NULL,
	};
	struct capcert_acme_order_info info;
	int r = known_order(n, ret);

	if (r == -ENOENT)
		r = capcert_acme_order_new(n->acme, &q, ret);
	if (r < 0)
		return r;
	capcert_acme_order_info(*ret, &info);
	return tell_text(n, WIRE_ORDER, info.url);
}

static int send_chain(struct network *n, const capcert_chain *chain)
{
	static uint8_t all[WIRE_MOST];
	size_t len = 0;

	for (size_t i = 0; i < capcert_chain_count(chain); i++) {
		size_t one;
		const uint8_t *der = capcert_cert_der(capcert_chain_at(chain, i), &one);

		if (one > sizeof(all) - len)
			return -EMSGSIZE;
		memcpy(all + len, der, one);
		len += one;
	}
	wire_begin(&wire, WIRE_CHAIN);
	wire_put(&wire, all, len);
	return tell(n);
}

static int run_order(struct network *n)
{
	const struct capcert_acme_solver solver = {
		.types = 1u << n->challenge, .publish = publish, .withdraw = withdraw, .ctx = n
	};
	const struct capcert_acme_key key = {
		.fd = -1, .sign = sign, .ctx = n, .spki = n->spki, .spki_len = n->spki_len
	};
	const struct capcert_acme_trust trust = { .verifier_fd = n->h->verifier,
						  .store_fd = n->h->store };
	capcert_acme_order *order = NULL;
	capcert_chain *chain = NULL;
	int r = get_order(n, &order);

	if (r == 0)
		r = capcert_acme_authorize(order, &solver, 1);
	if (r == 0)
		r = capcert_acme_finalize(order, &key,
					  n->cert->must_staple ? CAPCERT_ACME_MUST_STAPLE : 0);
	if (r == 0)
		r = capcert_acme_download(order, &key, &trust, &chain);
	if (r == 0)
		r = send_chain(n, chain);
	capcert_chain_free(chain);
	capcert_acme_order_free(order);
	return r;
}

/* ---- jobs ---- */

static int take_job(struct network *n, enum job_kind *kind, int *reason, capcert_cert **leaf)
{
	const uint8_t *p;
	size_t len;
	int r = wire_receive(n->fd, &wire);

	if (r < 0 || wire.what != WIRE_JOB)
		return r < 0 ? r : -EBADMSG;
	*kind = (enum job_kind)wire_get_number(&wire);
	snprintf(n->account, sizeof(n->account), "%s", wire_get_text(&wire));
	snprintf(n->order, sizeof(n->order), "%s", wire_get_text(&wire));
	snprintf(n->replaces, sizeof(n->replaces), "%s", wire_get_text(&wire));
	n->maybe = wire_get_number(&wire) != 0;
	p = wire_get(&wire, &len);
	if (len <= sizeof(n->spki))
		memcpy(n->spki, p, len);
	n->spki_len = len;
	*reason = (int)wire_get_number(&wire);
	p = wire_get(&wire, &len);
	if (!wire_end(&wire) || n->spki_len > sizeof(n->spki))
		return -EBADMSG;
	return *kind == JOB_REVOKE ? capcert_cert_new(p, len, leaf, NULL) : 0;
}

static int use_account(struct network *n)
{
	return n->account[0] ? capcert_acme_use(n->acme, n->account) : register_account(n);
}

static int with_account(struct network *n, enum job_kind kind, int reason, const capcert_cert *leaf)
{
	int r = use_account(n);

	if (r < 0)
		return r;
	return kind == JOB_REVOKE ? capcert_acme_revoke(n->acme, leaf, reason, NULL) : run_order(n);
}

static int do_job(struct network *n, enum job_kind kind, int reason, const capcert_cert *leaf)
{
	int r = connect_ca(n);

	if (r == 0)
		r = with_account(n, kind, reason, leaf);
	if (r == 0 || !n->acme || !n->account[0] ||
	    capcert_acme_last(n->acme)->type != CAPCERT_ACME_ACCOUNT_DOES_NOT_EXIST)
		return r;
	/* The CA has forgotten the account, and its orders with it. */
	n->account[0] = '\0';
	n->order[0] = '\0';
	n->maybe = false;
	r = tell_text(n, WIRE_ACCOUNT, "");
	return r == 0 ? with_account(n, kind, reason, leaf) : r;
}

/* What both parts begin with. Return: 0; -errno. */
static int begin(struct network *n, const struct world *w, size_t cert, const struct holdings *h,
		 int fd)
{
	n->h = h;
	n->fd = fd;
	n->cert = &w->conf->certs[cert];
	n->ca = &w->conf->cas[n->cert->ca];
	n->challenge = (uint32_t)w->conf->solvers[n->cert->solver].challenge;
	for (size_t i = 0; i < n->cert->name_count; i++)
		n->names[i] =
			(struct capcert_acme_identifier){ n->cert->names[i].ip ? CAPCERT_ACME_IP
									       : CAPCERT_ACME_DNS,
							  n->cert->names[i].text };
	return walls_network();
}

int network_main(const struct world *w, size_t cert, const struct holdings *h, int fd)
{
	static struct network n;
	enum job_kind kind;
	capcert_cert *leaf = NULL;
	int reason, r = begin(&n, w, cert, h, fd);

	if (r == 0)
		r = take_job(&n, &kind, &reason, &leaf);
	if (r < 0)
		return 1;
	r = do_job(&n, kind, reason, leaf);
	if (r < 0)
		tell_failure(&n, r);
	else if (kind == JOB_REVOKE)
		tell_text(&n, WIRE_FINISHED, "revoked");
	return 0;
}

/* When to renew, as the CA sees it: no account, no key. */
int window_main(const struct world *w, size_t cert, const struct holdings *h, int fd)
{
	static struct network n;
	struct capcert_acme_renewal window = { 0 };
	enum job_kind kind;
	capcert_cert *none = NULL;
	int reason, r = begin(&n, w, cert, h, fd);

	if (r == 0)
		r = take_job(&n, &kind, &reason, &none);
	if (r < 0)
		return 1;
	r = connect_ca(&n);
	if (r == 0)
		r = capcert_acme_renewal_info(n.acme, n.replaces, &window);
	wire_begin(&wire, WIRE_WINDOW);
	wire_put_number(&wire, r);
	wire_put_number(&wire, window.start);
	wire_put_number(&wire, window.end);
	wire_put_number(&wire, window.ask_again);
	wire_put_text(&wire, r == 0	? ""
			     : n.why[0] ? n.why
			     : n.acme	? capcert_acme_last(n.acme)->text
					: capcert_strerror(r));
	return wire_send(fd, &wire) < 0;
}
