// SPDX-License-Identifier: LGPL-2.1-or-later
/* The policy's word on revocation: whose status, from which evidence, and what if there is none. */
#include "core/time.h"
#include "libcapcert/evidence.h"
#include "libcapcert/revocation.h"

#define DAY 86400
#define NAME_TEXT 100
#define SHORT_LIVED_DAYS 7 /* Baseline Requirements section 1.6.1, since 2026-03-15 */

static const char unknown[] = "the policy asks for its revocation status, and none is known";

/* Neither an OCSP responder nor a CRL is named. */
static bool no_status_address(const struct cc_cert *cert)
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

bool revocation_hopeless(const struct evaluation *ev)
{
	return !(ev->policy->revocation & CC_EVIDENCE_CRL) || evidence_empty(ev->request->evidence);
}

/* All evidence that the policy accepts. A certificate that lives too short to be asked about is
 * good, unless a list says otherwise. */
static struct status status_of(struct evaluation *ev, const struct path *path, uint32_t at,
			       const struct inquiry *q)
{
	const struct cc_cert *cert = path->node[at]->cert;
	struct status s = { 0 };

	if (!revocation_hopeless(ev))
		s = crl_status(ev, path, at, q, q ? path->node[0] : NULL);
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
		if (path->found[i].reason != CC_REASON_NONE &&
		    path->found[i].reason != CC_REASON_OCSP_UNAVAILABLE)
			return false;
	return true;
}

void revocation_check(struct evaluation *ev, struct path *path, const enum edge_state *links,
		      void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx)
{
	uint32_t i, asked = asked_for(ev->policy, path);

	memset(path->status, 0, asked * sizeof(path->status[0]));
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
	}
	if (ev->policy->revocation_mode != CC_REVOCATION_HARD || !only_unknown(path))
		return;
	for (i = 0; i < asked; i++)
		if (path->status[i].state == STATUS_UNKNOWN)
			note(ctx, i, finding(CC_REASON_OCSP_UNAVAILABLE, unknown));
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
	char name[NAME_TEXT];

	if (status->state != STATUS_REVOKED) {
		cc_text_put(t, status->why ? status->why : "");
		return;
	}
	cc_text_put(t, "at ");
	put_time(t, status->since);
	cc_text_put(t, ", ");
	cc_text_put(t, cc_crl_reason_name(status->reason));
	cc_text_put(t, ", by the list of ");
	cc_dn_format(status->list->list.issuer, name, sizeof(name));
	cc_text_put(t, name);
	cc_text_put(t, " of ");
	put_time(t, status->list->list.this_update);
}
