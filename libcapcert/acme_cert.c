// SPDX-License-Identifier: LGPL-2.1-or-later
/* The certificate of an order: fetched, judged before anybody has it, revoked (RFC 8555 sections 7.4.2 and 7.6). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/name.h"
#include "libcapcert/acme.h"
#include "libcapcert/jwk.h"
#include "libcapcert/x509.h"

#define ALTERNATES_MAX 8
#define PEM "application/pem-certificate-chain"

/* ---- is it what was ordered? ---- */

static int check_leaf(capcert_acme_order *o, const capcert_cert *leaf, const struct acme_key *key)
{
	struct acme_name *names = calloc(CAPCERT_ACME_MAX_IDENTIFIERS, sizeof(*names));
	size_t count = 0;
	int r;

	if (!names)
		return -ENOMEM;
	r = acme_names_of_cert(leaf, names, CAPCERT_ACME_MAX_IDENTIFIERS, &count);
	if (r == -ENOMEM) {
		free(names);
		return r;
	}
	if (r < 0 || !acme_names_same(names, count, o->document.names, o->document.name_count))
		r = acme_fail(o->acme, -EKEYREJECTED,
			      "certificate: it is for other names than the order");
	else if (!cc_span_equal(leaf->parsed.spki, cc_span(key->how.spki, key->how.spki_len)))
		r = acme_fail(o->acme, -EKEYREJECTED, "certificate: it is for another key");
	free(names);
	return r;
}

/* A name that the engine can look for: any label stands for '*'. */
static void probe_of(const struct acme_name *name, char ret[260])
{
	snprintf(ret, 260, "%s%s", name->wildcard ? "x." : "", acme_name_base(name));
}

static int verify(capcert_acme_order *o, const capcert_chain *chain,
		  const struct capcert_acme_trust *trust)
{
	struct capcert_params q = { .chain = chain, .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH };
	struct capcert_result found;
	char name[260];
	int r;

	probe_of(&o->document.names[0], name);
	q.name = name;
	if (trust->verifier_fd >= 0) {
		r = capcert_verify(trust->verifier_fd, trust->store_fd, &q, &found, NULL);
	} else {
		q.logs = trust->logs;
		r = capcert_verify_local(trust->policy, trust->store, trust->distrust, &q, &found);
	}
	if (r < 0)
		return acme_fail(o->acme, r, "certificate: it cannot be verified: %s",
				 capcert_strerror(r));
	if (!found.outcome.valid)
		return acme_fail(o->acme, -EKEYREJECTED,
				 "certificate: its chain is not good for the store: %s",
				 capcert_reason_name(found.outcome.reason));
	return 0;
}

static int judge(capcert_acme_order *o, const capcert_chain *chain, const struct acme_key *key,
		 const struct capcert_acme_trust *trust)
{
	int r = check_leaf(o, capcert_chain_at(chain, 0), key);

	return r < 0 ? r : verify(o, chain, trust);
}

/* ---- fetching ---- */

static int fetch(capcert_acme *acme, const char *url, capcert_chain **ret)
{
	struct acme_call call = {
		.what = "certificate", .url = url, .accept = PEM, .max = acme->max_body
	};
	const char *error = "";
	int r = acme_post(acme, &call);

	if (r < 0)
		return r;
	r = capcert_chain_parse(acme->answer.body, acme->answer.body_len, ret, &error);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !capcert_chain_count(*ret)) {
		if (r == 0)
			capcert_chain_free(*ret);
		return acme_fail(acme, -EPROTO, "certificate: it cannot be read: %s",
				 r < 0 ? error : "there is none");
	}
	return 0;
}

/* URLs of the other chains, as the last answer names them. */
static size_t read_alternates(capcert_acme *acme, char (*ret)[ACME_URL_MAX + 1])
{
	size_t n = 0;

	while (n < ALTERNATES_MAX &&
	       http_response_link(&acme->answer, "alternate", n, ret[n], sizeof(ret[n])) > 0)
		n++;
	return n;
}

/* Does the chain end at an issuer with that common name? */
static bool ends_at(const capcert_chain *chain, const char *issuer)
{
	const uint8_t oid_cn[] = { 0x55, 0x04, 0x03 };
	const capcert_cert *top = capcert_chain_at(chain, capcert_chain_count(chain) - 1);
	struct cc_span name;

	return cc_dn_attr(top->parsed.issuer, cc_span(oid_cn, sizeof(oid_cn)), &name) &&
	       cc_span_equal(name, cc_span(issuer, strlen(issuer)));
}

