/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of one certificate's revocation. */
#ifndef LIBCAPCERT_STATUS_H
#define LIBCAPCERT_STATUS_H

#include <stdint.h>

struct crl;
struct ocsp_response;

enum status_state {
	STATUS_UNKNOWN,
	STATUS_GOOD,
	STATUS_REVOKED,
};

struct status {
	enum status_state state;
	uint8_t reason;		/* REVOKED: enum cc_crl_reason */
	int64_t since;		/* REVOKED: revocation date */
	int64_t until;		/* GOOD, REVOKED: last time at which the evidence still counts */
	int64_t issued;		/* GOOD, REVOKED: thisUpdate of the evidence */
	const struct crl *list; /* GOOD, REVOKED: the list that decided, */
	const struct ocsp_response *response; /* or the OCSP response */
	struct cc_span scts;	/* what that response's extension for SCTs held, TLS bytes */
	uint8_t told;		/* 1 + CAPCERT_OCSP_*: what OCSP says, whatever decided; 0 = nothing */
	const char *why;	/* UNKNOWN: static, why the evidence that came closest does not count;
				 * NULL when there was none */
};

#endif
