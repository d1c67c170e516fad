/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An X.509 certificate as spans of its own DER (RFC 5280). Parsing decides nothing: key usage
 * may contradict basic constraints, times may be over, the signature may be wrong. What is
 * checked here: strict DER of every known part, no trailing bytes, version rules, no extension
 * twice, integers minimal, times in the form RFC 5280 section 4.1.2.5 asks for. */
#ifndef CORE_CERT_H
#define CORE_CERT_H

#include "core/alg.h"
#include "core/name.h"
#include "core/oid.h"
#include "core/span.h"

#define CC_CERT_MAX 65535
#define CC_EXT_MAX 64 /* extensions in one certificate */

/*  X(bit, NAME, text) - extensions that are understood; order is that of the spans' masks. */
#define CC_EXTS(X)                                         \
	X(0, SUBJECT_KEY_ID, "subjectKeyIdentifier")       \
	X(1, AUTHORITY_KEY_ID, "authorityKeyIdentifier")   \
	X(2, KEY_USAGE, "keyUsage")                        \
	X(3, EXT_KEY_USAGE, "extKeyUsage")                 \
	X(4, BASIC_CONSTRAINTS, "basicConstraints")        \
	X(5, NAME_CONSTRAINTS, "nameConstraints")          \
	X(6, SUBJECT_ALT_NAME, "subjectAltName")           \
	X(7, ISSUER_ALT_NAME, "issuerAltName")             \
	X(8, POLICIES, "certificatePolicies")              \
	X(9, POLICY_MAPPINGS, "policyMappings")            \
	X(10, POLICY_CONSTRAINTS, "policyConstraints")     \
	X(11, INHIBIT_ANY_POLICY, "inhibitAnyPolicy")      \
	X(12, CRL_DISTRIBUTION, "cRLDistributionPoints")   \
	X(13, FRESHEST_CRL, "freshestCRL")                 \
	X(14, AUTHORITY_INFO, "authorityInfoAccess")       \
	X(15, SUBJECT_INFO, "subjectInfoAccess")           \
	X(16, SUBJECT_DIRECTORY, "subjectDirectoryAttributes") \
	X(17, TLS_FEATURE, "tlsFeature")                   \
	X(18, SCT_LIST, "signedCertificateTimestampList")  \
	X(19, CT_POISON, "ctPoison")                       \
	X(20, OCSP_NOCHECK, "ocspNoCheck")                 \
	X(21, UNKNOWN, "unknown")

enum cc_ext {
#define X(bit, name, text) CC_EXT_##name = (bit),
	CC_EXTS(X)
#undef X
	CC_EXT_COUNT
};

#define CC_EXT_BIT(name) (1u << CC_EXT_##name)

/* KeyUsageFlags, RFC 5280 section 4.2.1.3: bit n of the BIT STRING is 1 << n here. */
#define CC_KU_DIGITAL_SIGNATURE (1u << 0)
#define CC_KU_NON_REPUDIATION (1u << 1)
#define CC_KU_KEY_ENCIPHERMENT (1u << 2)
#define CC_KU_DATA_ENCIPHERMENT (1u << 3)
#define CC_KU_KEY_AGREEMENT (1u << 4)
#define CC_KU_KEY_CERT_SIGN (1u << 5)
#define CC_KU_CRL_SIGN (1u << 6)
#define CC_KU_ENCIPHER_ONLY (1u << 7)
#define CC_KU_DECIPHER_ONLY (1u << 8)

/* ExtendedKeyUsage as a mask; others are found with cc_oid_next() over cert->eku. */
#define CC_EKU_ANY (1u << 0)
#define CC_EKU_SERVER_AUTH (1u << 1)
#define CC_EKU_CLIENT_AUTH (1u << 2)
#define CC_EKU_CODE_SIGNING (1u << 3)
#define CC_EKU_EMAIL (1u << 4)
#define CC_EKU_TIME_STAMPING (1u << 5)
#define CC_EKU_OCSP_SIGNING (1u << 6)
#define CC_EKU_CT_PRECERT_SIGNING (1u << 7)
#define CC_EKU_UNKNOWN (1u << 31)

/*  X(number, NAME, text) - why bytes are no certificate. */
#define CC_CERT_ERRORS(X)                                                        \
	X(1, TRUNCATED, "bytes end early, or a length runs past its container")  \
	X(2, DER, "not DER: tag, length or value in a form DER forbids")         \
	X(3, TRAILING, "bytes after the certificate")                            \
	X(4, VERSION, "version other than 1-3, or fields its version forbids")   \
	X(5, SERIAL, "serial number is empty or not minimal")                         \
	X(6, ALGORITHM, "outer and inner signature algorithm differ")            \
	X(7, NAME, "issuer or subject is not a Name")                            \
	X(8, TIME, "validity is not in the form RFC 5280 asks for")              \
	X(9, KEY, "public key is malformed")                                     \
	X(10, EXTENSION, "an extension is malformed")                            \
	X(11, DUPLICATE, "an extension stands twice")                            \
	X(12, TOO_LARGE, "larger than 65535 bytes, or more than 64 extensions")  \
	X(13, EMPTY, "no bytes")                                                 \
	X(14, CONTROLS, "path controls of a trust anchor are malformed")         \
	X(15, OTHER, "certificate of a trust anchor is not of its name and key")

enum cc_cert_error {
	CC_CERT_OK = 0,
#define X(nr, name, text) CC_CERT_E_##name = (nr),
	CC_CERT_ERRORS(X)
#undef X
};

