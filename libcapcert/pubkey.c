// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public keys without a certificate round them. */
#include <errno.h>
#include <capcert/pubkey.h>
#include "core/spki.h"
#include "libcapcert/sig.h"

static int parse(const uint8_t *spki, size_t len, struct cc_spki *ret)
{
	struct cc_span in = cc_span(spki, len);

	return cc_spki_get(&in, ret) || in.n ? -EBADMSG : 0;
}

int capcert_pubkey_verify(const uint8_t *spki, size_t spki_len, uint32_t scheme, bool digest,
			  const uint8_t *data, size_t len, const uint8_t *sig, size_t sig_len)
{
	struct cc_spki key;
	int r = parse(spki, spki_len, &key);

	if (r < 0)
		return r;
	r = sig_check_raw(&key, cc_scheme_from_tls(scheme), digest, cc_span(data, len),
			  cc_span(sig, sig_len));
	return r == 1 ? 0 : r == 0 ? -EKEYREJECTED : r;
}
