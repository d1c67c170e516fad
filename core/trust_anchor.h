/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Trust anchors as RFC 5914 writes them: a certificate, the signed part of one, or a name and key
 * with constraints of their own. Parsing decides nothing, except which of two values counts where
 * a TrustAnchorInfo and the certificate in it both have one. */
#ifndef CORE_TRUST_ANCHOR_H
#define CORE_TRUST_ANCHOR_H

#include "core/cert.h"

#define CC_TRUST_ANCHOR_MAX (2 * CC_CERT_MAX)

enum cc_trust_anchor_kind {
	CC_ANCHOR_CERTIFICATE, /* Certificate */
	CC_ANCHOR_TBS,	       /* tbsCert [1] */
	CC_ANCHOR_INFO,	       /* taInfo [2] */
};

struct cc_trust_anchor {
	enum cc_trust_anchor_kind kind;
	struct cc_span body; /* Certificate, TBSCertificate or TrustAnchorInfo, whole TLV */
	/* The certificate, whole TLV, if there is one. In a TrustAnchorInfo its first octet is the
	 * tag [0], 0xa0: what is hashed or shown has 0x30 there. */
	struct cc_span certificate;
	struct cc_span title;	   /* taTitle, UTF-8, or empty */
	struct cc_span title_lang; /* taTitleLangTag, or empty */
	bool named;		   /* has a name: of a TrustAnchorInfo, path controls */
	/* The anchor as path validation sees it (RFC 5937). Without a certificate it has subject,
	 * spki, key and skid, is a CA, and has what the path controls and extensions say; issuer,
	 * serial, tbs and signature are empty then, the validity is INT64_MIN to INT64_MAX.
	 * With one it is the certificate, and each value that the TrustAnchorInfo has replaces
	 * the certificate's (RFC 5914 section 2.5), but for these, where the stricter counts: a
	 * policy flag that is not set leaves the certificate's alone, and path lengths meet. */
	struct cc_cert cert;
	/* Extensions of signed bundles (docs/bundle-format.md); only a TrustAnchorInfo has them. */
	uint32_t purposes;	     /* mask 1 << enum cc_purpose; 0 = none stated */
	bool has_distrust_after;
	bool has_sct_distrust_after;
	int64_t distrust_after;	     /* leaves issued later are distrusted; seconds since 1970 */
	int64_t sct_distrust_after;  /* leaves without an SCT of at most this time are distrusted */
	struct cc_span ct_log;	     /* CtLog, whole TLV, for cc_ct_log_parse(); or empty */
};

/**
 * cc_trust_anchor_parse() - one TrustAnchorChoice, all of @der and nothing behind it.
 * Refused besides what is not DER: unknown critical extensions; a taName that is empty, policies
 * with qualifiers, or a certificate of another name, key or key identifier (section 2.5);
 * extensions that have a field of their own (the key identifier, policies and their constraints,
 * name constraints); extensions of signed bundles that are not critical or malformed, a CT log with
 * a name, and one whose key identifier has not the 32 octets of a hash (which, the caller sees).
 * @der: stays referenced by @ret.
 * @ret: filled on success, undefined otherwise.
 * Return: CC_CERT_OK or CC_CERT_E_*.
 */
int cc_trust_anchor_parse(struct cc_span der, struct cc_trust_anchor *ret);

/** cc_trust_anchor_info_parse() - the same for a TrustAnchorInfo by itself. */
int cc_trust_anchor_info_parse(struct cc_span der, struct cc_trust_anchor *ret);

enum cc_trust_anchor_form {
	CC_ANCHOR_FORM_CHOICE,
	CC_ANCHOR_FORM_INFO, /* TrustAnchorInfo without the tag of the choice */
	CC_ANCHOR_FORM_LIST,
};

/** cc_trust_anchor_form() - which of the three @der is, if it is any of them. */
enum cc_trust_anchor_form cc_trust_anchor_form(struct cc_span der);

/** cc_trust_anchor_list() - open a TrustAnchorList, all of @der; it holds at least one.
 *  Return: CC_CERT_OK with @ret_rest for cc_trust_anchor_next(), or CC_CERT_E_*. */
int cc_trust_anchor_list(struct cc_span der, struct cc_span *ret_rest);

/** cc_trust_anchor_next() - take one TrustAnchorChoice, whole TLV, not looked into.
 *  Return: 1 with @ret filled and @rest moved, 0 at the end, -1 malformed. */
int cc_trust_anchor_next(struct cc_span *rest, struct cc_span *ret);

/** cc_cert_bare() - is this a trust anchor that no certificate carries? */
static inline bool cc_cert_bare(const struct cc_cert *c)
{
	return c->tbs.n == 0;
}

#endif
