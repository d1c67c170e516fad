// SPDX-License-Identifier: LGPL-2.1-or-later
/* The policy's word on revocation: whose status, from which evidence, and what if there is none. */
#include "core/time.h"
#include "libcapcert/evidence.h"
#include "libcapcert/ocsp.h"
#include "libcapcert/revocation.h"

#define DAY 86400
#define NAME_TEXT 100
#define SHORT_LIVED_DAYS 7 /* Baseline Requirements section 1.6.1, since 2026-03-15 */

static const char unknown[] = "the policy asks for its revocation status, and none is known";

static const char no_staple[] = "must be stapled (RFC 7633), and no valid staple was given";
static const char asked_staple[] = "the policy asks for a staple, and no valid one was given";

#define OCSP (CC_EVIDENCE_STAPLE | CC_EVIDENCE_OCSP)

_Static_assert(CAPCERT_MISSING_STAPLE == CC_EVIDENCE_STAPLE &&
		       CAPCERT_MISSING_OCSP == CC_EVIDENCE_OCSP &&
		       CAPCERT_MISSING_CRL == CC_EVIDENCE_CRL,
	       "what is missing is told as the policy names it");

bool no_status_address(const struct cc_cert *cert)
{
	static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	struct cc_span rest = cert->aia, method;
	struct cc_general_name location;
	int r;

	if (cert->ext_present & CC_EXT_BIT(CRL_DISTRIBUTION))
		return false;
	while ((r = cc_access_next(&rest, &method, &location)) == 1)
		if (cc_span_equal(method, cc_span(ocsp, sizeof(ocsp))))
			return false;
	return r == 0;
}

static bool short_lived(const struct cc_policy *policy, const struct cc_cert *cert)
{
	return (policy->revocation & CC_EVIDENCE_SHORT_LIVED) &&
	       cert->not_after - cert->not_before + 1 <= SHORT_LIVED_DAYS * DAY &&
	       no_status_address(cert);
}

static bool must_staple(const struct evaluation *ev, const struct node *leaf)
{
	return leaf->cert->must_staple || ev->policy->stapling_required;
}

bool revocation_hopeless(const struct evaluation *ev)
{
	uint32_t kinds = ev->policy->revocation;

	if (must_staple(ev, &ev->nodes[0]))
		kinds |= CC_EVIDENCE_STAPLE;
	return !evidence_has(ev->request->evidence, kinds);
}

/* Of two answers: a revocation, whoever says so; else one that knows; else the word of whoever came
 * closer to an answer. What OCSP says is kept whatever counts. */
static struct status stronger(const struct status *ocsp, const struct status *list)
{
	struct status s = *ocsp;

	if (ocsp->state != STATUS_REVOKED &&
	    (list->state == STATUS_REVOKED ||
	     (ocsp->state == STATUS_UNKNOWN && (list->state == STATUS_GOOD || !ocsp->why))))
		s = *list;
	s.told = ocsp->told;
	return s;
}

/* All evidence that the policy accepts. A certificate that lives too short to be asked about is
 * good, unless there is something that says otherwise. */
static struct status status_of(struct evaluation *ev, const struct path *path, uint32_t at,
			       const struct inquiry *q)
{
	const struct cc_cert *cert = path->node[at]->cert;
	uint32_t kinds = ev->policy->revocation;
	struct status s = { 0 }, list = { 0 };

	if (kinds & OCSP)
		s = ocsp_status(ev, path, at, kinds, q != NULL);
	if (s.state != STATUS_REVOKED &&
	    evidence_has(ev->request->evidence, kinds & CC_EVIDENCE_CRL)) {
		list = crl_status(ev, path, at, q, q ? path->node[0] : NULL);
		s = stronger(&s, &list);
	}
	if (s.state == STATUS_UNKNOWN && short_lived(ev->policy, cert)) {
		s.state = STATUS_GOOD;
		s.until = cert->not_after;
	}
	return s;
}

bool revocation_good(struct evaluation *ev, const struct path *path, uint32_t at,
		     const struct inquiry *q)
{
	switch (status_of(ev, path, at, q).state) {
	case STATUS_GOOD:
		return true;
	case STATUS_UNKNOWN:
		return ev->policy->revocation_mode != CC_REVOCATION_HARD;
	default:
		return false;
	}
}

/* Certificates whose status the policy asks for: the anchor has no issuer that could revoke it, and
 * a leaf that is its own anchor neither. */
static uint32_t asked_for(const struct cc_policy *policy, const struct path *path)
{
	if (policy->revocation_mode == CC_REVOCATION_OFF || path->count < 2)
		return 0;
	return policy->revocation_chain ? path->count - 1 : 1;
}

