// SPDX-License-Identifier: GPL-2.0-only
/* Findings in words that a person can act on. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <capcert/x509_ext.h>
#include "tools/explain.h"
#include "tools/explain_status.h"
#include "tools/text.h"

#define SHORT 200

/* One certificate's place: what is asked about it. */
struct place {
	const struct explanation *e;
	const struct explain_step *steps, *self;
	uint32_t count, at;
	int64_t now;			      /* judged at */
	const struct capcert_cert_view *view; /* NULL = not known */
	char subject[SHORT], issuer[SHORT];
};

static bool is_anchor(const struct place *p)
{
	return p->self->source == CAPCERT_SOURCE_ANCHOR;
}

static const char *purpose_of(const struct place *p)
{
	return capcert_purpose_name(p->e->params.purpose);
}

/* ---- time ---- */

static char *wrong_expired(const struct place *p)
{
	char span[48], when[32];
	int64_t end;

	if (!p->self->cert)
		return NULL;
	end = capcert_cert_not_after(p->self->cert);
	words_span(p->now - end, span);
	text_of_time(end, when);
	if (p->e->params.have_time)
		return words_format("expired %s before the time judged at, on %.10s", span, when);
	return words_format("expired %s ago, on %.10s", span, when);
}

static char *remedy_expired(const struct place *p)
{
	if (is_anchor(p))
		return strdup("update the trust store: this anchor is of no use any more");
	if (p->at == 0)
		return strdup("ask the server's administrator to renew it");
	return words_format("ask the server's administrator to send a current certificate of %s",
			    p->subject);
}

static char *wrong_not_yet(const struct place *p)
{
	char span[48], when[32];
	int64_t begin;

	if (!p->self->cert)
		return NULL;
	begin = capcert_cert_not_before(p->self->cert);
	words_span(begin - p->now, span);
	text_of_time(begin, when);
	if (p->e->params.have_time)
		return words_format("valid from %s on, %s after the time judged at", when, span);
	return words_format("valid from %s on, in %s", when, span);
}

static char *remedy_not_yet(const struct place *p)
{
	char when[32];

	if (p->e->params.have_time)
		return strdup("judge at a later time");
	return words_format("is the clock right? It says %s", text_of_time(p->now, when));
}

/* ---- issuers ---- */

static const char *ca_issuers(const struct place *p, char *buf, size_t cap)
{
	static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02 };
	size_t i;

	for (i = 0; p->view && i < p->view->access_count; i++) {
		const struct capcert_access *a = &p->view->access[i];

		if (a->method.len == sizeof(oid) && !memcmp(a->method.data, oid, sizeof(oid)) &&
		    a->location.type == CAPCERT_GN_URI) {
			capcert_gn_text(&a->location, buf, cap);
			return buf;
		}
	}
	return NULL;
}

static bool self_issued(const struct place *p)
{
	return p->self->subject && p->self->issuer && *p->self->subject &&
	       !strcmp(p->self->subject, p->self->issuer);
}

static char *wrong_unknown_anchor(const struct place *p)
{
	const struct capcert_report_note *n = words_dead_end(p->e, p->self->number);

	if (n && (n->kind == CAPCERT_NOTE_OTHER_PURPOSE || !self_issued(p)))
		return words_note(p->e, n);
	if (self_issued(p))
		return strdup("is self-signed and no anchor of the store");
	if (!p->self->cert)
		return NULL;
	return words_format("its issuer is %s, and nobody in the chain or the store is called that",
			    p->issuer);
}

/* Nobody has the issuer's name. */
static char *remedy_missing(const struct place *p)
{
	const struct capcert_report_note *unread =
		words_find_note(p->e->report, CAPCERT_NOTE_MALFORMED, CAPCERT_REPORT_NO_CERT);
	char url[512], *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f,
		"did the server not send the intermediate %s, or does the store lack it as an "
		"anchor?",
		p->issuer);
	if (ca_issuers(p, url, sizeof(url)))
		fprintf(f, " It is offered at %s", url);
	if (unread)
		fprintf(f, " (certificate %u of the chain cannot be read, it may be that one)",
			p->e->report->certs[unread->cert].index);
	fclose(f);
	return text;
}

