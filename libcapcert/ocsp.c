// SPDX-License-Identifier: LGPL-2.1-or-later
/* What RFC 6960 section 3.2 asks of a response before it counts, and which of several does. */
#include "libcapcert/ocsp.h"
#include "libcapcert/sha.h"

void ocsp_note(struct ocsp_question *q, enum ocsp_stage stage, const char *why)
{
	if (stage > q->closest) {
		q->closest = stage;
		q->status.why = why;
	}
}

static bool stop(const struct ocsp_question *q)
{
	return q->ev->budget.spent || q->ev->no_memory;
}

/* Section 4.1.1: of the issuer's name as the certificate has it, and of the bits of its key. */
static void hash_issuer(struct ocsp_question *q, enum cc_ocsp_hash hash)
{
	struct cc_span name = q->path->node[q->at]->cert->issuer;
	struct cc_span key = q->path->node[q->at + 1]->cert->key;
	struct ocsp_issuer_hashes *h = &q->hashes;

	if (h->known[hash])
		return;
	h->known[hash] = true;
	if (hash == CC_OCSP_HASH_SHA1) {
		sha1_of(name, h->name[hash]);
		sha1_of(key, h->key[hash]);
	} else {
		sha256_of(name, h->name[hash]);
		sha256_of(key, h->key[hash]);
	}
}

/* Is this about the certificate? By serial number first, which costs nothing. */
static bool matches(struct ocsp_question *q, const struct cc_ocsp_id *id)
{
	if (!cc_span_equal(id->serial, q->path->node[q->at]->cert->serial) ||
	    id->hash >= CC_OCSP_HASH_OTHER)
		return false;
	hash_issuer(q, (enum cc_ocsp_hash)id->hash);
	return memcmp(id->name_hash.p, q->hashes.name[id->hash], id->name_hash.n) == 0 &&
	       memcmp(id->key_hash.p, q->hashes.key[id->hash], id->key_hash.n) == 0;
}

/* The last time at which the answer counts: nextUpdate is not part of it, and where there is none,
 * the policy says how long. */
static int64_t counts_until(const struct evaluation *ev, const struct cc_ocsp_single *single)
{
	if (single->has_next_update)
		return single->next_update - 1;
	return single->this_update + ev->policy->max_age;
}

/* thisUpdate <= now + skew < nextUpdate: what the clock may be off never lengthens the time that a
 * response has. */
static const char *current(struct evaluation *ev, const struct cc_ocsp *ocsp,
			   const struct cc_ocsp_single *single)
{
	int64_t skew = ev->policy->clock_skew;

	if (single->has_next_update && single->next_update < single->this_update)
		return "the response ends before it begins (nextUpdate)";
	if (!window_since(&ev->window, single->this_update - skew))
		return "the response is not yet in force (thisUpdate)";
	if (!window_since(&ev->window, ocsp->produced_at - skew))
		return "the response was made in the future (producedAt)";
	if (window_until(&ev->window, counts_until(ev, single) - skew))
		return NULL;
	return single->has_next_update ? "the response is out of date (nextUpdate)"
				       : "the response has no nextUpdate and is older than max_age";
}

/* Section 4.4: whoever does not know a critical extension must not use what it stands in. */
static const char *usable(const struct cc_ocsp *ocsp, const struct cc_ocsp_single *single)
{
	if (ocsp->ext_critical & CC_OCSP_EXT_BIT(UNKNOWN))
		return "the response has an unknown critical extension";
	if (single->ext_critical & CC_OCSP_EXT_BIT(UNKNOWN))
		return "the response's answer has an unknown critical extension";
	return NULL;
}

static enum status_state state_of(const struct cc_ocsp_single *single)
{
	static const enum status_state states[] = {
		[CC_OCSP_GOOD] = STATUS_GOOD,
		[CC_OCSP_REVOKED] = STATUS_REVOKED,
		[CC_OCSP_UNKNOWN] = STATUS_UNKNOWN,
	};

	return states[single->status];
}

static bool final(enum status_state state, uint8_t reason)
{
	return state == STATUS_REVOKED && reason != CC_CRL_REASON_HOLD;
}

/* The worse of two answers about the same moment. */
static int gravity(enum status_state state)
{
	return state == STATUS_REVOKED ? 2 : state == STATUS_UNKNOWN;
}

/* Does this answer stand before the one that is there? A revocation is for good and no later answer
 * takes it back, but for a hold; of others the newest counts. */
