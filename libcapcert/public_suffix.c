// SPDX-License-Identifier: LGPL-2.1-or-later
/* The public suffix list, through libpsl. */
#include <libpsl.h>
#include "core/text.h"
#include "libcapcert/public_suffix.h"

#define LONGEST 253

bool public_suffix(struct cc_span domain)
{
	const psl_ctx_t *list = psl_builtin();
	char text[LONGEST + 1];
	size_t i;

	if (domain.n > LONGEST || !list) /* a libpsl without a list: nothing is known to be safe */
		return true;
	for (i = 0; i < domain.n; i++)
		text[i] = (char)cc_ascii_lower(domain.p[i]);
	text[domain.n] = 0;
	return psl_is_public_suffix2(list, text, PSL_TYPE_ICANN) != 0;
}
