/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports: which paths there were, why each is or is not good, and what was left aside. */
#ifndef CAPCERT_REPORT_H
#define CAPCERT_REPORT_H

#include <capcert/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a report holds at most; what did not fit is counted. */
#define CAPCERT_REPORT_PATHS 32
#define CAPCERT_REPORT_NOTES 256

#define CAPCERT_REPORT_NO_CERT UINT32_MAX

/** A certificate that the report speaks of. */
struct capcert_report_cert {
	uint8_t fingerprint[32]; /* SHA-256; of the bytes where these do not parse */
	uint32_t source;	 /* CAPCERT_SOURCE_* */
	uint32_t index;		 /* CHAIN: position in the caller's chain; ANCHOR: 0 */
	uint32_t purposes;	 /* ANCHOR: mask it is trusted for; CHAIN: 0 */
	capcert_cert *cert;	 /* borrowed; NULL: malformed, or an anchor that is a bare key */
	const char *subject;	 /* RFC 4514; "" when there is none */
	const char *issuer;
};

/* State of the signature of a certificate by the next one's key. */
#define CAPCERT_LINK_NONE	 0 /* there is no next one */
#define CAPCERT_LINK_UNCHECKED	 1 /* no budget was left to check it */
#define CAPCERT_LINK_GOOD	 2
#define CAPCERT_LINK_BAD	 3
#define CAPCERT_LINK_UNSUPPORTED 4 /* scheme and key do not fit, or are not known */

/** One certificate of a path. */
struct capcert_report_step {
	uint32_t cert;	    /* which of the report's */
	uint32_t link;	    /* CAPCERT_LINK_* */
	int32_t reason;	    /* CAPCERT_REASON_*, NONE = nothing is wrong with it here */
	const char *text;   /* what is wrong, static; NULL when nothing is */
	const char *detail; /* which name and constraint, which list; NULL: no more to say */
};

struct capcert_report_path {
	const struct capcert_report_step *steps; /* leaf first */
	uint32_t count;
	int complete; /* ends at an anchor */
	int valid;
};

/* What a note is about. @issuer of a note: the candidate that did not become @cert's issuer. */
#define CAPCERT_NOTE_MALFORMED	   0 /* certificate of the chain that cannot be read */
#define CAPCERT_NOTE_REPEATED	   1 /* stands in the chain already */
#define CAPCERT_NOTE_UNUSED	   2 /* no path led through it */
#define CAPCERT_NOTE_UNSOUND	   3 /* has a fault of its own, whatever it issued */
#define CAPCERT_NOTE_DISTRUSTED	   4 /* on the distrust list */
#define CAPCERT_NOTE_BAD_SIGNATURE 5 /* has the issuer's name but did not sign */
#define CAPCERT_NOTE_UNCHECKED	   6 /* no budget was left to check the signature */
#define CAPCERT_NOTE_LOOP	   7 /* the path has been there already */
#define CAPCERT_NOTE_TOO_LONG	   8 /* beyond CAPCERT_MAX_PATH */
#define CAPCERT_NOTE_OTHER_PURPOSE 9 /* anchor of the issuer's name, trusted for others only */
#define CAPCERT_NOTE_COUNT	   10

struct capcert_report_note {
	uint32_t kind;	  /* CAPCERT_NOTE_* */
	uint32_t cert;	  /* which of the report's */
	uint32_t issuer;  /* which of the report's, or CAPCERT_REPORT_NO_CERT */
	int32_t reason;	  /* UNSOUND, MALFORMED: CAPCERT_REASON_*; else NONE */
	const char *text; /* the same in words, static; may be NULL */
};

/** What the search for a valid path cost. */
struct capcert_report_budget {
	const char *name; /* "signature checks" */
	uint32_t used;
	uint32_t limit;
};

struct capcert_report {
	const struct capcert_report_cert *certs;
	uint32_t cert_count;
	uint32_t path_count;
	const struct capcert_report_path *paths; /* the verdict's first, then in the order tried */
	uint32_t paths_dropped;			 /* that did not fit */
	uint32_t note_count;
	const struct capcert_report_note *notes;
	uint32_t notes_dropped;
	uint32_t budget_count;
	const struct capcert_report_budget *budgets;
	int unfinished; /* the budget for the report ended before all paths were seen */
};
typedef struct capcert_report capcert_report;

/**
 * capcert_verify_local_report() - capcert_verify_local(), and why.
 * @ret: the same verdict, bit for bit.
 * @ret_report: free with capcert_report_free(). No paths: the leaf cannot be read, or the policy
 *	refused the request before any was searched.
 * Return: as capcert_verify_local(); nothing is written on failure.
 */
CAPCERT_API int capcert_verify_local_report(const capcert_policy *policy,
					    const capcert_store *store,
					    const capcert_distrust_list *distrust,
					    const struct capcert_params *params,
					    struct capcert_result *ret,
					    capcert_report **ret_report);
CAPCERT_API void capcert_report_free(capcert_report *report);

/** capcert_note_name() - "badSignature" for CAPCERT_NOTE_BAD_SIGNATURE; NULL beyond the last.
 *  capcert_link_name(): the same for CAPCERT_LINK_*. */
CAPCERT_API const char *capcert_note_name(uint32_t kind);
CAPCERT_API const char *capcert_link_name(uint32_t link);

#ifdef __cplusplus
}
#endif
#endif
