/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A certificate revocation list as spans of its own DER (RFC 5280 section 5). Parsing decides
 * nothing: the list may be out of date, unsigned, critical where it must not be, or lack what a
 * conforming one has. What is checked here: strict DER of every known part, every entry
 * included, no trailing bytes, version rules, no extension twice, integers minimal. */
#ifndef CORE_CRL_H
#define CORE_CRL_H

#include "core/alg.h"
#include "core/dist_point.h"
#include "core/name.h"
#include "core/span.h"

/* The largest list that is read: ten times the largest in public use. */
#define CC_CRL_MAX (64u << 20)
#define CC_CRL_EXT_MAX 64	/* extensions of a list */
#define CC_CRL_ENTRY_EXT_MAX 16 /* extensions of an entry */

/*  X(bit, NAME, text) - extensions of lists that are understood (section 5.2). */
#define CC_CRL_EXTS(X)                                 \
	X(0, AUTHORITY_KEY_ID, "authorityKeyIdentifier") \
	X(1, ISSUER_ALT_NAME, "issuerAltName")           \
	X(2, NUMBER, "cRLNumber")                        \
	X(3, DELTA, "deltaCRLIndicator")                 \
	X(4, ISSUING_POINT, "issuingDistributionPoint")  \
	X(5, FRESHEST_CRL, "freshestCRL")                \
	X(6, AUTHORITY_INFO, "authorityInfoAccess")      \
	X(7, UNKNOWN, "unknown")

enum cc_crl_ext {
#define X(bit, name, text) CC_CRL_EXT_##name = (bit),
	CC_CRL_EXTS(X)
#undef X
	CC_CRL_EXT_COUNT
};

#define CC_CRL_EXT_BIT(name) (1u << CC_CRL_EXT_##name)

/*  X(bit, NAME, text) - extensions of entries that are understood (section 5.3). */
#define CC_CRL_ENTRY_EXTS(X)                      \
	X(0, REASON, "reasonCode")                \
	X(1, INVALIDITY_DATE, "invalidityDate")   \
	X(2, ISSUER, "certificateIssuer")         \
	X(3, UNKNOWN, "unknown")

enum cc_crl_entry_ext {
#define X(bit, name, text) CC_CRL_ENTRY_EXT_##name = (bit),
	CC_CRL_ENTRY_EXTS(X)
#undef X
	CC_CRL_ENTRY_EXT_COUNT
};

#define CC_CRL_ENTRY_EXT_BIT(name) (1u << CC_CRL_ENTRY_EXT_##name)

/*  X(number, NAME, text) - CRLReason, section 5.3.1. 7 is not used. */
#define CC_CRL_REASONS(X)                              \
	X(0, UNSPECIFIED, "unspecified")               \
	X(1, KEY_COMPROMISE, "keyCompromise")          \
	X(2, CA_COMPROMISE, "cACompromise")            \
	X(3, AFFILIATION_CHANGED, "affiliationChanged") \
	X(4, SUPERSEDED, "superseded")                 \
	X(5, CESSATION, "cessationOfOperation")        \
	X(6, HOLD, "certificateHold")                  \
	X(8, REMOVE_FROM_CRL, "removeFromCRL")         \
	X(9, WITHDRAWN, "privilegeWithdrawn")          \
	X(10, AA_COMPROMISE, "aACompromise")

enum cc_crl_reason {
#define X(nr, name, text) CC_CRL_REASON_##name = (nr),
	CC_CRL_REASONS(X)
#undef X
};

/*  X(number, NAME, text) - why bytes are no revocation list. */
#define CC_CRL_ERRORS(X)                                                         \
	X(1, TRUNCATED, "bytes end early, or a length runs past its container")  \
	X(2, DER, "not DER: tag, length or value in a form DER forbids")         \
	X(3, TRAILING, "bytes after the list")                                   \
	X(4, VERSION, "version other than 1-2, or fields its version forbids")   \
	X(5, ALGORITHM, "outer and inner signature algorithm differ")            \
	X(6, NAME, "issuer is not a Name")                                       \
	X(7, TIME, "thisUpdate or nextUpdate is not in the form RFC 5280 asks for") \
	X(8, ENTRY, "an entry is malformed")                                     \
	X(9, EXTENSION, "an extension is malformed")                             \
	X(10, DUPLICATE, "an extension stands twice")                            \
	X(11, TOO_LARGE, "larger than 64 MiB, or too many extensions")           \
	X(12, EMPTY, "no bytes")