/* One chain after the other; @only: those that end where the caller prefers. */
static int choose(capcert_acme_order *o, const char *const *urls, size_t count,
		  capcert_chain **chains, const struct acme_key *key,
		  const struct capcert_acme_trust *trust, bool only, size_t *ret)
{
	int r = -ENOENT, first = 0;

	for (size_t i = 0; i < count; i++) {
		if (!chains[i]) {
			r = fetch(o->acme, urls[i], &chains[i]);
			if (r < 0 && r != -EPROTO && r != -EREMOTEIO)
				return r;
		} else {
			r = 0;
		}
		if (r == 0 && only && !ends_at(chains[i], trust->prefer_issuer)) {
			r = -ENOENT;
			continue;
		}
		if (r == 0)
			r = judge(o, chains[i], key, trust);
		if (r == 0) {
			*ret = i;
			return 0;
		}
		if (r == -ENOMEM || r == -ECANCELED)
			return r;
		first = first ? first : r;
	}
	return first ? first : r;
}

static int download(capcert_acme_order *o, const struct acme_key *key,
		    const struct capcert_acme_trust *trust, capcert_chain **ret)
{
	char(*alternates)[ACME_URL_MAX + 1] = malloc(ALTERNATES_MAX * sizeof(*alternates));
	capcert_chain *chains[1 + ALTERNATES_MAX] = { 0 };
	const char *urls[1 + ALTERNATES_MAX] = { o->document.certificate };
	size_t count = 1, which = 0;
	int r;

	if (!alternates)
		return -ENOMEM;
	r = fetch(o->acme, urls[0], &chains[0]);
	if (r == 0) {
		count += read_alternates(o->acme, alternates);
		for (size_t i = 1; i < count; i++)
			urls[i] = alternates[i - 1];
		r = -ENOENT;
		if (trust->prefer_issuer)
			r = choose(o, urls, count, chains, key, trust, true, &which);
		if (r < 0 && r != -ENOMEM && r != -ECANCELED)
			r = choose(o, urls, count, chains, key, trust, false, &which);
	}
	for (size_t i = 0; i < count; i++)
		if (r < 0 || i != which)
			capcert_chain_free(chains[i]);
	if (r == 0)
		*ret = chains[which];
	free(alternates);
	return r;
}

int capcert_acme_download(capcert_acme_order *o, const struct capcert_acme_key *key,
			  const struct capcert_acme_trust *trust, capcert_chain **ret)
{
	struct acme_key ours;
	int r;

	acme_begin(o->acme);
	if (o->document.status != CAPCERT_ACME_VALID)
		return acme_end(o->acme,
				acme_fail(o->acme, -EINVAL,
					  "certificate: the order is %s: there is none yet",
					  capcert_acme_status_name(o->document.status)));
	if (trust->verifier_fd < 0 && (!trust->policy || !trust->store))
		return acme_end(o->acme, acme_fail(o->acme, -EINVAL,
						   "certificate: there is nothing to judge it by"));
	r = acme_key_open(key, &ours);
	if (r == 0) {
		r = download(o, &ours, trust, ret);
		acme_key_close(&ours);
	}
	return acme_end(o->acme, r);
}

/* ---- revoking ---- */

static int revoke(capcert_acme *acme, const capcert_cert *cert, int reason,
		  const struct acme_key *key)
{
	struct acme_call call = { .what = "revoke", .url = acme->directory.revoke_cert };
	char *text, *payload, tail[32] = "";
	const uint8_t *der;
	size_t n;
	int r;

	der = capcert_cert_der(cert, &n);
	text = malloc(BASE64URL_CAP(n));
	if (!text)
		return -ENOMEM;
	base64url(cc_span(der, n), text);
	if (reason >= 0)
		snprintf(tail, sizeof(tail), ",\"reason\":%d", reason);
	r = asprintf(&payload, "{\"certificate\":\"%s\"%s}", text, tail);
	free(text);
	if (r < 0)
		return -ENOMEM;
	call.payload = payload;
	if (key) {
		call.key = key;
		call.purpose = CAPCERT_KEY_TLS_SERVER;
		call.jwk = true;
	}
	r = acme_post(acme, &call);
	free(payload);
	if (r == -EREMOTEIO && acme->last.type == CAPCERT_ACME_ALREADY_REVOKED)
		return 0;
	return r;
}

int capcert_acme_revoke(capcert_acme *acme, const capcert_cert *cert, int reason,
			const struct capcert_acme_key *key)
{
	struct acme_key ours;
	int r;

	acme_begin(acme);
	if (reason < -1 || reason > 10 || reason == 7)
		return acme_end(acme,
				acme_fail(acme, -EINVAL,
					  "revoke: %d is no reason of RFC 5280: 0 to 10 but 7",
					  reason));
	if (!key)
		return acme_end(acme, revoke(acme, cert, reason, NULL));
	r = acme_key_open(key, &ours);
	if (r == 0) {
		r = revoke(acme, cert, reason, &ours);
		acme_key_close(&ours);
	}
	return acme_end(acme, r);
}
