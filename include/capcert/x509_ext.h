/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Typed views of a certificate: names, extensions and algorithms, taken apart once (RFC 5280
 * section 4). A view decides nothing: usages may contradict each other and times may be over. */
#ifndef CAPCERT_X509_EXT_H
#define CAPCERT_X509_EXT_H

#include <capcert/x509.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes inside the certificate's DER: valid as long as the view. */
struct capcert_bytes {
	const uint8_t *data;
	size_t len;
};

/* CertificateKind. */
#define CAPCERT_CERT_END_ENTITY	  0
#define CAPCERT_CERT_INTERMEDIATE 1
#define CAPCERT_CERT_TRUST_ANCHOR 2
#define CAPCERT_CERT_CROSS_SIGNED 3

/* KeyUsageFlags: bit n of the BIT STRING of RFC 5280 section 4.2.1.3. */
#define CAPCERT_KU_DIGITAL_SIGNATURE (1u << 0)
#define CAPCERT_KU_NON_REPUDIATION   (1u << 1)
#define CAPCERT_KU_KEY_ENCIPHERMENT  (1u << 2)
#define CAPCERT_KU_DATA_ENCIPHERMENT (1u << 3)
#define CAPCERT_KU_KEY_AGREEMENT     (1u << 4)
#define CAPCERT_KU_KEY_CERT_SIGN     (1u << 5)
#define CAPCERT_KU_CRL_SIGN	     (1u << 6)
#define CAPCERT_KU_ENCIPHER_ONLY     (1u << 7)
#define CAPCERT_KU_DECIPHER_ONLY     (1u << 8)
#define CAPCERT_KU_COUNT	     9

/* ExtendedKeyUsage; OTHER is told by its OID. */
#define CAPCERT_EKU_OTHER	  0
#define CAPCERT_EKU_ANY		  1
#define CAPCERT_EKU_SERVER_AUTH	  2
#define CAPCERT_EKU_CLIENT_AUTH	  3
#define CAPCERT_EKU_CODE_SIGNING  4
#define CAPCERT_EKU_EMAIL	  5
#define CAPCERT_EKU_TIME_STAMPING 6
#define CAPCERT_EKU_OCSP_SIGNING  7
#define CAPCERT_EKU_CT_PRECERT	  8

/* GeneralName: the tag numbers of RFC 5280 section 4.2.1.6. */
#define CAPCERT_GN_OTHER     0
#define CAPCERT_GN_EMAIL     1
#define CAPCERT_GN_DNS	     2
#define CAPCERT_GN_X400	     3
#define CAPCERT_GN_DIRECTORY 4
#define CAPCERT_GN_EDI	     5
#define CAPCERT_GN_URI	     6
#define CAPCERT_GN_IP	     7
#define CAPCERT_GN_RID	     8

struct capcert_general_name {
	uint32_t type;		    /* CAPCERT_GN_* */
	struct capcert_bytes value; /* content octets; DIRECTORY: the whole DER Name */
};

/** One attribute of a DistinguishedName. Attributes with the same @rdn belong together. */
struct capcert_name_attr {
	uint32_t rdn;		    /* 0 = first in the encoding (least specific) */
	uint32_t tag;		    /* DER tag of the value, 0x0c = UTF8String */
	struct capcert_bytes oid;   /* content octets */
	struct capcert_bytes value; /* content octets */
};

struct capcert_eku {
	uint32_t id; /* CAPCERT_EKU_* */
	struct capcert_bytes oid;
};

/** SCT of RFC 6962 section 3.2, as it stands in the certificate. Its signature is not checked. */
struct capcert_sct {
	uint8_t log_id[32];
	uint64_t timestamp; /* milliseconds since 1970 */
	uint8_t version;    /* 0 = v1 */
	uint8_t hash_alg;   /* TLS 1.2 HashAlgorithm, 4 = sha256 */
	uint8_t sig_alg;    /* TLS 1.2 SignatureAlgorithm, 1 = rsa, 3 = ecdsa */
	struct capcert_bytes extensions;
	struct capcert_bytes signature;
	struct capcert_bytes raw; /* the whole SerializedSCT */
	uint32_t source;	  /* CAPCERT_SCT_EMBEDDED ..., capcert/ct.h; 0 = embedded */
};

