// SPDX-License-Identifier: LGPL-2.1-or-later
/* The algorithm of RFC 5280 section 6.3.3 over the lists that are there. */
#include "libcapcert/crl_issuer.h"
#include "libcapcert/crl_scope.h"

void inquiry_note(struct inquiry *q, enum crl_stage stage, const char *why)
{
	if (stage > q->closest) {
		q->closest = stage;
		q->status.why = why;
	}
}

static bool stop(const struct inquiry *q)
{
	return q->ev->budget.spent || q->ev->no_memory;
}

/* What RFC 5280 asks of lists that it profiles, beyond what decides: such a list cannot tell that a
 * certificate is good. What it tells to be revoked is. */
static const char *conforming(const struct cc_crl *list)
{
	if (!(list->ext_present & CC_CRL_EXT_BIT(NUMBER)))
		return "the list has no cRLNumber (RFC 5280 section 5.2.3)";
	if (list->ext_critical & CC_CRL_EXT_BIT(NUMBER))
		return "cRLNumber of the list is critical (RFC 5280 section 5.2.3)";
	if ((list->ext_present & ~list->ext_critical) & CC_CRL_EXT_BIT(ISSUING_POINT))
		return "issuingDistributionPoint is not critical (RFC 5280 section 5.2.5)";
	if ((list->ext_present & CC_CRL_EXT_BIT(ISSUING_POINT)) && list->idp.n <= 2)
		return "issuingDistributionPoint is empty (RFC 5280 section 5.2.5)";
	if (list->ext_critical & CC_CRL_EXT_BIT(FRESHEST_CRL))
		return "freshestCRL of the list is critical (RFC 5280 section 5.2.6)";
	return NULL;
}

/* Sections 5.2 and 5.3: a list with something critical that is not understood must not be used, for
 * whatever certificate. One with entries of other issuers that does not call itself indirect
 * contradicts itself. */
static const char *usable(const struct cc_crl *list)
{
	if (list->ext_critical & CC_CRL_EXT_BIT(UNKNOWN))
		return "the list has an unknown critical extension";
	if (list->entry_critical & CC_CRL_ENTRY_EXT_BIT(UNKNOWN))
		return "an entry of the list has an unknown critical extension";
	if ((list->entry_present & CC_CRL_ENTRY_EXT_BIT(ISSUER)) && !list->indirect)
		return "the list has entries of other issuers, and is not an indirect one";
	return NULL;
}

/* The last time at which the list counts: where it does not say so itself, the policy does. */
static int64_t counts_until(const struct evaluation *ev, const struct cc_crl *list)
{
	if (list->has_next_update)
		return list->next_update;
	return list->this_update + ev->policy->max_age;
}

static const char *current(struct evaluation *ev, const struct cc_crl *list)
{
	int64_t skew = ev->policy->clock_skew;

	if (!window_since(&ev->window, list->this_update - skew))
		return "the list is not yet in force (thisUpdate)";
	if (window_until(&ev->window, counts_until(ev, list) + skew))
		return NULL;
	return list->has_next_update ? "the list is out of date (nextUpdate)"
				     : "the list has no nextUpdate and is older than max_age";
}

/* Is the entry about this certificate, and not about another issuer's of the same number? */
static bool entry_fits(struct inquiry *q, const struct crl *crl, const struct cc_crl_entry *entry)
{
	struct cc_span issuer = q->path->node[q->at]->issuer.name;

	if (entry->issuer.n)
		return crl_names_hold(q->ev, entry->issuer, issuer);
	return budget_compare(&q->ev->budget) &&
	       evaluation_same_name(q->ev, crl->issuer.name, issuer);
}

/* The entry that counts: a revocation before one that was taken back. */
static bool look_up(struct inquiry *q, const struct crl *crl, struct cc_crl_entry *ret)
{
	struct cc_span serial = q->path->node[q->at]->cert->serial;
	struct cc_crl_entry entry;
	bool found = false;
	uint32_t from = 0;

	while (crl_find(crl, serial, &from, &entry)) {
		if (!entry_fits(q, crl, &entry)) {
			if (stop(q))
				return false;
			continue;
		}
		*ret = entry;
		found = true;
		if (entry.reason != CC_CRL_REASON_REMOVE_FROM_CRL)
			return true;
	}
	return found;
}

/* The newest delta to @base that may be used, signed with the same key (section 6.3.3 (c), (h)). */
static const struct crl *find_delta(struct inquiry *q, const struct crl *base,
				    const struct node *signer)
{
	const capcert_evidence *e = q->ev->request->evidence;
	uint32_t at = evidence_first(e, base->issuer_hash);
	const struct crl *delta;

	for (; (delta = evidence_at(e, at, base->issuer_hash)) && !stop(q); at++) {
		if (!budget_compare(&q->ev->budget) || !crl_delta_fits(base, delta))
			continue;
		if (!usable(&delta->list) && !conforming(&delta->list) &&
		    (delta->list.ext_critical & CC_CRL_EXT_BIT(DELTA)) &&
		    !current(q->ev, &delta->list) && crl_signed_by(q->ev, delta, signer))
			return delta;
	}
	return NULL;
}

