// SPDX-License-Identifier: LGPL-2.1-or-later
/* IDNA 2008, through libidn2. */
#include <errno.h>
#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include "libcapcert/idna.h"

/* The longest UTF-8 text that a host name could come from: four bytes for each of its own. */
#define LONGEST_TEXT (4 * IDNA_MAX)

/* Lower case, NFC, a NUL behind it. */
static int fold(struct cc_span host, uint8_t **ret)
{
	uint8_t *text, *ended;
	size_t n;

	if (u8_check(host.p, host.n))
		return -EINVAL;
	text = u8_tolower(host.p, host.n, NULL, UNINORM_NFC, NULL, &n);
	if (!text)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	ended = realloc(text, n + 1);
	if (!ended) {
		free(text);
		return -ENOMEM;
	}
	ended[n] = 0;
	*ret = ended;
	return 0;
}

/* Not with libidn2's UTS #46 mapping: it drops characters, with its STD 3 rules even the '/' or
 * ':' that somebody wrote, and so finds a name in what is none. */
int idna_to_ascii(struct cc_span host, uint8_t ret[IDNA_MAX], size_t *ret_len)
{
	uint8_t *text, *ascii = NULL;
	size_t n;
	int r;

	if (host.n == 0 || host.n > LONGEST_TEXT || memchr(host.p, 0, host.n))
		return -EINVAL;
	r = fold(host, &text);
	if (r < 0)
		return r;
	r = idn2_lookup_u8(text, &ascii, IDN2_NO_TR46);
	free(text);
	if (r != IDN2_OK)
		return r == IDN2_MALLOC ? -ENOMEM : -EINVAL;
	n = u8_strlen(ascii);
	if (n <= IDNA_MAX)
		memcpy(ret, ascii, n);
	*ret_len = n;
	idn2_free(ascii);
	return n <= IDNA_MAX ? 0 : -EINVAL;
}
