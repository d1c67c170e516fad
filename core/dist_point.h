/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where revocation lists are to be found: distribution points (RFC 5280 section 4.2.1.13), which
 * certificates (cRLDistributionPoints, freshestCRL) and lists (issuingDistributionPoint,
 * freshestCRL) name in the same form. */
#ifndef CORE_DIST_POINT_H
#define CORE_DIST_POINT_H

#include "core/span.h"

/* ReasonFlags (section 4.2.1.13): bit n of the BIT STRING is 1 << n here. Bit 0 is unused. */
#define CC_REASON_FLAG_KEY_COMPROMISE (1u << 1)
#define CC_REASON_FLAG_CA_COMPROMISE (1u << 2)
#define CC_REASON_FLAG_AFFILIATION_CHANGED (1u << 3)
#define CC_REASON_FLAG_SUPERSEDED (1u << 4)
#define CC_REASON_FLAG_CESSATION (1u << 5)
#define CC_REASON_FLAG_HOLD (1u << 6)
#define CC_REASON_FLAG_WITHDRAWN (1u << 7)
#define CC_REASON_FLAG_AA_COMPROMISE (1u << 8)
#define CC_REASON_FLAGS_ALL 0x1feu

/* DistributionPointName; at most one of both is not empty. */
struct cc_dist_name {
	struct cc_span full;	 /* GeneralNames contents, for cc_gn_next() */
	struct cc_span relative; /* contents of one RelativeDistinguishedName, below the issuer */
};

static inline bool cc_dist_name_given(const struct cc_dist_name *name)
{
	return name->full.n || name->relative.n;
}

struct cc_dist_point {
	struct cc_dist_name name;
	struct cc_span crl_issuer; /* GeneralNames contents, empty when absent */
	uint32_t reasons;	   /* CC_REASON_FLAG_*; all of them when absent */
};

/** cc_dist_name_parse() - @body: contents of the [0] around a DistributionPointName. */
bool cc_dist_name_parse(struct cc_span body, struct cc_dist_name *ret);

/** cc_dist_point_next() - take one DistributionPoint off @rest (contents of
 *  CRLDistributionPoints). Return: 1 with @ret filled, 0 at the end, -1 malformed. */
int cc_dist_point_next(struct cc_span *rest, struct cc_dist_point *ret);

/** cc_dist_points_parse() - @value: a CRLDistributionPoints; its contents to @ret, all checked. */
bool cc_dist_points_parse(struct cc_span value, struct cc_span *ret);

#endif
