/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The content of a signed bundle (docs/bundle-format.md): what it is, for whom, and lists that are
 * walked one by one. Parsing decides nothing about signatures, versions of others or the time. */
#ifndef CORE_BUNDLE_H
#define CORE_BUNDLE_H

#include "core/trust_anchor.h"

#define CC_BUNDLE_MAX (16u << 20)
#define CC_BUNDLE_NAME_MAX 63
#define CC_BUNDLE_MAX_ANCHORS 16384
#define CC_BUNDLE_MAX_ENTRIES 4096
#define CC_BUNDLE_MAX_ENTRY 2048

/* Contents octets of the arc under which our extensions stand; one more octet is the number. */
#define CC_BUNDLE_ARC                                                                     \
	0x69, 0x81, 0xf8, 0x9d, 0x9f, 0xc3, 0xca, 0xaa, 0xb2, 0xae, 0x9f, 0x9d, 0xa0, 0xf0, \
		0x9f, 0xfc, 0xf1, 0x9e, 0xf5, 0x11
#define CC_BUNDLE_EXT_PURPOSES 1
#define CC_BUNDLE_EXT_DISTRUST_AFTER 2
#define CC_BUNDLE_EXT_SCT_DISTRUST_AFTER 3
#define CC_BUNDLE_EXT_CT_LOG 4

/*  X(number, NAME, text) - kinds of bundle. */
#define CC_BUNDLE_KINDS(X)         \
	X(0, STORE, "store")       \
	X(1, DELTA, "delta")       \
	X(2, DISTRUST, "distrust") \
	X(3, OVERRIDE, "override")

enum cc_bundle_kind {
#define X(nr, name, text) CC_BUNDLE_##name = (nr),
	CC_BUNDLE_KINDS(X)
#undef X
	CC_BUNDLE_KIND_COUNT
};

/*  X(number, NAME, text) - why bytes are no bundle. */
#define CC_BUNDLE_ERRORS(X)                                                               \
	X(1, TRUNCATED, "bytes end early, or a length runs past its container")           \
	X(2, DER, "not DER: tag, length or value in a form DER forbids")                  \
	X(3, TRAILING, "bytes after the bundle")                                          \
	X(4, EMPTY, "no bytes")                                                           \
	X(5, TOO_LARGE, "larger than 16 MiB, or too many anchors or entries")             \
	X(6, FORMAT, "a format other than 1, or an unknown kind")                         \
	X(7, NAME, "a name that is not 1 to 63 of a-z 0-9 . _ -")                         \
	X(8, NUMBER, "a number that is not 1 to 2^63 - 1, or a base that is not one less") \
	X(9, TIME, "a time that is not YYYYMMDDHHMMSSZ, or an end before the creation")   \
	X(10, PURPOSES, "purposes that are unknown, missing, or more than the bundle has") \
	X(11, FIELDS, "a field that this kind of bundle must not have, or lacks")         \
	X(12, ORDER, "a list that is not ascending, or has something twice")              \
	X(13, ANCHOR, "an anchor is malformed, or has an unknown constraint")             \
	X(14, ENTRY, "an entry of the distrust list is malformed")

enum cc_bundle_error {
	CC_BUNDLE_OK = 0,
#define X(nr, name, text) CC_BUNDLE_E_##name = (nr),
	CC_BUNDLE_ERRORS(X)
#undef X
};

struct cc_bundle {
	uint8_t kind;		  /* enum cc_bundle_kind */
	bool has_expires;
	struct cc_span name;
	struct cc_span of;	  /* OVERRIDE: name of the store below */
	uint64_t number;
	uint64_t base;		  /* DELTA: the number it applies to */
	int64_t created;	  /* seconds since 1970, UTC */
	int64_t expires;	  /* inclusive; meaningful when has_expires */
	uint32_t purposes;	  /* mask 1 << enum cc_purpose */
	uint32_t remove_count;
	uint32_t anchor_count;
	uint32_t entry_count;
	struct cc_span remove;	  /* for cc_bundle_remove_next() */
	struct cc_span anchors;	  /* for cc_trust_anchor_next() */
	struct cc_span entries;	  /* for cc_bundle_entry_next() */
};

/* What an entry of a distrust list speaks of; the numbers are those of CAPCERT_DISTRUST_*. */
enum cc_bundle_entry_what {
	CC_BUNDLE_ENTRY_FINGERPRINT = 1,   /* SHA-256 of the certificate */
	CC_BUNDLE_ENTRY_SPKI = 2,	   /* SHA-256 of the SubjectPublicKeyInfo */
	CC_BUNDLE_ENTRY_ISSUER_SERIAL = 3, /* Name and INTEGER */
};

struct cc_bundle_entry {
	uint32_t what;	       /* enum cc_bundle_entry_what */
	struct cc_span bytes;  /* as capcert_distrust_entry has them: a hash, or Name and INTEGER */
};

/**
 * cc_bundle_parse() - parse the content of a bundle, all of @der and nothing behind it. Order and
 * number of lists are checked; anchors only as far as cc_trust_anchor_next() does, because their
 * fingerprints need a hash: the caller parses each and checks that they ascend.
 * Return: CC_BUNDLE_OK or CC_BUNDLE_E_*.
 */
int cc_bundle_parse(struct cc_span der, struct cc_bundle *ret);

/** cc_bundle_remove_next() - take one fingerprint. 1, 0 at the end; checked by parsing. */
int cc_bundle_remove_next(struct cc_span *rest, const uint8_t **ret_fingerprint);
/** cc_bundle_entry_next() - take one entry. 1, 0 at the end; cc_bundle_parse() has checked. */
int cc_bundle_entry_next(struct cc_span *rest, struct cc_bundle_entry *ret);

/**
 * cc_bundle_anchor() - parse one anchor that cc_trust_anchor_next() took from @b->anchors, and hold
 * it against the bundle: its purposes are some of the bundle's, and what is good for ctLog is a CT
 * log and nothing else.
 * @ret_purposes: what it is good for: its own purposes, or all of the bundle's.
 * Still to check, because it needs a hash: fingerprints ascend, a log's keyId is that of its key.
 * Return: CC_BUNDLE_OK, CC_BUNDLE_E_ANCHOR, CC_BUNDLE_E_PURPOSES.
 */
int cc_bundle_anchor(const struct cc_bundle *b, struct cc_span choice, struct cc_trust_anchor *ret,
		     uint32_t *ret_purposes);

/** cc_bundle_name_valid() - may a bundle be called so? */
bool cc_bundle_name_valid(struct cc_span name);

const char *cc_bundle_error_text(int error);
const char *cc_bundle_kind_name(uint32_t kind);

#endif