static char *remedy_unknown_anchor(const struct place *p)
{
	const struct capcert_report_note *n = words_dead_end(p->e, p->self->number);

	if (n && n->kind == CAPCERT_NOTE_OTHER_PURPOSE)
		return words_format("trust the anchor for %s as well, if you mean to",
				    purpose_of(p));
	if (self_issued(p))
		return strdup("add it to the store if you trust it, and only then");
	if (!n)
		return remedy_missing(p);
	if (n->kind == CAPCERT_NOTE_LOOP)
		return strdup("the certificates certify each other in a circle: add the one that "
			      "leads to an anchor");
	if (n->kind == CAPCERT_NOTE_BAD_SIGNATURE)
		return words_format("find the certificate of %s with the key that signed this one",
				    p->issuer);
	return strdup("send only the certificates that lead to the anchor");
}

static char *wrong_signature(const struct place *p)
{
	char above[SHORT] = "the next certificate";

	if (p->at + 1 < p->count && p->steps[p->at + 1].subject)
		words_short(p->steps[p->at + 1].subject, above, sizeof(above));
	return words_format("%s has the name of its issuer, but the signature is not by its key",
			    above);
}

/* ---- names ---- */

static char *wrong_name(const struct place *p)
{
	const char *asked = p->e->params.name ? p->e->params.name : "";
	bool more = false;
	char *text = NULL, name[300];
	size_t size, i, shown = 0;
	FILE *f;

	if (!p->view)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fputs("the certificate is for ", f);
	for (i = 0; i < p->view->alt_name_count; i++) {
		uint32_t type = p->view->alt_names[i].type;

		if ((type == CAPCERT_GN_DNS || type == CAPCERT_GN_IP || type == CAPCERT_GN_EMAIL) &&
		    shown++ < 10) {
			capcert_gn_text(&p->view->alt_names[i], name, sizeof(name));
			words_more(f, &more, name);
		}
	}
	if (shown > 10)
		fprintf(f, " and %zu more", shown - 10);
	if (!shown)
		fputs(p->view->alt_name_count ? "no host, address or mailbox"
					      : "no name at all (a common name does not count)",
		      f);
	fprintf(f, "; you asked for %s", asked);
	fclose(f);
	return text;
}

/* Why this name of the certificate, though near, is not the one. NULL: it is not near. */
static char *near_miss(const char *have, const char *asked)
{
	size_t have_len, asked_len = strlen(asked);

	if (!strncmp(have, "*.", 2)) {
		const char *base = have + 2;

		have_len = strlen(base);
		if (!strcasecmp(base, asked))
			return words_format("%s does not cover %s itself: a name of its own is "
					    "needed for that",
					    have, asked);
		if (asked_len > have_len + 1 && asked[asked_len - have_len - 1] == '.' &&
		    !strcasecmp(asked + asked_len - have_len, base))
			return words_format("%s covers one label only, %s has more", have, asked);
		return NULL;
	}
	if (!strncasecmp(have, "www.", 4) && !strcasecmp(have + 4, asked))
		return words_format("%s is there, %s without www is not", have, asked);
	if (!strncasecmp(asked, "www.", 4) && !strcasecmp(asked + 4, have))
		return words_format("%s is there, %s is not", have, asked);
	return NULL;
}

static char *remedy_name(const struct place *p)
{
	const char *asked = p->e->params.name ? p->e->params.name : "";
	struct in6_addr ip;
	size_t i;

	for (i = 0; p->view && i < p->view->alt_name_count; i++) {
		char name[300], *text;

		if (p->view->alt_names[i].type != CAPCERT_GN_DNS)
			continue;
		capcert_gn_text(&p->view->alt_names[i], name, sizeof(name));
		text = near_miss(name, asked);
		if (text)
			return text;
	}
	if (inet_pton(AF_INET, asked, &ip) == 1 || inet_pton(AF_INET6, asked, &ip) == 1)
		return strdup("ask by host name: the certificate does not have this address");
	return strdup("is it the right server? If so, ask its administrator for a certificate with "
		      "this name");
}

/* ---- what it may be used for ---- */

static char *wrong_eku(const struct place *p)
{
	char *text = NULL, oid[80];
	bool more = false;
	size_t size, i;
	FILE *f;

	if (!p->view)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "%s, %s; ", p->self->text, purpose_of(p));
	fputs(p->view->eku_count ? "it names " : "it has none", f);
	for (i = 0; i < p->view->eku_count; i++) {
		capcert_oid_text(p->view->ekus[i].oid, oid, sizeof(oid));
		words_more(f, &more,
			   p->view->ekus[i].id == CAPCERT_EKU_OTHER
				   ? oid
				   : capcert_eku_name(p->view->ekus[i].id));
	}
	fclose(f);
	return text;
}

