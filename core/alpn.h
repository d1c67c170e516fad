/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of application protocols as TLS sends them (RFC 7301 section 3.1). */
#ifndef CORE_ALPN_H
#define CORE_ALPN_H

#include "core/span.h"

/** cc_alpn_next() - take one ProtocolName, opaque<1..255>, off @rest. 1 taken, 0 end, -1
 *  malformed. */
int cc_alpn_next(struct cc_span *rest, struct cc_span *ret);

/** cc_alpn_valid() - one or more names, none of them twice, and nothing else. */
bool cc_alpn_valid(struct cc_span list);

#endif
