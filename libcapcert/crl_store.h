/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of a folder, in memory. */
#ifndef LIBCAPCERT_CRL_STORE_H
#define LIBCAPCERT_CRL_STORE_H

#include <capcert/crl_store.h>
#include "libcapcert/evidence.h"

#define STORE_NAME (64 + 4 + 1) /* hexadecimal SHA-256, ".crl" or ".cer" */

struct kept_list {
	char name[STORE_NAME];
	struct capcert_crl list; /* one reference */
	capcert_cert *issuer;	 /* one reference */
};

struct kept_cert {
	char name[STORE_NAME];
	capcert_cert *cert; /* one reference */
	struct prepared_dn subject;
	uint32_t subject_hash;
};

struct kept_problem {
	char name[STORE_NAME];
	const char *why;
};

/* What a reading of the folder came to; lists and certificates ascending by name. */
struct kept {
	struct kept_list *lists;
	struct kept_cert *certs;
	struct kept_problem *problems;
	size_t list_count, cert_count, problem_count;
	uint64_t bytes; /* of lists */
};

struct capcert_crl_store {
	int dir;
	struct kept kept;
};

/** crl_folder_read() - what is in @dir; what @known has is not read again. Return: 0, -ENOMEM, -errno. */
int crl_folder_read(int dir, const struct kept *known, struct kept *ret);
void crl_folder_free(struct kept *kept);

/** crl_unusable() - why a list must not be kept; NULL: it may. */
const char *crl_unusable(const struct cc_crl *list);

/** crl_same_place() - do both say the same kind of thing about the same certificates: same issuer name,
 *  signing key and scope, both complete or both delta? */
bool crl_same_place(const struct crl *a, const capcert_cert *signer_a, const struct crl *b,
		    const capcert_cert *signer_b);
/** crl_newer() - is @a newer than @b? */
bool crl_newer(const struct crl *a, const struct crl *b);
/** crl_signer_fits() - may this certificate sign lists, is it called like the list's issuer, and did its
 *  key sign it? Return: 1, 0, -ENOMEM. */
int crl_signer_fits(const struct crl *crl, const capcert_cert *cert);

#endif
