// SPDX-License-Identifier: LGPL-2.1-or-later
/* What proves control over a name: RFC 8555 section 8, RFC 8737, draft-ietf-acme-dns-persist. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "libcapcert/acme_proof.h"
#include "libcapcert/jwk.h"
#include "libcapcert/sha.h"

static int record(struct acme_proof *p, const char *prefix)
{
	int n = snprintf(p->record, sizeof(p->record), "%s.%s", prefix, p->name.text);

	p->shown.record = p->record;
	p->shown.text = p->text;
	return n < 0 || (size_t)n >= sizeof(p->record) ? -EINVAL : 0;
}

static int dns_01(struct acme_proof *p)
{
	base64url(cc_span(p->shown.digest, 32), p->text);
	return record(p, "_acme-challenge");
}

/* An issue-value of RFC 8659 section 4.2: the CA may be named by any of the names that it offers. */
static int dns_persist_01(struct acme_proof *p, const struct acme_challenge *c, const char *account)
{
	int n;

	if (c->account_url && strcmp(c->account_url, account))
		return -EPROTO;
	n = snprintf(p->text, sizeof(p->text), "%s; accounturi=%s%s", c->issuers[0], account,
		     p->shown.wildcard ? "; policy=wildcard" : "");
	if (n < 0 || (size_t)n >= sizeof(p->text))
		return -EINVAL;
	return record(p, "_validation-persist");
}

int acme_proof_make(const struct acme_authorization *a, const struct acme_challenge *c,
		    const char *thumbprint, const char *account, struct acme_proof *ret)
{
	struct capcert_acme_challenge *s = &ret->shown;
	bool dns = c->type == CAPCERT_ACME_DNS_01 || c->type == CAPCERT_ACME_DNS_PERSIST_01;

	memset(ret, 0, sizeof(*ret));
	if ((dns && a->name.ip_len) || (!dns && a->wildcard) || strlen(c->url) >= sizeof(ret->url))
		return -EINVAL; /* RFC 8738 section 7, RFC 8555 section 7.1.3 */
	ret->name = a->name;
	snprintf(ret->url, sizeof(ret->url), "%s", c->url);
	s->type = (uint32_t)c->type;
	s->identifier.type = a->name.type;
	s->identifier.value = ret->name.text;
	s->wildcard = a->wildcard;
	if (c->type == CAPCERT_ACME_DNS_PERSIST_01)
		return dns_persist_01(ret, c, account);
	snprintf(ret->token, sizeof(ret->token), "%s", c->token);
	snprintf(ret->authorization, sizeof(ret->authorization), "%s.%s", ret->token, thumbprint);
	s->token = ret->token;
	s->key_authorization = ret->authorization;
	sha256_of(cc_span(ret->authorization, strlen(ret->authorization)), s->digest);
	return c->type == CAPCERT_ACME_DNS_01 ? dns_01(ret) : 0;
}
