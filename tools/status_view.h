/* SPDX-License-Identifier: GPL-2.0-only */
/* What one piece of evidence says of one certificate, and how it is shown. */
#ifndef TOOLS_STATUS_VIEW_H
#define TOOLS_STATUS_VIEW_H

#include <stdbool.h>
#include <capcert/verify.h>
#include "tools/tool.h"

#define STATUS_TEXT 512
#define STATUS_WHY 256

/* What was said: good, revoked, or that it is not known. */
enum status_word { STATUS_GOOD, STATUS_REVOKED, STATUS_UNKNOWN };

struct status_finding {
	const char *kind;	 /* "OCSP", "staple", "CRL" */
	const char *from;	 /* a file, a folder, "network" */
	char by[STATUS_TEXT];	 /* who said it, as far as the bytes tell */
	bool read;		 /* there are bytes, with times in them */
	bool counts;		 /* verified: signer, times, certificate */
	enum status_word word;
	int64_t this_update;
	bool have_next_update;
	int64_t next_update;
	int64_t revoked_at;	 /* REVOKED */
	int32_t reason;		 /* REVOKED: CRLReason, -1 = none given */
	char why[STATUS_WHY];	 /* unless it counts */
};

struct status_subject {
	const capcert_cert *cert, *issuer; /* issuer NULL: not there */
	bool anchor;			   /* issued by itself: not asked about */
	struct status_finding *findings;
	size_t count;
	enum status_word word; /* of all of them */
};

/** status_conclude() - a revocation that counts before a "good" that counts. */
enum status_word status_conclude(const struct status_finding *findings, size_t count);

void status_print(const struct status_subject *s, int64_t now);
json_t *status_json(const struct status_subject *s, int64_t now);

#endif