enum cc_crl_error {
	CC_CRL_OK = 0,
#define X(nr, name, text) CC_CRL_E_##name = (nr),
	CC_CRL_ERRORS(X)
#undef X
};

struct cc_crl {
	struct cc_span der;	  /* the whole list */
	struct cc_span tbs;	  /* TBSCertList with its header: what is signed */
	struct cc_span issuer;	  /* Name, whole TLV */
	struct cc_span sig_alg;	  /* AlgorithmIdentifier, whole TLV */
	struct cc_span signature; /* bits without the unused-bits octet */
	struct cc_span entries;	  /* revokedCertificates contents, for cc_crl_entry_next() */
	int64_t this_update;	  /* seconds since 1970, UTC */
	int64_t next_update;	  /* inclusive; meaningful when has_next_update */
	bool has_next_update;
	bool time_odd;		  /* a year before 2050 as GeneralizedTime */
	uint8_t version;	  /* 1 or 2 */
	uint8_t scheme;		  /* enum cc_scheme of sig_alg */
	uint32_t ext_present;	  /* mask of CC_CRL_EXT_BIT */
	uint32_t ext_critical;
	uint32_t entry_present;	  /* mask of CC_CRL_ENTRY_EXT_BIT: in any entry */
	uint32_t entry_critical;  /* critical in any entry */
	uint32_t entry_count;
	struct cc_span number;	  /* cRLNumber: content octets, for cc_crl_number_compare() */
	struct cc_span base;	  /* deltaCRLIndicator: BaseCRLNumber */
	struct cc_span akid;	  /* keyIdentifier octets, empty when absent */
	struct cc_span freshest;  /* DistributionPoints, for cc_dist_point_next() */
	struct cc_span aia;	  /* AccessDescriptions, for cc_access_next() */
	struct cc_span unknown_critical; /* OID content octets of the first one, list or entry */
	struct cc_span extensions; /* Extensions contents */
	/* issuingDistributionPoint, section 5.2.5. */
	struct cc_span idp;	  /* the extension's whole value */
	struct cc_dist_name idp_name;
	uint32_t idp_reasons;	  /* onlySomeReasons; all of them when absent */
	bool only_user, only_ca, only_attribute, indirect;
};

struct cc_crl_entry {
	struct cc_span serial;	   /* content octets of the INTEGER */
	struct cc_span issuer;	   /* GeneralNames contents of the certificateIssuer that holds for
				    * it, its own or an earlier one's; empty = the list's issuer */
	int64_t date;		   /* revocationDate */
	int64_t invalidity_date;   /* meaningful when present */
	uint32_t present;	   /* mask of CC_CRL_ENTRY_EXT_BIT */
	uint32_t critical;
	uint8_t reason;		   /* enum cc_crl_reason, other numbers as they are up to 255 */
	struct cc_span unknown_critical; /* OID content octets */
};

/**
 * cc_crl_parse() - parse one DER CertificateList, all of @der and nothing behind it.
 * @der: stays referenced by @ret.
 * @ret: filled on success, undefined otherwise.
 * Return: CC_CRL_OK or CC_CRL_E_*.
 */
int cc_crl_parse(struct cc_span der, struct cc_crl *ret);

/** cc_crl_tbs_parse() - a TBSCertList by itself. ret->der, ret->signature are empty, ret->sig_alg
 *  is what it says it is signed with. */
int cc_crl_tbs_parse(struct cc_span der, struct cc_crl *ret);

/** cc_crl_entry_next() - take one entry off @rest (crl->entries). @entry: zeroed before the first
 *  call and left alone between calls, because certificateIssuer persists (section 5.3.3).
 *  Return: 1 with @entry filled, 0 at the end, -1 malformed. */
int cc_crl_entry_next(struct cc_span *rest, struct cc_crl_entry *entry);

/** cc_crl_number_compare() - two CRL numbers, any size: < 0, 0, > 0. Empty is the smallest. */
int cc_crl_number_compare(struct cc_span a, struct cc_span b);

const char *cc_crl_error_text(int error);

/** cc_crl_reason_name() - "keyCompromise"; "?" for numbers that are none. */
const char *cc_crl_reason_name(uint32_t reason);

#endif
