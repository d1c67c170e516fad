// SPDX-License-Identifier: GPL-2.0-only
/* An agent's reply: is it well-formed (anybody's question), is it sane (this question's answer). */
#include <linux/err.h>
#include <linux/string.h>

#include "core/cert.h"
#include "core/outcome.h"
#include "core/trust_anchor.h"
#include "kmod/broker.h"
#include "kmod/digest.h"
#include "kmod/distrust.h"
#include "kmod/memfd.h"
#include "kmod/pins.h"
#include "kmod/reply.h"
#include "kmod/store.h"

#define REPLY_MAX_ERRNO	511	/* from 512 on they are the kernel's own, not for userspace */

#define REPLY_FLAGS                                                                            \
	(CAPCERT_OUTCOME_PINNED | CAPCERT_OUTCOME_PIN_MISMATCH | CAPCERT_OUTCOME_PINS_EXPIRED)

static bool reply_reason_known(s32 reason)
{
	return reason >= CAPCERT_REASON_UNKNOWN_ANCHOR && reason <= CAPCERT_REASON_MALFORMED;
}

static bool reply_detail_form(const char *detail, size_t cap)
{
	size_t n = strnlen(detail, cap), i;

	if (n == cap)
		return false;
	for (i = 0; i < n; i++)
		if (detail[i] < 0x20 || detail[i] > 0x7e)
			return false;
	/* The whole array is copied to callers: nothing may hide behind the NUL. */
	return !memchr_inv(detail + n, 0, cap - n);
}

/* A verdict has a path and no data, everything else has data and no path. */
static bool reply_size_form(const struct capcert_agent_reply *reply, size_t len, u32 class)
{
	const bool verdict = class == CAPCERT_CLASS_VERIFY;

	if (len < sizeof(*reply) || reply->size != len || reply->reserved ||
	    reply->path_count > (verdict ? CAPCERT_MAX_PATH : 0) ||
	    reply->data_len > (verdict ? 0 : CAPCERT_AGENT_MAX_DATA) ||
	    (reply->error && reply->data_len))
		return false;
	return len == sizeof(*reply) + reply->data_len +
			      reply->path_count * sizeof(struct capcert_path_entry);
}

