/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public suffix list: below which names do registries hand out domains? */
#ifndef LIBCAPCERT_PUBLIC_SUFFIX_H
#define LIBCAPCERT_PUBLIC_SUFFIX_H

#include "core/span.h"

/** public_suffix() - is @domain a public suffix of the list's ICANN section, or of one label?
 *  Private namespaces ("github.io") are none: Baseline Requirements section 3.2.2.6 leaves them to
 *  the CA. The list is the one that libpsl was built with; no file is read.
 *  @domain: A-labels without a trailing dot. What is longer than a name can be is a suffix. */
bool public_suffix(struct cc_span domain);

#endif