struct cc_cert {
	struct cc_span der;	   /* the whole certificate */
	struct cc_span tbs;	   /* TBSCertificate with its header: what is signed */
	struct cc_span serial;	   /* content octets of the INTEGER */
	struct cc_span issuer;	   /* Name, whole TLV */
	struct cc_span subject;	   /* Name, whole TLV */
	struct cc_span spki;	   /* SubjectPublicKeyInfo, whole TLV */
	struct cc_span key;	   /* subjectPublicKey: bits without the unused-bits octet */
	struct cc_span sig_alg;	   /* AlgorithmIdentifier, whole TLV */
	struct cc_span signature;  /* bits without the unused-bits octet */
	int64_t not_before;	   /* seconds since 1970, UTC */
	int64_t not_after;	   /* inclusive */
	uint8_t version;	   /* 1, 2 or 3 */
	uint8_t key_alg;	   /* enum cc_key_alg */
	uint8_t scheme;		   /* enum cc_scheme of sig_alg */
	bool is_ca;		   /* basicConstraints cA */
	uint32_t key_bits;	   /* RSA modulus or curve size, 0 when unknown */
	uint32_t rsa_exponent;	   /* 0 when larger than 32 bits or not RSA */
	int32_t path_len;	   /* pathLenConstraint, -1 when absent */
	uint32_t ext_present;	   /* mask of CC_EXT_BIT */
	uint32_t ext_critical;	   /* mask of CC_EXT_BIT */
	uint32_t eku_mask;	   /* CC_EKU_* */
	uint16_t key_usage;	   /* CC_KU_*; meaningful when the extension is present */
	bool must_staple;	   /* TLS feature status_request (RFC 7633) */
	bool time_odd;		   /* a year before 2050 as GeneralizedTime: left to judge */
	bool serial_odd;	   /* zero, negative or over 20 octets: left to judge */
	int32_t require_explicit;  /* policyConstraints, -1 absent */
	int32_t inhibit_mapping;   /* policyConstraints, -1 absent */
	int32_t inhibit_any;	   /* inhibitAnyPolicy, -1 absent */
	/* Contents of the extension's value (inside its outermost SEQUENCE or OCTET STRING). */
	struct cc_span skid;	   /* key identifier octets */
	struct cc_span akid;	   /* keyIdentifier octets, empty when absent */
	struct cc_span akid_issuer; /* authorityCertIssuer GeneralNames contents */
	struct cc_span akid_serial;
	struct cc_span san;	   /* GeneralNames contents, for cc_gn_next() */
	struct cc_span ian;
	struct cc_span eku;	   /* OIDs, for cc_oid_next() */
	struct cc_span permitted;  /* permittedSubtrees contents, for cc_subtree_next() */
	struct cc_span excluded;   /* excludedSubtrees contents */
	struct cc_span policies;   /* PolicyInformations, for cc_policy_info_next() */
	struct cc_span mappings;   /* for cc_policy_mapping_next() */
	struct cc_span crldp;	   /* DistributionPoints */
	struct cc_span freshest;
	struct cc_span aia;	   /* AccessDescriptions, for cc_access_next() */
	struct cc_span tls_feature; /* INTEGERs */
	struct cc_span scts;	   /* SignedCertificateTimestampList: TLS bytes, RFC 6962 3.3 */
	struct cc_span unknown_critical; /* OID content octets of the first unknown critical one */
	struct cc_span extensions; /* Extensions contents, for cc_ext_next() */
};

/**
 * cc_cert_parse() - parse one DER certificate, all of @der and nothing behind it.
 * @der: stays referenced by @ret.
 * @ret: filled on success, undefined otherwise.
 * Return: CC_CERT_OK or CC_CERT_E_*.
 */
int cc_cert_parse(struct cc_span der, struct cc_cert *ret);

/** cc_cert_parse_tagged() - the same for a certificate that stands in another structure with an
 *  IMPLICIT tag in SEQUENCE's place. ret->der then begins with @tag: who hashes or shows it puts
 *  SEQUENCE there. */
int cc_cert_parse_tagged(struct cc_span der, uint8_t tag, struct cc_cert *ret);

/** cc_tbs_parse() - a TBSCertificate by itself. ret->der and ret->signature are empty. */
int cc_tbs_parse(struct cc_span der, struct cc_cert *ret);

/** cc_cert_clear() - nothing in it: no span, no extension, no limit. */
void cc_cert_clear(struct cc_cert *ret);

/** cc_cert_error_text() - one line for people. */
const char *cc_cert_error_text(int error);

/** cc_cert_size() - length of the DER element that begins at @der, 0 when that can't be told. */
size_t cc_cert_size(struct cc_span der);

struct cc_extension {
	struct cc_span oid;   /* content octets */
	struct cc_span value; /* content octets of extnValue */
	enum cc_ext id;
	bool critical;
};

/** cc_ext_stands_before() - does an extension with @oid stand in @list before @end? Walks there:
 *  lists are short. */
bool cc_ext_stands_before(struct cc_span list, const uint8_t *end, struct cc_span oid);

/* Iterators: 1 = @ret filled and @rest moved, 0 = end, -1 = malformed. */
int cc_ext_next(struct cc_span *rest, struct cc_extension *ret);
int cc_subtree_next(struct cc_span *rest, struct cc_general_name *ret_base);
int cc_policy_info_next(struct cc_span *rest, struct cc_span *ret_oid, struct cc_span *ret_quals);
int cc_policy_mapping_next(struct cc_span *rest, struct cc_span *ret_issuer,
			   struct cc_span *ret_subject);
int cc_access_next(struct cc_span *rest, struct cc_span *ret_method,
		   struct cc_general_name *ret_location);

/** cc_cert_self_issued() - issuer and subject are the same name. */
static inline bool cc_cert_self_issued(const struct cc_cert *c)
{
	return cc_dn_equal(c->issuer, c->subject);
}

const char *cc_ext_name(uint32_t ext);

#endif
