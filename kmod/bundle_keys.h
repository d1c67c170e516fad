/* SPDX-License-Identifier: GPL-2.0-only */
/* The certificates that are built into the module, and the signatures of bundles under them. */
#ifndef KMOD_BUNDLE_KEYS_H
#define KMOD_BUNDLE_KEYS_H

#include <linux/types.h>

#include "core/span.h"

struct bundle_cert {
	const u8 *der;
	size_t len;
	bool dev; /* the development key's */
};

struct bundle_floor {
	const char *name;
	u64 number;
};

struct cc_signed {
	struct cc_span content; /* what is signed, inside the bundle */
	u32 origin;		/* CAPCERT_ORIGIN_SYSTEM or _DEV, by who signed */
	char signer[64];	/* subject of the signer, cut to fit; NUL-terminated */
};

/*
 * cc_bundle_open() - is @bundle signed by one of the built-in certificates, which is valid @now
 * (seconds since the epoch; with an untrusted clock it says as much as the clock does)? May sleep.
 * Return: 0 with @ret filled; else @ret_why says why not (a literal), and -EBADMSG: not the one
 * form of CMS that is admitted; -EKEYREJECTED: not signed by any of them, or altered since;
 * -EKEYEXPIRED: by one that is not valid now; -ENOKEY: no certificate is built in; -ENOPKG: this
 * kernel lacks the hash; -ENOMEM.
 */
int cc_bundle_open(struct cc_span bundle, s64 now, struct cc_signed *ret, const char **ret_why);

/* cc_bundle_floors() - the floors that were built in; the last has no name. */
const struct bundle_floor *cc_bundle_floors(void);

/* Refuses to load with a built-in certificate that is none, or not of an RSA key >= 2048 bits. */
int cc_bundle_keys_init(void);
void cc_bundle_keys_exit(void);

#endif
