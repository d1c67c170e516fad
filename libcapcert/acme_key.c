// SPDX-License-Identifier: LGPL-2.1-or-later
/* Keys of ACME clients, and what they sign: JWS (RFC 8555 section 6.2) and certification requests (RFC 2986). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/jws.h>
#include <capcert/key.h>
#include <capcert/x509.h>
#include "core/spki.h"
#include "libcapcert/acme.h"
#include "libcapcert/jwk.h"
#include "libcapcert/jws.h"

bool acme_key_there(const struct acme_key *key)
{
	return key->jwk != NULL;
}

/* The public key, ours to free. */
static int read_public(struct acme_key *key, const struct capcert_acme_key *from)
{
	uint8_t *spki;
	size_t n = from->spki_len;
	int r;

	if (from->fd >= 0) {
		r = capcert_key_public(from->fd, &spki, &n);
		if (r < 0)
			return r;
	} else {
		if (!from->sign || !from->spki || !n)
			return -EINVAL;
		spki = malloc(n);
		if (!spki)
			return -ENOMEM;
		memcpy(spki, from->spki, n);
	}
	key->how.spki = spki;
	key->how.spki_len = n;
	return 0;
}

int acme_key_open(const struct capcert_acme_key *from, struct acme_key *ret)
{
	struct acme_key key = { .how = *from };
	int r;

	key.how.spki = NULL;
	key.how.fd = -1;
	r = read_public(&key, from);
	if (r == 0 && from->fd >= 0) {
		key.how.fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 3);
		r = key.how.fd < 0 ? -errno : 0;
	}
	if (r == 0)
		r = capcert_pubkey_jwk(key.how.spki, key.how.spki_len, &key.jwk);
	if (r == 0)
		r = capcert_pubkey_thumbprint(key.how.spki, key.how.spki_len, key.thumbprint);
	if (r < 0)
		acme_key_close(&key);
	else
		*ret = key;
	return r;
}

void acme_key_close(struct acme_key *key)
{
	free((void *)key->how.spki);
	free(key->jwk);
	if (acme_key_there(key) && key->how.fd >= 0)
		close(key->how.fd);
	memset(key, 0, sizeof(*key));
}

int acme_key_sign(void *ctx, uint32_t scheme, const void *message, size_t len, uint8_t *signature,
		  size_t *signature_len)
{
	const struct acme_signer *s = ctx;
	const struct capcert_acme_key *how = &s->key->how;
	const size_t room = *signature_len;
	int r;

	if (how->fd >= 0)
		return capcert_key_sign(how->fd, s->purpose, scheme, 0, message, len, 0, signature,
					signature_len);
	r = how->sign(how->ctx, s->purpose, scheme, message, len, signature, signature_len);
	return r > 0 || *signature_len > room ? -EIO : r;
}

/* ---- JWS ---- */

/* URLs, nonces and JWKs hold no quotes or backslashes where they come from: acme_url_parse(), take_nonce(). */
int acme_jws(const struct acme_signer *signer, const char *kid, const char *nonce, const char *url,
	     const char *payload, char **ret)
{
	const struct capcert_acme_key *how = &signer->key->how;
	char *header;
	int n, r;

	n = asprintf(&header, "{%s%s%s\"url\":\"%s\",\"%s\":%s%s%s}", nonce ? "\"nonce\":\"" : "",
		     nonce ? nonce : "", nonce ? "\"," : "", url, kid ? "kid" : "jwk",
		     kid ? "\"" : "", kid ? kid : signer->key->jwk, kid ? "\"" : "");
	if (n < 0)
		return -ENOMEM;
	r = jws_build(cc_span(how->spki, how->spki_len), header,
		      cc_span(payload ? payload : "", payload ? strlen(payload) : 0),
		      CAPCERT_JWS_FLATTENED, acme_key_sign, (void *)signer, ret);
	free(header);
	return r;
}

/* RFC 7518 section 3.2. Return: octets, or -errno. */
static int hmac_of(const struct capcert_acme_binding *b, const char *text, uint8_t ret[64])
{
	static const int sizes[] = {
		[CAPCERT_HASH_SHA256] = 32, [CAPCERT_HASH_SHA384] = 48, [CAPCERT_HASH_SHA512] = 64
	};
	int r;

	if (!b->mac)
		return capcert_hmac(b->hash, b->key, b->key_len, text, strlen(text), ret);
	r = b->mac(b->ctx, b->hash, text, strlen(text), ret);
	return r < 0 ? r : sizes[b->hash];
}

/* A kid is the CA's to choose, and goes into JSON as a text. */
static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || (uint8_t)*text >= 0x7f || *text == '"' || *text == '\\')
			return false;
	return true;
}

int acme_binding_jws(const struct capcert_acme_binding *b, const struct acme_key *key,
		     const char *url, char **ret)
{
	static const char *const names[] = { [CAPCERT_HASH_SHA256] = "HS256",
					     [CAPCERT_HASH_SHA384] = "HS384",
					     [CAPCERT_HASH_SHA512] = "HS512" };
	char *header, *head, *body, *input, text[BASE64URL_CAP(64)];
	uint8_t mac[64];
	int n;

	if (b->hash < CAPCERT_HASH_SHA256 || b->hash > CAPCERT_HASH_SHA512 || !b->kid ||
	    !plain(b->kid) || (!b->mac && (!b->key || !b->key_len)))
		return -EINVAL;
	n = asprintf(&header, "{\"alg\":\"%s\",\"kid\":\"%s\",\"url\":\"%s\"}", names[b->hash],
		     b->kid, url);
	if (n < 0)
		return -ENOMEM;
	head = malloc(BASE64URL_CAP(strlen(header)));
	body = malloc(BASE64URL_CAP(strlen(key->jwk)));
	n = -1;
	if (head && body) {
		base64url(cc_span(header, strlen(header)), head);
		base64url(cc_span(key->jwk, strlen(key->jwk)), body);
		n = asprintf(&input, "%s.%s", head, body);
	}
	free(header);
	if (n < 0) {
		n = -ENOMEM;
	} else {
		n = hmac_of(b, input, mac);
		free(input);
	}
	if (n >= 0) {
		base64url(cc_span(mac, (size_t)n), text);
		n = asprintf(ret, "{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}",
			     head, body, text);
		n = n < 0 ? -ENOMEM : 0;
	}
	free(head);
	free(body);
	return n;
}
