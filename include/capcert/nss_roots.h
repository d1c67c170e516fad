/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mozilla's list of roots: as certdata.txt, or through the PKCS#11 module that is built from it. Each
 * certificate comes with what its trust object says. Nothing is decided here. */
#ifndef CAPCERT_NSS_ROOTS_H
#define CAPCERT_NSS_ROOTS_H

#include <stdbool.h>
#include <capcert/x509.h>
#include <capcert/x509_ext.h>

#ifdef __cplusplus
extern "C" {
#endif

/*  X(number, NAME, text) - values of CKA_TRUST_*; NONE is ours: no trust object, or no such attribute. */
#define CAPCERT_NSS_TRUSTS(X)                                    \
	X(0, NONE, "no trust record")                            \
	X(1, TRUSTED_DELEGATOR, "CKT_NSS_TRUSTED_DELEGATOR")     \
	X(2, MUST_VERIFY_TRUST, "CKT_NSS_MUST_VERIFY_TRUST")     \
	X(3, NOT_TRUSTED, "CKT_NSS_NOT_TRUSTED")                 \
	X(4, TRUSTED, "CKT_NSS_TRUSTED")                         \
	X(5, TRUST_UNKNOWN, "CKT_NSS_TRUST_UNKNOWN")             \
	X(6, VALID_DELEGATOR, "CKT_NSS_VALID_DELEGATOR")

enum capcert_nss_trust {
#define X(nr, name, text) CAPCERT_NSS_##name = (nr),
	CAPCERT_NSS_TRUSTS(X)
#undef X
	CAPCERT_NSS_TRUST_COUNT
};

#define CAPCERT_NSS_NEVER INT64_MAX /* a distrust-after date that is not there */
#define CAPCERT_NSS_MAX 4096	    /* objects in one list */

typedef struct capcert_nss_roots capcert_nss_roots;

/** One certificate of the list; pointers are the list's and live as long. */
struct capcert_nss_root {
	const char *label;
	const uint8_t *der;
	size_t der_len;
	capcert_cert *cert; /* NULL when the bytes are no certificate; borrowed */
	const char *error;  /* why not */
	size_t line;	    /* of its CKA_CLASS, from 1; 0 when it came from a module */
	uint8_t sha1[20];
	uint8_t server_auth, email_protection, code_signing; /* enum capcert_nss_trust */
	bool mozilla_policy;		/* CKA_NSS_MOZILLA_CA_POLICY */
	int64_t server_distrust_after;	/* seconds since 1970, UTC, or CAPCERT_NSS_NEVER */
	int64_t email_distrust_after;
};

/** An object as PKCS#11 has it. Empty blobs are attributes that are not there. */
struct capcert_nss_object {
	bool trust;		   /* a trust object, else a certificate */
	bool mozilla_policy;
	uint8_t server_auth, email_protection, code_signing;
	size_t line;
	const char *label;
	struct capcert_bytes value;  /* DER certificate */
	struct capcert_bytes issuer; /* Name, DER */
	struct capcert_bytes serial; /* INTEGER, DER */
	struct capcert_bytes sha1;
	struct capcert_bytes server_distrust_after; /* UTCTime or GeneralizedTime without its header */
	struct capcert_bytes email_distrust_after;
};

/**
 * capcert_nss_roots_parse() - certdata.txt.
 * @ret_line, @ret_error: with -EBADMSG where and what is wrong; the text is static.
 * Return: 0, -ENOMEM, -EBADMSG.
 */
CAPCERT_API int capcert_nss_roots_parse(const char *text, size_t len, capcert_nss_roots **ret,
					size_t *ret_line, const char **ret_error);

/**
 * capcert_nss_roots_from_module() - from a PKCS#11 module such as libnssckbi.so, which this process
 * then loads and runs: only a file as trustworthy as a library.
 * @path: a file. @ret_error: with any error a static line that says what failed.
 * Return: 0, -ENOMEM, -EBADMSG (its objects make no sense), -EIO (the module failed), -ENOENT (it
 * cannot be loaded).
 */
CAPCERT_API int capcert_nss_roots_from_module(const char *path, capcert_nss_roots **ret,
					      const char **ret_error);

CAPCERT_API size_t capcert_nss_roots_count(const capcert_nss_roots *list);
/** All of them one after another, in the order of the source. */
CAPCERT_API const struct capcert_nss_root *capcert_nss_roots_all(const capcert_nss_roots *list);
CAPCERT_API void capcert_nss_roots_free(capcert_nss_roots *list);
CAPCERT_API const char *capcert_nss_trust_name(uint32_t trust);

/* For readers of other forms: put every object, then finish once. */
CAPCERT_API int capcert_nss_roots_new(capcert_nss_roots **ret);
/** Copies what it needs. Return: 0, -ENOMEM, -EMSGSIZE beyond CAPCERT_NSS_MAX objects, -EBADMSG with
 *  @ret_error: an attribute is missing, malformed, or not that of the certificate. */
CAPCERT_API int capcert_nss_roots_put(capcert_nss_roots *list,
				      const struct capcert_nss_object *object,
				      const char **ret_error);
/** Gives every certificate the trust object with its SHA-1, or without one with its issuer and serial
 *  number. Return: 0, -ENOMEM, -EBADMSG with @ret_line and @ret_error: two for one certificate, one
 *  that trusts what is not there, one whose SHA-1 and issuer disagree. */
CAPCERT_API int capcert_nss_roots_finish(capcert_nss_roots *list, size_t *ret_line,
					 const char **ret_error);

#ifdef __cplusplus
}
#endif
#endif