static bool only_unknown(const struct path *path)
{
	uint32_t i;

	for (i = 0; i < path->count; i++)
		if (!revocation_open(path->found[i].reason))
			return false;
	return true;
}

/* What could still tell: evidence that is accepted and that somebody can have. */
static uint32_t missing(const struct evaluation *ev, const struct path *path, uint32_t at)
{
	uint32_t kinds = ev->policy->revocation & CAPCERT_MISSING_ALL;

	return at == 0 ? kinds : kinds & ~(uint32_t)CAPCERT_MISSING_STAPLE;
}

/* A leaf that says so, or a policy that does, wants a staple that is good, whatever else is known and
 * whatever else the policy accepts (RFC 7633 section 4.3.3). */
static void check_staple(struct evaluation *ev, struct path *path,
			 void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx)
{
	struct status s = { 0 };

	if (!must_staple(ev, path->node[0]))
		return;
	if (path->count > 1)
		s = ocsp_status(ev, path, 0, CC_EVIDENCE_STAPLE, false);
	if (ev->budget.spent || ev->no_memory || s.state == STATUS_GOOD) {
		if (!path->status[0].told)
			path->status[0].told = s.told;
		return;
	}
	path->status[0] = s;
	if (s.state == STATUS_REVOKED) {
		note(ctx, 0, finding(CC_REASON_REVOKED, "revoked"));
		return;
	}
	path->missing[0] |= CAPCERT_MISSING_STAPLE;
	note(ctx, 0,
	     finding(CC_REASON_MUST_STAPLE_MISSING,
		     path->node[0]->cert->must_staple ? no_staple : asked_staple));
}

void revocation_check(struct evaluation *ev, struct path *path, const enum edge_state *links,
		      void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx)
{
	uint32_t i, asked = asked_for(ev->policy, path);

	for (i = path->count - 1; asked && i-- > 0;) {
		/* Whoever is above must be sound, or nothing signed there could be believed. */
		if (path->found[i + 1].reason != CC_REASON_NONE || links[i] != EDGE_GOOD)
			break;
		if (i >= asked)
			continue;
		path->status[i] = status_of(ev, path, i, NULL);
		if (ev->budget.spent || ev->no_memory)
			return;
		if (path->status[i].state == STATUS_REVOKED) {
			note(ctx, i, finding(CC_REASON_REVOKED, "revoked"));
			return;
		}
		if (path->status[i].state == STATUS_UNKNOWN)
			path->missing[i] = missing(ev, path, i);
	}
	if (!only_unknown(path))
		return;
	for (i = 0; ev->policy->revocation_mode == CC_REVOCATION_HARD && i < asked; i++)
		if (path->status[i].state == STATUS_UNKNOWN)
			note(ctx, i, finding(CC_REASON_OCSP_UNAVAILABLE, unknown));
	check_staple(ev, path, note, ctx);
}

uint32_t revocation_told(const struct path *path)
{
	uint8_t told = path->count ? path->status[0].told : 0;

	return told ? told - 1u : CAPCERT_OCSP_STAPLED_ABSENT;
}

bool revocation_said(const struct status *status)
{
	return status->state == STATUS_REVOKED || (status->state == STATUS_UNKNOWN && status->why);
}

static void put_time(struct cc_text *t, int64_t time)
{
	char text[CC_TIME_TEXT];

	cc_time_format(time, text, sizeof(text));
	cc_text_put(t, text);
}

void revocation_say(const struct status *status, struct cc_text *t)
{
	const struct ocsp_response *response = status->response;
	char name[NAME_TEXT];

	if (status->state != STATUS_REVOKED) {
		cc_text_put(t, status->why ? status->why : "");
		return;
	}
	cc_text_put(t, "at ");
	put_time(t, status->since);
	cc_text_put(t, ", ");
	cc_text_put(t, cc_crl_reason_name(status->reason));
	if (response) {
		cc_text_put(t, response->staple ? ", by the staple" : ", by the OCSP response");
	} else {
		cc_text_put(t, ", by the list of ");
		cc_dn_format(status->list->list.issuer, name, sizeof(name));
		cc_text_put(t, name);
	}
	cc_text_put(t, " of ");
	put_time(t, status->issued);
}

void revocation_say_missing(uint32_t missing, struct cc_text *t)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} kinds[] = { { CAPCERT_MISSING_STAPLE, "staple" },
		      { CAPCERT_MISSING_OCSP, "OCSP" },
		      { CAPCERT_MISSING_CRL, "CRL" } };
	const char *before = " (would tell: ";
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(kinds); i++) {
		if (!(missing & kinds[i].bit))
			continue;
		cc_text_put(t, before);
		cc_text_put(t, kinds[i].text);
		before = ", ";
	}
	if (missing)
		cc_text_char(t, ')');
}
