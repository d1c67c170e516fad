/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What names a private key in a token: a PKCS#11 URI (RFC 7512) of the strict kind, and what the
 * key is for. A URI of ours names a token and an object; it never carries a PIN, a path of a
 * module or a slot number, which is another one after the next start. */
#ifndef CORE_KEY_URI_H
#define CORE_KEY_URI_H

#include "core/span.h"

#define CC_KEY_URI_MAX 1024	/* octets of a text, and of its canonical form */

/*  X(number, NAME, text) - what a key may sign; CAPCERT_KEY_*. */
#define CC_KEY_USES(X)                        \
	X(0, TLS_SERVER, "tls-server")        \
	X(1, TLS_CLIENT, "tls-client")        \
	X(2, ACME_ACCOUNT, "acme-account")    \
	X(3, CA_SIGN, "ca-sign")              \
	X(4, CODE_SIGN, "code-sign")          \
	X(5, BUNDLE_SIGN, "bundle-sign")      \
	X(6, OCSP_SIGN, "ocsp-sign")          \
	X(7, CRL_SIGN, "crl-sign")            \
	X(8, CT_LOG, "ct-log")

enum cc_key_use {
#define X(nr, name, text) CC_KEY_USE_##name = (nr),
	CC_KEY_USES(X)
#undef X
	CC_KEY_USE_COUNT
};

#define CC_KEY_USE_BIT(name) (1u << CC_KEY_USE_##name)
#define CC_KEY_USES_ALL ((1u << CC_KEY_USE_COUNT) - 1)

/*  X(number, NAME, text) - KeySource; CAPCERT_KEY_*. */
#define CC_KEY_SOURCES(X)                           \
	X(1, SOFTHSM_DEV, "softhsm-dev")            \
	X(2, PKCS11_HARDWARE, "pkcs11-hardware")    \
	X(3, CLOUD_KMS, "cloud-kms")                \
	X(4, ATTESTATION, "attestation")

enum cc_key_source {
#define X(nr, name, text) CC_KEY_SOURCE_##name = (nr),
	CC_KEY_SOURCES(X)
#undef X
};

/*  X(number, NAME, most octets when decoded, text) - path attributes, in canonical order. */
#define CC_KEY_ATTRS(X)                                           \
	X(0, TOKEN, 32, "token")                                  \
	X(1, MANUFACTURER, 32, "manufacturer")                    \
	X(2, MODEL, 16, "model")                                  \
	X(3, SERIAL, 16, "serial")                                \
	X(4, OBJECT, 255, "object")                               \
	X(5, ID, 255, "id")                                       \
	X(6, TYPE, 7, "type")                                     \
	X(7, LIBRARY_DESCRIPTION, 32, "library-description")      \
	X(8, LIBRARY_MANUFACTURER, 32, "library-manufacturer")    \
	X(9, LIBRARY_VERSION, 7, "library-version")               \
	X(10, SLOT_DESCRIPTION, 64, "slot-description")           \
	X(11, SLOT_MANUFACTURER, 32, "slot-manufacturer")

enum cc_key_attr {
#define X(nr, name, most, text) CC_KEY_ATTR_##name = (nr),
	CC_KEY_ATTRS(X)
#undef X
	CC_KEY_ATTR_COUNT
};

struct cc_key_uri {
	struct cc_span attr[CC_KEY_ATTR_COUNT];	/* as written, percent-encoded; n = 0: not there */
	uint32_t uses;				/* mask 1 << enum cc_key_use; 0 = no purpose= */
};

struct cc_key_uri_error {
	size_t offset;
	const char *what;	/* for people; static */
};

/**
 * cc_key_uri_parse() - "pkcs11:token=T;object=O;purpose=tls-server,tls-client".
 *
 * One newline at the end is put aside. Attributes are those of RFC 7512 section 2.3 and purpose=,
 * each at most once, in any order; names a token (token or serial) and an object (object or id);
 * type, if it is there, is private. A value is of the characters section 2.3 allows; octets of text
 * are UTF-8 without control characters. No value is empty or longer than PKCS#11 can store.
 * Refused, with the reason: slot-id, pin-value, pin-source, module-name, module-path, any query.
 *
 * @ret: spans into @text. Return: 0, or -1 with @err filled and @ret undefined.
 */
int cc_key_uri_parse(const char *text, size_t len, struct cc_key_uri *ret,
		     struct cc_key_uri_error *err);

/**
 * cc_key_uri_format() - the canonical URI, without purpose: attributes in order, type=private
 * always there, every octet that needs no encoding unencoded, those of id all encoded, upper-case
 * digits. What is equal octet by octet names the same key. NUL-terminated.
 * Return: length without NUL; 0 when it has more than @cap - 2 octets.
 */
size_t cc_key_uri_format(const struct cc_key_uri *uri, char *buf, size_t cap);

/** cc_key_uses_parse() - "tls-server,ca-sign" to a mask; 0 for an unknown, empty or second one. */
uint32_t cc_key_uses_parse(const char *text, size_t len);

/** cc_key_uses_format() - the inverse, ascending; "-" for none. Return: length without NUL. */
#define CC_KEY_USES_TEXT_MAX 96
size_t cc_key_uses_format(uint32_t uses, char *buf, size_t cap);

/** cc_key_use_name(), cc_key_source_name() - "tls-server", "softhsm-dev"; NULL: there is none. */
const char *cc_key_use_name(uint32_t use);
const char *cc_key_source_name(uint32_t source);

#endif
