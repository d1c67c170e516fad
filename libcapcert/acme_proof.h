/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One challenge as a solver is to publish it, with what its texts lie in. */
#ifndef LIBCAPCERT_ACME_PROOF_H
#define LIBCAPCERT_ACME_PROOF_H

#include "libcapcert/acme_json.h"
#include "libcapcert/acme_url.h"
#include <capcert/pubkey.h>

struct acme_proof {
	struct capcert_acme_challenge shown; /* points into the rest: not to be moved */
	struct acme_name name;
	char url[ACME_URL_MAX + 1];
	char token[CAPCERT_ACME_MAX_TOKEN + 1];
	char authorization[CAPCERT_ACME_MAX_TOKEN + 1 + CAPCERT_THUMBPRINT_TEXT];
	char record[300];
	char text[ACME_URL_MAX + 300];
	const struct capcert_acme_solver *solver; /* who has published it; NULL = nobody */
};

/** acme_proof_make() - @account: the account's URL. Return: 0; -EINVAL there is no such proof for that
 *  identifier; -EPROTO the challenge is for another account. */
int acme_proof_make(const struct acme_authorization *a, const struct acme_challenge *c,
		    const char *thumbprint, const char *account, struct acme_proof *ret);

#endif
