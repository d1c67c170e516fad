// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signatures by handle, in the forms of jws.c and signed_der.c. */
#include <stdlib.h>
#include <capcert/jws.h>
#include <capcert/key.h>
#include "libcapcert/jws.h"

struct by_handle {
	int fd;
	uint32_t purpose;
};

static int sign(void *ctx, uint32_t scheme, const void *message, size_t message_len,
		uint8_t *signature, size_t *len)
{
	const struct by_handle *h = ctx;

	return capcert_key_sign(h->fd, h->purpose, scheme, 0, message, message_len, 0, signature,
				len);
}

int capcert_jws_sign(int key_fd, uint32_t purpose, const char *header, const void *payload,
		     size_t payload_len, uint32_t flags, char **ret)
{
	struct by_handle h = { key_fd, purpose };
	uint8_t *spki;
	size_t n;
	int r = capcert_key_public(key_fd, &spki, &n);

	if (r < 0)
		return r;
	r = jws_build(cc_span(spki, n), header, cc_span(payload, payload_len), flags, sign, &h,
		      ret);
	free(spki);
	return r;
}

int capcert_key_sign_der(int key_fd, uint32_t purpose, uint32_t scheme, const uint8_t *tbs,
			 size_t tbs_len, uint8_t **ret, size_t *ret_len)
{
	struct by_handle h = { key_fd, purpose };

	return signed_der_build(scheme, cc_span(tbs, tbs_len), sign, &h, ret, ret_len);
}