/* A piece of evidence of the right type, in one place; or none, because nobody answered. */
static bool reply_status_form(const struct capcert_agent_reply *reply)
{
	const struct capcert_agent_status *status = (const void *)(reply + 1);
	bool bytes;

	if (reply->data_len < sizeof(*status) || status->size != sizeof(*status) ||
	    status->flags & ~CAPCERT_AGENT_STATUS_KEPT || status->reserved || status->fd < -1 ||
	    status->fetched < 0)
		return false;
	bytes = reply->data_len > sizeof(*status);
	if (status->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return status->status == CAPCERT_OCSP_RESPONDER_UNREACHABLE && !bytes &&
		       status->fd == -1;
	if (status->type != CAPCERT_EVIDENCE_OCSP && status->type != CAPCERT_EVIDENCE_CRL)
		return false;
	return status->status <= CAPCERT_OCSP_REVOKED && bytes == (status->fd == -1) &&
	       status->this_update <= status->until;
}

int cc_reply_file(const struct capcert_agent_reply *reply, u32 class, struct file **ret)
{
	const struct capcert_agent_status *status = (const void *)(reply + 1);
	struct file *file;
	size_t len;

	*ret = NULL;
	if (class != CAPCERT_CLASS_STATUS || reply->error || status->fd == -1)
		return 0;
	file = cc_memfd_get(status->fd, CAPCERT_MAX_EVIDENCE_BYTES, &len);
	if (IS_ERR(file))
		return PTR_ERR(file);
	*ret = file;
	return 0;
}

bool cc_reply_form(const struct capcert_agent_reply *reply, size_t len, u32 class)
{
	const struct capcert_path_entry *path = (const void *)(reply + 1);
	u32 i;

	if (!reply_size_form(reply, len, class))
		return false;
	if (reply->error > 0 || reply->error < -REPLY_MAX_ERRNO ||
	    reply->flags & ~REPLY_FLAGS ||
	    reply->clock > CAPCERT_CLOCK_ATTESTED || reply->valid > 1 ||
	    reply->ocsp_status > CAPCERT_OCSP_RESPONDER_UNREACHABLE)
		return false;
	if (!reply_detail_form(reply->detail, sizeof(reply->detail)))
		return false;
	if (!reply->error && reply_reason_known(reply->reason) == !!reply->valid)
		return false;
	if (reply->valid && reply->reason != CAPCERT_REASON_NONE)
		return false;
	if (class != CAPCERT_CLASS_VERIFY && !reply->error && !reply->valid)
		return false;
	if (class == CAPCERT_CLASS_STATUS && !reply->error && !reply_status_form(reply))
		return false;
	for (i = 0; i < reply->path_count; i++)
		if (path[i].source > CAPCERT_SOURCE_ANCHOR ||
		    (path[i].missing & ~CAPCERT_MISSING_ALL) || path[i].reserved ||
		    (path[i].reason != CAPCERT_REASON_NONE && !reply_reason_known(path[i].reason)))
			return false;
	return true;
}

/* What the checks of one path share. */
struct reply_check {
	const struct cc_request *request;
	const struct cc_policy *policy;
	bool valid;
	struct cc_trust_anchor ta;	/* its @cert: of the entry at hand, when @parsed */
	bool parsed;
	bool pinned;			/* a certificate seen so far has a pinned key */
	u8 fingerprint[32];
	u8 spki_hash[32];
};

/*
 * The anchor that @entry claims to be. Its fingerprint is not always the hash of its bytes: one
 * with limits is a TrustAnchorInfo, and has the fingerprint of the certificate in it.
 */
static const char *reply_load_anchor(struct reply_check *check,
				     const struct capcert_path_entry *entry)
{
	const struct cc_request *request = check->request;
	const struct cc_entry *found = cc_state_find(request->store, entry->fingerprint);
	const struct cc_anchor *anchor;

	if (!found || entry->index)
		return "anchor is not in the store";
	if (check->valid && !(found->purposes & (1u << request->wire->purpose)))
		return "anchor is not for this purpose";
	anchor = found->anchor;
	check->parsed = cc_trust_anchor_parse(cc_span(anchor->der, anchor->der_len),
					      &check->ta) == CC_CERT_OK;
	memcpy(check->fingerprint, anchor->fingerprint, sizeof(check->fingerprint));
	memcpy(check->spki_hash, anchor->spki_hash, sizeof(check->spki_hash));
	return NULL;
}

static const char *reply_load_item(struct reply_check *check,
				   const struct capcert_path_entry *entry)
{
	const struct cc_request *request = check->request;
	const struct cc_cert *cert = &check->ta.cert;
	struct cc_span der;
	u32 i;

	if (entry->index >= request->wire->item_count)
		return "path index outside the chain";
	der = cc_request_items(request);
	for (i = 0; i < entry->index; i++)
		der = cc_request_next(der);
	check->parsed = cc_cert_parse(der, &check->ta.cert) == CC_CERT_OK;
	if (cc_sha256(der.p, der.n, check->fingerprint) ||
	    (check->parsed && cc_sha256(cert->spki.p, cert->spki.n, check->spki_hash)))
		return "no SHA-256";
	if (memcmp(check->fingerprint, entry->fingerprint, sizeof(check->fingerprint)))
		return "path fingerprint is not the certificate's";
	return NULL;
}

/* The certificate that @entry claims to be. */
static const char *reply_load(struct reply_check *check, const struct capcert_path_entry *entry)
{
	const struct cc_cert *cert = &check->ta.cert;
	const char *wrong = entry->source == CAPCERT_SOURCE_ANCHOR ?
				    reply_load_anchor(check, entry) :
				    reply_load_item(check, entry);

	if (!wrong && check->parsed &&
	    (entry->not_before != cert->not_before || entry->not_after != cert->not_after))
		return "path validity is not the certificate's";
	return wrong;
}

static const char *reply_entry(struct reply_check *check, u32 at)
{
	const struct cc_request *request = check->request;
	const struct capcert_path_entry *entry = &request->path[at];
	bool last = at + 1 == request->reply.path_count;
	const char *wrong;
	u32 i;

	if (entry->source == CAPCERT_SOURCE_ANCHOR && !last)
		return "anchor inside the path";
	for (i = 0; i < at; i++)
		if (!memcmp(request->path[i].fingerprint, entry->fingerprint, 32))
			return "certificate twice in the path";
	wrong = reply_load(check, entry);
	if (wrong || !check->valid)
		return wrong;
	if (entry->reason != CAPCERT_REASON_NONE)
		return "valid with a reason in the path";
	if (last && entry->source != CAPCERT_SOURCE_ANCHOR)
		return "path does not end in an anchor";
	if (!check->parsed)
		return "valid path with a malformed certificate";
	if (cc_distrust_hits(request->distrust, check->fingerprint, check->spki_hash,
			     check->ta.cert.issuer, check->ta.cert.serial))
		return "valid path with a distrusted certificate";
	if (request->pins && !check->pinned) {
		int match = cc_pin_match(&request->pins->set, check->ta.cert.spki);

		if (match < 0)
			return "no hash for the pins";
		check->pinned = match;
	}
	return NULL;
}

/* What a pin set makes of a path is nothing that an agent has a say in. */
static const char *reply_pins(const struct reply_check *check)
{
	const struct cc_request *request = check->request;
	const struct capcert_agent_reply *reply = &request->reply;
	u32 flags = 0;
	bool expired;

	if (!request->pins)
		return reply->flags ? "pins in the answer, none in the question" : NULL;
	expired = request->wire->time > request->pins->set.expires;
	if (reply->reason == CAPCERT_REASON_PIN_MISMATCH &&
	    (expired || request->pins->set.mode != CC_PIN_ENFORCE))
		return "refused by pins that are not enforced";
	if (check->valid && !check->pinned && !expired &&
	    request->pins->set.mode == CC_PIN_ENFORCE)
		return "valid path without a pinned key";
	if (check->valid && !expired)
		flags = check->pinned ? CAPCERT_OUTCOME_PINNED : CAPCERT_OUTCOME_PIN_MISMATCH;
	else if (reply->reason == CAPCERT_REASON_PIN_MISMATCH)
		flags = CAPCERT_OUTCOME_PIN_MISMATCH;
	else if (expired && (check->valid || reply->flags))
		flags = CAPCERT_OUTCOME_PINS_EXPIRED;	/* not of a verdict without a search */
	return reply->flags == flags ? NULL : "wrong word on pins";
}

/* The leaf is the first of the chain, whatever the path calls it; @check has path[0] loaded. */
static const char *reply_leaf(const struct reply_check *check)
{
	const struct capcert_agent_reply *reply = &check->request->reply;
	struct cc_span leaf = cc_request_items(check->request);
	s64 skew = check->policy->clock_skew;
	u8 fingerprint[32];

	if (cc_sha256(leaf.p, leaf.n, fingerprint))
		return "no SHA-256";
	if (memcmp(fingerprint, check->fingerprint, sizeof(fingerprint)))
		return "path does not begin with the leaf";
	if (!check->valid)
		return NULL;
	if (!check->parsed)
		return "valid path with a malformed certificate";
	if (reply->valid_from < check->ta.cert.not_before - skew ||
	    reply->valid_until > check->ta.cert.not_after + skew)
		return "interval exceeds the leaf's validity";
	if (reply->chain_not_after > check->ta.cert.not_after)
		return "chain outlives its leaf";
	return NULL;
}

const char *cc_reply_sane(const struct cc_request *request, const struct cc_policy *policy)
{
	const struct capcert_agent_reply *reply = &request->reply;
	struct reply_check check = { .request = request, .policy = policy, .valid = reply->valid };
	const char *wrong;
	u32 i;

	if (reply->valid_from > request->wire->time || request->wire->time > reply->valid_until)
		return "interval does not cover the time";
	if (reply->depth > CAPCERT_MAX_PATH || (reply->valid && reply->depth))
		return "depth out of range";
	if (reply->valid && !reply->path_count)
		return "valid without a path";
	if (reply->valid && policy->max_chain_length &&
	    reply->path_count > policy->max_chain_length)
		return "path longer than the policy allows";
	if (reply->valid && reply->sct_count < policy->min_scts)
		return "fewer SCTs than the policy asks for";
	for (i = 0; i < reply->path_count; i++) {
		wrong = reply_entry(&check, i);
		if (!wrong && i == 0)
			wrong = reply_leaf(&check);
		if (wrong)
			return wrong;
	}
	return reply_pins(&check);
}
