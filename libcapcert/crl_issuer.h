/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who signed a list, and may that one be believed (RFC 5280 section 6.3.3 (f) to (h)). */
#ifndef LIBCAPCERT_CRL_ISSUER_H
#define LIBCAPCERT_CRL_ISSUER_H

#include "libcapcert/crl.h"

/** crl_signer() - the certificate whose key signed @crl: named like the list's issuer, allowed to
 *  sign lists, its own path valid to the anchor of @q's path. NULL: there is none, and @q has been
 *  told why, unless ev->budget.spent or ev->no_memory say so. */
struct node *crl_signer(struct inquiry *q, const struct crl *crl);

/** crl_signed_by() - is @crl signed by the key of @node? Asked once in an evaluation. */
bool crl_signed_by(struct evaluation *ev, const struct crl *crl, const struct node *node);

/** crl_signers_free() - what is remembered in @ev. */
void crl_signers_free(struct evaluation *ev);

#endif
