/* SPDX-License-Identifier: GPL-2.0-only */
/* Words about certificates whose revocation status is not known, and about staples that are missing. */
#ifndef TOOLS_EXPLAIN_STATUS_H
#define TOOLS_EXPLAIN_STATUS_H

#include <stdbool.h>
#include <capcert/verify.h>
#include <capcert/x509_ext.h>

struct status_case {
	bool staple;		/* what is missing is the server's staple, not any evidence */
	bool by_certificate;	/* staple: the certificate asks for it, not the policy alone */
	const char *why;	/* why what came closest does not count; NULL: there was nothing */
	uint32_t kinds;		/* CAPCERT_MISSING_*: what would be accepted */
	const char *issuer;	/* short name */
	const struct capcert_cert_view *view; /* NULL: not known */
};

/** Both malloc()ed; NULL: out of memory, or (wrong) nothing better than the engine's words. */
char *status_words_wrong(const struct status_case *c);
char *status_words_remedy(const struct status_case *c);

#endif
