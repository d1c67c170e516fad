/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the library that deal with logs' trees share. */
#ifndef LIBCAPCERT_CTLOG_H
#define LIBCAPCERT_CTLOG_H

#include <capcert/ctlog.h>
#include "core/merkle.h"

/** SHA-256 for core/merkle.h. */
extern const struct cc_hasher ctlog_hasher;

/** ctlog_origin() - the origin of a log: @url without scheme and the slash at its end. Points into
 *  @url; empty when it is no http or https URL. */
struct cc_span ctlog_origin(const char *url);

#endif
