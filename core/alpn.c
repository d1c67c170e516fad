// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of application protocols as TLS sends them (RFC 7301 section 3.1). */
#include "core/alpn.h"
#include "core/tls.h"

int cc_alpn_next(struct cc_span *rest, struct cc_span *ret)
{
	if (!rest->n)
		return 0;
	return cc_tls_vector(rest, 1, 1, ret) ? 1 : -1;
}

/* Is @name in what follows it? */
static bool alpn_again(struct cc_span rest, struct cc_span name)
{
	struct cc_span other;

	while (cc_alpn_next(&rest, &other) == 1)
		if (cc_span_equal(name, other))
			return true;
	return false;
}

bool cc_alpn_valid(struct cc_span list)
{
	struct cc_span name;
	int r;

	if (!list.n)
		return false;
	while ((r = cc_alpn_next(&list, &name)) == 1)
		if (alpn_again(list, name))
			return false;
	return r == 0;
}