static bool stronger(const struct ocsp_question *q, const struct cc_ocsp_single *single)
{
	const struct status *s = &q->status;
	bool is_final = final(state_of(single), single->reason);

	if (!s->response)
		return true;
	if (is_final != final(s->state, s->reason))
		return is_final;
	if (single->this_update != s->issued)
		return single->this_update > s->issued;
	return gravity(state_of(single)) > gravity(s->state);
}

static void take(struct ocsp_question *q, const struct ocsp_response *response,
		 const struct cc_ocsp_single *single)
{
	static const uint8_t told[] = {
		[CC_OCSP_GOOD] = 1 + CAPCERT_OCSP_GOOD,
		[CC_OCSP_REVOKED] = 1 + CAPCERT_OCSP_REVOKED,
		[CC_OCSP_UNKNOWN] = 1 + CAPCERT_OCSP_UNKNOWN,
	};
	int64_t end = q->path->node[q->at]->cert->not_after;
	struct status *s = &q->status;

	s->state = state_of(single);
	s->reason = single->reason;
	s->since = single->revoked_at;
	s->issued = single->this_update;
	s->until = counts_until(q->ev, single);
	if (s->until > end) /* clipped, not refused */
		s->until = end;
	s->response = response;
	s->scts = single->scts;
	s->told = told[single->status];
	if (single->status == CC_OCSP_UNKNOWN)
		ocsp_note(q, OCSP_STAGE_UNKNOWN, "the responder does not know the certificate");
}

static void consider(struct ocsp_question *q, const struct ocsp_response *response,
		     const struct cc_ocsp_single *single)
{
	const char *why = usable(&response->ocsp, single);

	if (!q->status.told)
		q->status.told = 1 + CAPCERT_OCSP_UNKNOWN;
	if (why) {
		ocsp_note(q, OCSP_STAGE_USE, why);
		return;
	}
	why = current(q->ev, &response->ocsp, single);
	if (why) {
		ocsp_note(q, OCSP_STAGE_TIME, why);
		return;
	}
	if (stronger(q, single) && ocsp_signer_holds(q, response) && !stop(q))
		take(q, response, single);
}

static const char *refusal(uint32_t status)
{
	switch (status) {
	case CC_OCSP_STATUS_MALFORMED_REQUEST:
		return "the responder answered malformedRequest";
	case CC_OCSP_STATUS_INTERNAL_ERROR:
		return "the responder answered internalError";
	case CC_OCSP_STATUS_TRY_LATER:
		return "the responder answered tryLater";
	case CC_OCSP_STATUS_SIG_REQUIRED:
		return "the responder answered sigRequired";
	default:
		return "the responder answered unauthorized";
	}
}

static void ask_response(struct ocsp_question *q, const struct ocsp_response *response)
{
	struct cc_span rest = response->ocsp.singles;
	struct cc_ocsp_single single;

	if (response->ocsp.status != CC_OCSP_STATUS_SUCCESSFUL) {
		/* Unsigned, and about nobody by name: it decides nothing. */
		ocsp_note(q, OCSP_STAGE_ANSWER, refusal(response->ocsp.status));
		return;
	}
	while (!stop(q) && cc_ocsp_single_next(&rest, &single) == 1) {
		if (!budget_compare(&q->ev->budget))
			return;
		if (matches(q, &single.id))
			consider(q, response, &single);
		else
			ocsp_note(q, OCSP_STAGE_MATCH, "the response is about other certificates");
	}
}

static bool wanted(const struct ocsp_question *q, const struct ocsp_response *response,
		   uint32_t kinds)
{
	if (!response->staple)
		return kinds & CC_EVIDENCE_OCSP;
	return (kinds & CC_EVIDENCE_STAPLE) && q->path->node[q->at] == &q->ev->nodes[0];
}

struct status ocsp_status(struct evaluation *ev, const struct path *path, uint32_t at,
			  uint32_t kinds, bool nested)
{
	struct ocsp_question q = { .ev = ev, .path = path, .at = at, .nested = nested };
	const capcert_evidence *e = ev->request->evidence;
	const struct ocsp_response *response;
	uint32_t i;

	for (i = 0; !stop(&q) && (response = evidence_response(e, i)); i++)
		if (wanted(&q, response, kinds))
			ask_response(&q, response);
	if ((kinds & CC_EVIDENCE_OCSP) && !q.status.told &&
	    evidence_unreachable(e, evaluation_fingerprint(path->node[at])))
		ocsp_note(&q, OCSP_STAGE_ANSWER, "the responder was asked and did not answer");
	if (!q.status.told && q.closest == OCSP_STAGE_ANSWER)
		q.status.told = 1 + CAPCERT_OCSP_RESPONDER_UNREACHABLE;
	return q.status;
}