static char *remedy_eku(const struct place *p)
{
	if (p->at == 0)
		return words_format("a certificate that is made for %s is needed", purpose_of(p));
	return words_format("%s may not issue certificates for %s: another issuer is needed",
			    p->subject, purpose_of(p));
}

/* "...; it allows digitalSignature, keyAgreement" where the key usage is what is wrong. */
static char *wrong_policy(const struct place *p)
{
	char *text = NULL;
	bool more = false;
	unsigned int i;
	size_t size;
	FILE *f;

	if (!p->view || !p->self->text || strncmp(p->self->text, "key usage", 9))
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "%s; it allows ", p->self->text);
	for (i = 0; i < CAPCERT_KU_COUNT; i++)
		if (p->view->key_usage >> i & 1)
			words_more(f, &more, capcert_key_usage_name(i));
	fputs(more ? "" : "nothing", f);
	fclose(f);
	return text;
}

static struct status_case status_of(const struct place *p)
{
	const struct capcert_result *r = p->e->result;
	uint32_t kinds = p->at < r->path_count ? r->path[p->at].missing : 0;

	return (struct status_case){
		.staple = p->self->reason == CAPCERT_REASON_MUST_STAPLE_MISSING,
		.by_certificate = p->self->cert && capcert_cert_must_staple(p->self->cert),
		.why = p->self->detail,
		.kinds = kinds ? kinds : CAPCERT_MISSING_ALL,
		.issuer = p->issuer,
		.view = p->view
	};
}

static char *wrong_status(const struct place *p)
{
	struct status_case c = status_of(p);

	return status_words_wrong(&c);
}

static char *remedy_status(const struct place *p)
{
	struct status_case c = status_of(p);

	return status_words_remedy(&c);
}

static char *wrong_weak(const struct place *p)
{
	if (!p->view)
		return NULL;
	return words_format("%s (its key: %s, %u bits; signed with %s)", p->self->text,
			    p->view->key_algorithm, p->view->key_bits, p->view->signature_scheme);
}

/* CA certificates below number @above that count: self-issued ones do not (RFC 5280 section
 * 4.2.1.9). */
static uint32_t cas_below(const struct place *p, uint32_t above)
{
	uint32_t i, n = 0;

	for (i = 1; i < above; i++)
		n += strcmp(p->steps[i].subject, p->steps[i].issuer) != 0;
	return n;
}

/* The nearest certificate above whose limit this one breaks. */
static char *wrong_length(const struct place *p)
{
	char name[SHORT];
	uint32_t i;

	for (i = p->at + 1; i < p->count; i++) {
		int limit = -1;

		if (!p->steps[i].cert || !capcert_cert_is_ca(p->steps[i].cert, &limit) ||
		    limit < 0 || cas_below(p, i) <= (uint32_t)limit)
			continue;
		return words_format("%s allows %d CA certificate%s below itself "
				    "(pathLenConstraint), the path has %u",
				    words_short(p->steps[i].subject, name, sizeof(name)), limit,
				    limit == 1 ? "" : "s", cas_below(p, i));
	}
	return words_format("%s; there are %u", p->self->text, p->count);
}

static char *remedy_length(const struct place *p)
{
	if (is_anchor(p))
		return strdup("a shorter path, or a policy with a larger max_chain, is needed");
	return words_format("%s should not have been issued: a certificate from a CA further up is "
			    "needed",
			    p->subject);
}

/* ---- all of them ---- */

static char *wrong(const struct place *p)
{
	switch (p->self->reason) {
	case CAPCERT_REASON_EXPIRED:
		return wrong_expired(p);
	case CAPCERT_REASON_NOT_YET_VALID:
		return wrong_not_yet(p);
	case CAPCERT_REASON_UNKNOWN_ANCHOR:
		return wrong_unknown_anchor(p);
	case CAPCERT_REASON_SIGNATURE_MISMATCH:
		return wrong_signature(p);
	case CAPCERT_REASON_NAME_MISMATCH:
		return wrong_name(p);
	case CAPCERT_REASON_BAD_EKU:
		return wrong_eku(p);
	case CAPCERT_REASON_POLICY_VIOLATION:
		return wrong_policy(p);
	case CAPCERT_REASON_WEAK_ALGORITHM:
		return wrong_weak(p);
	case CAPCERT_REASON_OCSP_UNAVAILABLE:
	case CAPCERT_REASON_MUST_STAPLE_MISSING:
		return wrong_status(p);
	case CAPCERT_REASON_CHAIN_TOO_LONG:
		return p->e->report ? wrong_length(p) : NULL;
	default:
		return NULL;
	}
}

