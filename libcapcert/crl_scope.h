/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which certificates a list is about (RFC 5280 sections 5.2.5 and 6.3.3 (b)). */
#ifndef LIBCAPCERT_CRL_SCOPE_H
#define LIBCAPCERT_CRL_SCOPE_H

#include "libcapcert/crl.h"

/* A distribution point of the certificate, or the one that is assumed when its points do not
 * suffice: the issuer's own name (section 6.3.3, last paragraph). */
struct crl_point {
	struct cc_dist_point point;
	bool assumed;
};

/** crl_scope() - is the certificate of @q within the scope of @crl by way of @point? The names of
 *  issuers have been compared. Return: NULL, or why not. */
const char *crl_scope(struct inquiry *q, const struct crl_point *point, const struct crl *crl);

/** crl_point_issuer() - is @crl by the issuer that @point means: its cRLIssuer, else the
 *  certificate's issuer? */
bool crl_point_issuer(struct inquiry *q, const struct crl_point *point, const struct crl *crl);

/** crl_names_hold() - is @dn (prepared) one of these GeneralNames? */
bool crl_names_hold(struct evaluation *ev, struct cc_span general_names, struct cc_span dn);

/** crl_delta_fits() - is @delta one to @base: same issuer and scope, numbers that overlap; one
 *  without a number fits nothing (sections 5.2.4 and 6.3.3 (c))? */
bool crl_delta_fits(const struct crl *base, const struct crl *delta);

#endif
