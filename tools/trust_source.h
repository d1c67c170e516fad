/* SPDX-License-Identifier: GPL-2.0-only */
/* Trust from wherever it stands: files of certificates, bundles, stores of the kernel. */
#ifndef TOOLS_TRUST_SOURCE_H
#define TOOLS_TRUST_SOURCE_H

#include <capcert/bundle.h>
#include "tools/opt.h"

/** trust_source() - @word: a file (PEM, DER, trust anchors, a bundle) or a store handle with READ, as
 *  ref_open() takes it. Files are words with a slash, and words with a dot if there is such a file;
 *  captrust:NAME is a store in any case.
 *  A bundle has to be signed by one of --bundle-cert; without that option it is taken as it is where
 *  @unsigned_too, and is an error elsewhere.
 *  Return: EXIT_DONE with @ret, or another status after saying why. */
int trust_source(const struct args *args, const char *word, bool unsigned_too,
		 capcert_store **ret);

/** trust_subject() - text of an anchor's subject, escaped, in @buf, which is returned. */
char *trust_subject(const struct capcert_store_anchor *anchor, char *buf, size_t cap);

/** The verbs of capcert trust that work on such sources. */
int trust_export(const struct args *args);
int trust_diff(const struct args *args);

#endif
