// SPDX-License-Identifier: LGPL-2.1-or-later
/* The scope of a list: whose certificates, from which distribution point, for which reasons. */
#include "libcapcert/crl_scope.h"

/* A name given relative to an issuer, made whole, has to fit; longer ones match nothing. */
#define RELATIVE_MAX 2048

/* Names of a DistributionPointName, one by one. */
struct names {
	struct cc_span rest;  /* GeneralNames contents */
	struct cc_span whole; /* the only name, instead */
	uint8_t buf[RELATIVE_MAX];
};

/* @n is below 64 KiB. */
static size_t put_head(uint8_t *p, uint8_t tag, size_t n)
{
	size_t k = 0;

	p[k++] = tag;
	if (n >= 0x80)
		p[k++] = n >= 0x100 ? 0x82 : 0x81;
	if (n >= 0x100)
		p[k++] = (uint8_t)(n >> 8);
	p[k++] = (uint8_t)n;
	return k;
}

/* The contents of a Name, whose header is well formed. */
static struct cc_span inside(struct cc_span name)
{
	size_t head = name.p[1] < 0x80 ? 2 : 2 + (name.p[1] & 0x7f);

	return cc_span(name.p + head, name.n - head);
}

/* nameRelativeToCRLIssuer: one more RDN below @issuer. */
static void make_whole(struct names *n, struct cc_span relative, struct cc_span issuer)
{
	struct cc_span above = inside(issuer);
	uint8_t head[4], *p = n->buf;
	size_t rdn_head = put_head(head, 0x31, relative.n & 0xffff);

	if (relative.n > RELATIVE_MAX || above.n > RELATIVE_MAX ||
	    above.n + relative.n + 2 * sizeof(head) > RELATIVE_MAX)
		return;
	p += put_head(p, 0x30, above.n + rdn_head + relative.n);
	memcpy(p, above.p, above.n);
	p += above.n;
	memcpy(p, head, rdn_head);
	p += rdn_head;
	memcpy(p, relative.p, relative.n);
	p += relative.n;
	n->whole = cc_span(n->buf, (size_t)(p - n->buf));
}

static void names_of(struct names *n, const struct cc_dist_name *name, struct cc_span issuer)
{
	n->rest = name->full;
	n->whole = cc_span(NULL, 0);
	if (name->relative.n && issuer.n)
		make_whole(n, name->relative, issuer);
}

static bool next_name(struct names *n, struct cc_general_name *ret)
{
	if (n->whole.n) {
		ret->type = CC_GN_DIRECTORY;
		ret->value = n->whole;
		n->whole = cc_span(NULL, 0);
		return true;
	}
	return cc_gn_next(&n->rest, ret) == 1;
}

static bool dn_is(struct evaluation *ev, struct cc_span name, struct cc_span prepared)
{
	struct prepared_dn dn;
	bool equal;

	if (!budget_compare(&ev->budget))
		return false;
	if (evaluation_prepare(ev, name, &dn) < 0) {
		ev->no_memory = true;
		return false;
	}
	equal = evaluation_same_name(ev, dn.name, prepared);
	dn_release(&dn);
	return equal;
}

bool crl_names_hold(struct evaluation *ev, struct cc_span general_names, struct cc_span dn)
{
	struct cc_general_name gn;

	while (cc_gn_next(&general_names, &gn) == 1)
		if (gn.type == CC_GN_DIRECTORY && dn_is(ev, gn.value, dn))
			return true;
	return false;
}

/* Other forms than directory names are the same only octet by octet. */
static bool name_is(struct evaluation *ev, const struct cc_general_name *a,
		    const struct cc_general_name *b)
{
	struct prepared_dn dn;
	bool equal;

	if (!budget_compare(&ev->budget) || a->type != b->type)
		return false;
	if (a->type != CC_GN_DIRECTORY)
		return cc_span_equal(a->value, b->value);
	if (evaluation_prepare(ev, b->value, &dn) < 0) {
		ev->no_memory = true;
		return false;
	}
	equal = dn_is(ev, a->value, dn.name);
	dn_release(&dn);
	return equal;
}

/* Do the two lists have a name in common? */
static bool meet(struct evaluation *ev, struct names *a, struct names *b)
{
	struct cc_span rest = b->rest, whole = b->whole;
	struct cc_general_name x, y;

	while (next_name(a, &x)) {
		b->rest = rest;
		b->whole = whole;
		while (next_name(b, &y))
			if (name_is(ev, &x, &y))
				return true;
	}
	return false;
}

/* The one directory name of a cRLIssuer, for names that are relative to it (section 4.2.1.13). */
static struct cc_span only_name(struct cc_span general_names)
{
	struct cc_general_name gn;

	if (cc_gn_next(&general_names, &gn) != 1 || gn.type != CC_GN_DIRECTORY || general_names.n)
		return cc_span(NULL, 0);
	return gn.value;
}

/* Section 6.3.3 (b) (2) (i). */
static bool point_named(struct inquiry *q, const struct crl_point *point, const struct cc_crl *list)
{
	const struct node *node = q->path->node[q->at];
	const struct cc_dist_point *dp = &point->point;
	struct names of_list, of_point;

	names_of(&of_list, &list->idp_name, list->issuer);
	if (point->assumed) {
		of_point.rest = cc_span(NULL, 0);
		of_point.whole = node->cert->issuer;
	} else if (cc_dist_name_given(&dp->name)) {
		names_of(&of_point, &dp->name,
			 dp->crl_issuer.n ? only_name(dp->crl_issuer) : node->cert->issuer);
	} else {
		of_point.rest = dp->crl_issuer;
		of_point.whole = cc_span(NULL, 0);
	}
	return meet(q->ev, &of_list, &of_point);
}

bool crl_point_issuer(struct inquiry *q, const struct crl_point *point, const struct crl *crl)
{
	if (point->point.crl_issuer.n)
		return crl_names_hold(q->ev, point->point.crl_issuer, crl->issuer.name);
	return budget_compare(&q->ev->budget) &&
	       evaluation_same_name(q->ev, crl->issuer.name, q->path->node[q->at]->issuer.name);
}

const char *crl_scope(struct inquiry *q, const struct crl_point *point, const struct crl *crl)
{
	const struct cc_crl *list = &crl->list;
	bool is_ca = q->path->node[q->at]->cert->is_ca;

	if (point->point.crl_issuer.n && !list->indirect)
		return "the list of the CRL issuer that it names is not an indirect one";
	if (cc_dist_name_given(&list->idp_name) && !point_named(q, point, list))
		return "the list is of another distribution point";
	if (list->only_user && is_ca)
		return "the list is about end entities only";
	if (list->only_ca && !is_ca)
		return "the list is about CA certificates only";
	if (list->only_attribute)
		return "the list is about attribute certificates only";
	if (!(list->idp_reasons & point->point.reasons & ~q->reasons))
		return "the list is about other reasons only";
	return NULL;
}

bool crl_delta_fits(const struct crl *base, const struct crl *delta)
{
	const struct cc_crl *b = &base->list, *d = &delta->list;

	return (d->ext_present & CC_CRL_EXT_BIT(DELTA)) &&
	       (b->ext_present & CC_CRL_EXT_BIT(NUMBER)) &&
	       cc_dn_equal(base->issuer.name, delta->issuer.name) &&
	       cc_span_equal(b->idp, d->idp) && cc_span_equal(b->akid, d->akid) &&
	       cc_crl_number_compare(b->number, d->base) >= 0 &&
	       cc_crl_number_compare(b->number, d->number) < 0;
}
