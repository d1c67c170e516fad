// SPDX-License-Identifier: LGPL-2.1-or-later
/* What private keys may sign and how it looks; the names of keys, their purposes and sources. */
#include <errno.h>
#include <string.h>
#include <capcert/key.h>
#include "core/key_uri.h"
#include "core/key_use.h"
#include "core/signature.h"
#include "core/spki.h"

_Static_assert((int)CC_KEY_USE_COUNT == CAPCERT_KEY_PURPOSES, "purposes");
_Static_assert(CC_KEY_URI_MAX == CAPCERT_MAX_KEY_URI, "longest URI");

const char *capcert_key_refuses(uint32_t purpose, uint32_t scheme, const void *message, size_t len)
{
	if (purpose >= CAPCERT_KEY_PURPOSES)
		return "no such purpose";
	return cc_key_use_refuses(purpose, cc_scheme_from_tls(scheme), cc_span(message, len));
}

bool capcert_key_takes_digests(uint32_t purposes)
{
	return !(purposes & CC_KEY_USES_SEEN);
}

bool capcert_key_signature_form(const void *spki, size_t spki_len, const void *signature,
				size_t len)
{
	struct cc_span in = cc_span(spki, spki_len);
	struct cc_spki key;

	return cc_spki_get(&in, &key) == 0 && in.n == 0 &&
	       cc_signature_form(key.alg, key.bits, cc_span(signature, len));
}

int capcert_key_uri(const char *text, size_t len, char *ret_uri, uint32_t *ret_purposes,
		    const char **ret_error)
{
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	size_t n;

	if (cc_key_uri_parse(text, len, &uri, &err)) {
		if (ret_error)
			*ret_error = err.what;
		return -EINVAL;
	}
	n = cc_key_uri_format(&uri, ret_uri, CC_KEY_URI_MAX + 2);
	if (n == 0)
		return -EMSGSIZE;
	if (ret_purposes)
		*ret_purposes = uri.uses;
	return (int)n;
}

const char *capcert_key_purpose_name(uint32_t purpose)
{
	const char *name = cc_key_use_name(purpose);

	return name ? name : "?";
}

uint32_t capcert_key_purposes_parse(const char *text)
{
	return cc_key_uses_parse(text, strlen(text));
}

void capcert_key_purposes_text(uint32_t purposes, char *buf, size_t cap)
{
	cc_key_uses_format(purposes, buf, cap);
}

const char *capcert_key_source_name(uint32_t source)
{
	const char *name = cc_key_source_name(source);

	return name ? name : "?";
}