static void decided(struct inquiry *q, enum status_state state, const struct crl *crl,
		    const struct cc_crl_entry *entry)
{
	int64_t until = counts_until(q->ev, &crl->list);

	if (!q->status.list || until < q->status.until)
		q->status.until = until;
	q->status.list = crl;
	q->status.issued = crl->list.this_update;
	if (state == STATUS_REVOKED) {
		q->status.state = state;
		q->status.reason = entry->reason;
		q->status.since = entry->date;
	}
}

/* Section 6.3.3 (i) to (l): the delta first, then the complete list. */
static void read_lists(struct inquiry *q, const struct crl_point *point, const struct crl *crl,
		       const struct node *signer)
{
	const struct crl *delta = find_delta(q, crl, signer), *by = delta;
	struct cc_crl_entry entry;
	const char *text;
	bool found = delta && look_up(q, delta, &entry);

	if (!found && !stop(q)) {
		found = look_up(q, crl, &entry);
		by = crl;
	}
	if (stop(q))
		return;
	if (found && entry.reason != CC_CRL_REASON_REMOVE_FROM_CRL) {
		decided(q, STATUS_REVOKED, by, &entry);
		return;
	}
	text = conforming(&crl->list);
	if (text) {
		inquiry_note(q, CRL_STAGE_FORM, text);
		return;
	}
	decided(q, STATUS_GOOD, crl, NULL);
	if (delta)
		decided(q, STATUS_GOOD, delta, NULL);
	q->reasons |= crl->list.idp_reasons & point->point.reasons;
	if (q->reasons == CC_REASON_FLAGS_ALL)
		q->status.state = STATUS_GOOD;
	else
		inquiry_note(q, CRL_STAGE_PARTLY, "the lists are not about every reason");
}

static void consider(struct inquiry *q, const struct crl_point *point, const struct crl *crl)
{
	const struct node *signer;
	const char *why;

	if (!crl_point_issuer(q, point, crl))
		return;
	why = crl->list.ext_present & CC_CRL_EXT_BIT(DELTA)
		      ? "there is a delta list without its base"
		      : crl_scope(q, point, crl);
	if (why) {
		inquiry_note(q, CRL_STAGE_ISSUER, why);
		return;
	}
	why = usable(&crl->list);
	if (why) {
		inquiry_note(q, CRL_STAGE_USE, why);
		return;
	}
	why = current(q->ev, &crl->list);
	if (why) {
		inquiry_note(q, CRL_STAGE_TIME, why);
		return;
	}
	signer = crl_signer(q, crl);
	if (signer && !stop(q))
		read_lists(q, point, crl, signer);
}

static bool done(const struct inquiry *q)
{
	return q->status.state != STATUS_UNKNOWN || stop(q);
}

static void ask_by_name(struct inquiry *q, const struct crl_point *point, uint32_t hash)
{
	const capcert_evidence *e = q->ev->request->evidence;
	uint32_t at = evidence_first(e, hash);
	const struct crl *crl;

	for (; !done(q) && (crl = evidence_at(e, at, hash)); at++)
		consider(q, point, crl);
}

static void ask_point(struct inquiry *q, const struct crl_point *point)
{
	struct cc_span rest = point->point.crl_issuer;
	struct cc_general_name gn;
	struct prepared_dn dn;

	if (!rest.n) {
		ask_by_name(q, point, q->path->node[q->at]->issuer_hash);
		return;
	}
	while (!done(q) && cc_gn_next(&rest, &gn) == 1) {
		if (gn.type != CC_GN_DIRECTORY || !budget_compare(&q->ev->budget))
			continue;
		if (dn_prepare(gn.value, &dn) < 0) {
			q->ev->no_memory = true;
			return;
		}
		ask_by_name(q, point, cc_dn_hash(dn.name));
		dn_release(&dn);
	}
}

static void ask(struct inquiry *q)
{
	struct cc_span rest = q->path->node[q->at]->cert->crldp;
	struct crl_point point = { .assumed = false };

	while (!done(q) && cc_dist_point_next(&rest, &point.point) == 1)
		ask_point(q, &point);
	if (done(q))
		return;
	memset(&point, 0, sizeof(point));
	point.assumed = true;
	point.point.reasons = CC_REASON_FLAGS_ALL;
	ask_point(q, &point);
}

struct status crl_status(struct evaluation *ev, const struct path *path, uint32_t at,
			 const struct inquiry *parent, const struct node *signer)
{
	struct inquiry q = { .ev = ev, .path = path, .at = at, .parent = parent, .signer = signer };

	q.depth = parent ? parent->depth + 1 : 0;
	ask(&q);
	if (signer && !done(&q)) {
		/* Only now may those be heard who would speak for themselves. */
		q.circular = true;
		ask(&q);
	}
	return q.status;
}
