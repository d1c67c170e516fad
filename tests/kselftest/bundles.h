/* SPDX-License-Identifier: GPL-2.0-only */
/* Signed bundles made on the spot (docs/bundle-format.md), right ones and wrong ones. */
#ifndef KSFT_BUNDLES_H
#define KSFT_BUNDLES_H

#include <stdbool.h>

#include "certs.h"

struct tbytes {
	uint8_t *p;	/* owned: tbytes_free() */
	size_t n;
	size_t room;
};

void tbytes_put(struct tbytes *b, const void *p, size_t n);
/** tder() - an element of @tag around what stands from @from on. */
void tder(struct tbytes *b, uint8_t tag, size_t from);
void tbytes_free(struct tbytes *b);

/* Who signs. The keys are files of the build, beside this program's folder. */
enum tsigner {
	TSIGN_BUILT_IN,	/* whom the module knows: the development key, or the test deployer's */
	TSIGN_EXPIRED,	/* whom it knows, but who has expired */
	TSIGN_STRANGER,	/* a key that is made on the spot, with a certificate of the right names */
};

/** tsigner_there() - does this build have the key? */
bool tsigner_there(enum tsigner who);

struct tbundle {
	uint8_t kind;		/* 0 store, 1 delta, 2 distrust, 3 override */
	const char *name;
	uint64_t number;
	uint64_t base;		/* delta */
	const char *of;		/* override */
	const char *created;	/* NULL = 20260101000000Z */
	const char *expires;	/* NULL = never */
	uint32_t purposes;	/* mask; 0 = tlsServerAuth; in a distrust list there are none */
	struct tbytes anchors;	/* of TrustAnchorChoice; there in a store even when empty */
	struct tbytes remove;	/* fingerprints, 32 bytes each, as they are to stand there */
	struct tbytes entries;	/* of DistrustEntry */
};

void tbundle_free(struct tbundle *b);

/* An anchor with more to it than a certificate. */
struct tlimits {
	const char *distrust_after;	/* GeneralizedTime, or NULL */
	const char *sct_distrust_after;
	uint32_t purposes;		/* mask, 0 = none of its own */
	bool unknown;			/* a critical extension that nobody knows */
};

/** tbundle_anchors() - certificates in ascending order of their fingerprints. */
void tbundle_anchors(struct tbundle *b, const struct tcert *certs, size_t count);
/** tbundle_anchors_but() - the same; number @which has @limits. */
void tbundle_anchors_but(struct tbundle *b, const struct tcert *certs, size_t count, size_t which,
			 const struct tlimits *limits);
/** tanchor_limited() - @cert as a TrustAnchorInfo. */
void tanchor_limited(struct tbytes *b, const struct tcert *cert, const struct tlimits *limits);
/** tanchor_log() - the key of @cert as that of a CT log. @wrong_id: under another's id. */
void tanchor_log(struct tbytes *b, const struct tcert *cert, bool wrong_id);

/** tbundle_content() - what is signed. */
void tbundle_content(const struct tbundle *b, struct tbytes *ret);
/** tbundle_sign() - @content in the one form of CMS that is admitted. */
void tbundle_sign(const struct tbytes *content, enum tsigner who, struct tbytes *ret);
/** tbundle_make() - both. */
void tbundle_make(const struct tbundle *b, enum tsigner who, struct tbytes *ret);

#endif