static char *remedy(const struct place *p)
{
	switch (p->self->reason) {
	case CAPCERT_REASON_EXPIRED:
		return remedy_expired(p);
	case CAPCERT_REASON_NOT_YET_VALID:
		return remedy_not_yet(p);
	case CAPCERT_REASON_UNKNOWN_ANCHOR:
		return remedy_unknown_anchor(p);
	case CAPCERT_REASON_SIGNATURE_MISMATCH:
		return words_format("one of the two was changed, or %s has more than one key: get "
				    "both certificates anew",
				    p->issuer);
	case CAPCERT_REASON_NAME_MISMATCH:
		return remedy_name(p);
	case CAPCERT_REASON_BAD_EKU:
		return remedy_eku(p);
	case CAPCERT_REASON_CHAIN_TOO_LONG:
		return remedy_length(p);
	case CAPCERT_REASON_WEAK_ALGORITHM:
		return strdup(is_anchor(p) || p->at ? "another path is needed: its issuer must use "
						      "stronger algorithms"
						    : "ask for a certificate with a key and a "
						      "signature that the policy allows");
	case CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION:
		return strdup("the name must come from an issuer that may certify it");
	case CAPCERT_REASON_REVOKED:
		return words_format("%s has withdrawn it: a new certificate is needed", p->issuer);
	case CAPCERT_REASON_OCSP_UNAVAILABLE:
	case CAPCERT_REASON_MUST_STAPLE_MISSING:
		return remedy_status(p);
	case CAPCERT_REASON_DISTRUSTED:
		return strdup("it was withdrawn on purpose: a certificate from another issuer is "
			      "needed");
	case CAPCERT_REASON_BUDGET_EXHAUSTED:
		return strdup("send only the certificates that lead to the anchor");
	case CAPCERT_REASON_MALFORMED:
		return strdup(
			"get the certificate anew; if it stays so, its issuer made a mistake");
	case CAPCERT_REASON_POLICY_VIOLATION:
		return strdup("ask for a certificate that keeps this rule, or judge by a policy "
			      "that does not have it");
	default:
		return NULL;
	}
}

static char *words(const struct explanation *e, const struct explain_step *steps, uint32_t count,
		   uint32_t at, char *(*say)(const struct place *))
{
	struct place p = { .e = e,
			   .steps = steps,
			   .self = &steps[at],
			   .count = count,
			   .at = at,
			   .now = e->result->outcome.time };
	char full[SHORT];
	char *text;

	if (p.self->cert && !p.self->issuer)
		capcert_cert_issuer_text(p.self->cert, full, sizeof(full));
	words_short(p.self->issuer ? p.self->issuer
		    : p.self->cert ? full
				   : NULL,
		    p.issuer, sizeof(p.issuer));
	if (p.self->cert && !p.self->subject)
		capcert_cert_subject_text(p.self->cert, full, sizeof(full));
	words_short(p.self->subject ? p.self->subject
		    : p.self->cert  ? full
				    : NULL,
		    p.subject, sizeof(p.subject));
	if (p.self->cert && capcert_cert_view_new(p.self->cert, &p.view))
		p.view = NULL;
	text = say(&p);
	capcert_cert_view_free(p.view);
	return text;
}

static bool about_status(int32_t reason)
{
	return reason == CAPCERT_REASON_OCSP_UNAVAILABLE ||
	       reason == CAPCERT_REASON_MUST_STAPLE_MISSING;
}

char *words_wrong(const struct explanation *e, const struct explain_step *steps, uint32_t count,
		  uint32_t at)
{
	char *text;

	if (steps[at].reason == CAPCERT_REASON_NONE)
		return NULL;
	text = steps[at].detail && !about_status(steps[at].reason)
		       ? strdup(steps[at].detail)
		       : words(e, steps, count, at, wrong);
	return text ? text : strdup(steps[at].text ? steps[at].text : "");
}

char *words_remedy(const struct explanation *e, const struct explain_step *steps, uint32_t count,
		   uint32_t at)
{
	return steps[at].reason == CAPCERT_REASON_NONE ? NULL : words(e, steps, count, at, remedy);
}