struct capcert_access {
	struct capcert_bytes method; /* OID: 1.3.6.1.5.5.7.48.1 = OCSP, .2 = caIssuers */
	struct capcert_general_name location;
};

struct capcert_extension {
	struct capcert_bytes oid;
	struct capcert_bytes value; /* content octets of extnValue */
	const char *name;	    /* "keyUsage"; "unknown" for those without a typed view */
	int critical;
};

/** Everything a certificate says. Lists have a count beside them; absent lists have count 0. */
struct capcert_cert_view {
	uint32_t version;	      /* 1, 2 or 3 */
	uint32_t kind;		      /* CAPCERT_CERT_*, as far as one certificate tells */
	const char *key_algorithm;    /* "rsa", "p256", "ed25519", ... */
	uint32_t key_bits;	      /* 0 = unknown */
	const char *signature_scheme; /* "rsa-pkcs1-sha256", "ecdsa-sha384", ... */
	struct capcert_bytes serial;
	struct capcert_bytes subject; /* DER Name */
	struct capcert_bytes issuer;
	struct capcert_bytes spki;
	int64_t not_before; /* seconds since 1970, UTC */
	int64_t not_after;
	struct capcert_name_attr *subject_attrs;
	size_t subject_attr_count;
	struct capcert_name_attr *issuer_attrs;
	size_t issuer_attr_count;
	int have_key_usage;
	uint32_t key_usage; /* CAPCERT_KU_* */
	int have_basic_constraints;
	int ca;
	int32_t path_len; /* -1 = no limit */
	int must_staple;  /* RFC 7633 status_request */
	struct capcert_general_name *alt_names;
	size_t alt_name_count;
	struct capcert_eku *ekus;
	size_t eku_count;
	int have_name_constraints;
	struct capcert_general_name *permitted;
	size_t permitted_count;
	struct capcert_general_name *excluded;
	size_t excluded_count;
	struct capcert_sct *scts;
	size_t sct_count;
	int scts_malformed; /* an SCT list is there but is not what RFC 6962 section 3.3 says */
	struct capcert_bytes *policies; /* OIDs */
	size_t policy_count;
	struct capcert_access *access; /* authority information access */
	size_t access_count;
	struct capcert_general_name *crls; /* full names of the CRL distribution points */
	size_t crl_count;
	struct capcert_bytes subject_key_id;
	struct capcert_bytes authority_key_id;
	struct capcert_extension *extensions; /* in the order of the encoding */
	size_t extension_count;
};

/**
 * capcert_cert_view_new() - take a certificate apart.
 * @cert: gets a reference of the view's own.
 * @ret: free with capcert_cert_view_free().
 * Return: 0, -ENOMEM, or -EBADMSG when a part that parsing left closed is malformed.
 */
CAPCERT_API int capcert_cert_view_new(capcert_cert *cert, const struct capcert_cert_view **ret);
CAPCERT_API void capcert_cert_view_free(const struct capcert_cert_view *view);

/** capcert_cert_kind() - CertificateKind beside others: CROSS_SIGNED when @others holds the same
 *  subject and key under another issuer; TRUST_ANCHOR when self-issued and a CA. */
CAPCERT_API uint32_t capcert_cert_kind(const capcert_cert *cert, const capcert_chain *others);

/* Texts. */
CAPCERT_API const char *capcert_cert_kind_name(uint32_t kind);
CAPCERT_API const char *capcert_key_usage_name(unsigned int bit); /* NULL beyond the last */
CAPCERT_API const char *capcert_eku_name(uint32_t id);
CAPCERT_API const char *capcert_gn_type_name(uint32_t type);
/** Short name of a DN attribute ("CN"), NULL when it has none. */
CAPCERT_API const char *capcert_attr_name(struct capcert_bytes oid);
/** Dotted decimal; RFC 4514 name; text of a GeneralName with bytes outside printable ASCII as \HH,
 *  an IP with its mask as address/prefix. Return: length without NUL, cut at @cap - 1. */
CAPCERT_API size_t capcert_oid_text(struct capcert_bytes oid, char *buf, size_t cap);
CAPCERT_API size_t capcert_name_text(struct capcert_bytes name, char *buf, size_t cap);
CAPCERT_API size_t capcert_gn_text(const struct capcert_general_name *name, char *buf, size_t cap);

#ifdef __cplusplus
}
#endif
#endif
