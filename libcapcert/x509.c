// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certificates of this process: parsed once, shared by reference. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/sha2.h>
#include "libcapcert/pem.h"
#include "libcapcert/x509.h"

int cert_from_der(struct cc_span der, capcert_cert **ret, const char **ret_error)
{
	capcert_cert *cert;
	int error;

	if (der.n > CC_CERT_MAX) {
		if (ret_error)
			*ret_error = cc_cert_error_text(CC_CERT_E_TOO_LARGE);
		return -EBADMSG;
	}
	cert = malloc(sizeof(*cert) + der.n);
	if (!cert)
		return -ENOMEM;
	atomic_init(&cert->refs, 1);
	if (der.n)
		memcpy(cert->der, der.p, der.n);
	error = cc_cert_parse(cc_span(cert->der, der.n), &cert->parsed);
	if (error) {
		if (ret_error)
			*ret_error = cc_cert_error_text(error);
		free(cert);
		return -EBADMSG;
	}
	*ret = cert;
	return 0;
}

/* Exactly one certificate: -EBADMSG when there is none, or anything of a second one. */
static int one_from_pem(struct cc_span text, uint8_t **ret_der, size_t *ret_len,
			const char **ret_error)
{
	uint8_t *der, *second;
	size_t n, m;
	int r = pem_next(&text, PEM_CERTIFICATE, &der, &n, ret_error);

	if (r < 0)
		return r;
	if (r == 0) {
		*ret_error = "no PEM block called CERTIFICATE";
		return -EBADMSG;
	}
	r = pem_next(&text, PEM_CERTIFICATE, &second, &m, ret_error);
	if (r == 1) {
		*ret_error = "more than one certificate where one is expected";
		free(second);
		r = -EBADMSG;
	}
	if (r < 0) {
		free(der);
		return r;
	}
	*ret_der = der;
	*ret_len = n;
	return 0;
}

static int cert_from_pem(struct cc_span text, capcert_cert **ret, const char **ret_error)
{
	const char *error = NULL;
	uint8_t *der;
	size_t n;
	int r = one_from_pem(text, &der, &n, &error);

	if (r == 0) {
		r = cert_from_der(cc_span(der, n), ret, &error);
		free(der);
	}
	if (r == -EBADMSG && ret_error)
		*ret_error = error;
	return r;
}

int capcert_cert_new(const uint8_t *data, size_t len, capcert_cert **ret, const char **ret_error)
{
	struct cc_span in = cc_span(data, len);

	/* DER begins with 0x30, and what is then text has no byte over 0x7f there: no certificate
	 * is short enough for a one-byte length. */
	if (len >= 2 && data[0] == 0x30 && data[1] >= 0x80)
		return cert_from_der(in, ret, ret_error);
	if (pem_found(in))
		return cert_from_pem(in, ret, ret_error);
	return cert_from_der(in, ret, ret_error);
}

int capcert_cert_from_handle(int cert_fd, capcert_cert **ret)
{
	uint8_t *der;
	size_t n;
	int r = capcert_read(cert_fd, CAPCERT_READ_DER, 0, &der, &n);

	if (r < 0)
		return r;
	r = cert_from_der(cc_span(der, n), ret, NULL);
	free(der);
	return r;
}

capcert_cert *capcert_cert_ref(capcert_cert *cert)
{
	atomic_fetch_add_explicit(&cert->refs, 1, memory_order_relaxed);
	return cert;
}

void capcert_cert_free(capcert_cert *cert)
{
	if (cert && atomic_fetch_sub_explicit(&cert->refs, 1, memory_order_acq_rel) == 1)
		free(cert);
}

static const uint8_t *view(struct cc_span s, size_t *ret_len)
{
	*ret_len = s.n;
	return s.p;
}

const uint8_t *capcert_cert_der(const capcert_cert *cert, size_t *ret_len)
{
	return view(cert->parsed.der, ret_len);
}

const uint8_t *capcert_cert_subject(const capcert_cert *cert, size_t *ret_len)
{
	return view(cert->parsed.subject, ret_len);
}

const uint8_t *capcert_cert_issuer(const capcert_cert *cert, size_t *ret_len)
{
	return view(cert->parsed.issuer, ret_len);
}

const uint8_t *capcert_cert_serial(const capcert_cert *cert, size_t *ret_len)
{
	return view(cert->parsed.serial, ret_len);
}

const uint8_t *capcert_cert_spki(const capcert_cert *cert, size_t *ret_len)
{
	return view(cert->parsed.spki, ret_len);
}

int64_t capcert_cert_not_before(const capcert_cert *cert)
{
	return cert->parsed.not_before;
}

int64_t capcert_cert_not_after(const capcert_cert *cert)
{
	return cert->parsed.not_after;
}

int capcert_cert_is_ca(const capcert_cert *cert, int *ret_path_len)
{
	if (ret_path_len)
		*ret_path_len = cert->parsed.path_len;
	return cert->parsed.is_ca;
}

int capcert_cert_must_staple(const capcert_cert *cert)
{
	return cert->parsed.must_staple;
}

size_t capcert_cert_subject_text(const capcert_cert *cert, char *buf, size_t cap)
{
	return cc_dn_format(cert->parsed.subject, buf, cap);
}

size_t capcert_cert_issuer_text(const capcert_cert *cert, char *buf, size_t cap)
{
	return cc_dn_format(cert->parsed.issuer, buf, cap);
}

int capcert_cert_to_pem(const capcert_cert *cert, char **ret_text, size_t *ret_len)
{
	return pem_write(PEM_CERTIFICATE, cert->parsed.der, ret_text, ret_len);
}

int hash_of(uint32_t hash, struct cc_span in, uint8_t *ret)
{
	union {
		struct sha256_ctx sha256;
		struct sha512_ctx sha512; /* SHA-384 too */
	} ctx;

	switch (hash) {
	case CAPCERT_HASH_SHA256:
		sha256_init(&ctx.sha256);
		sha256_update(&ctx.sha256, in.n, in.p);
		sha256_digest(&ctx.sha256, SHA256_DIGEST_SIZE, ret);
		return SHA256_DIGEST_SIZE;
	case CAPCERT_HASH_SHA384:
		sha384_init(&ctx.sha512);
		sha384_update(&ctx.sha512, in.n, in.p);
		sha384_digest(&ctx.sha512, SHA384_DIGEST_SIZE, ret);
		return SHA384_DIGEST_SIZE;
	case CAPCERT_HASH_SHA512:
		sha512_init(&ctx.sha512);
		sha512_update(&ctx.sha512, in.n, in.p);
		sha512_digest(&ctx.sha512, SHA512_DIGEST_SIZE, ret);
		return SHA512_DIGEST_SIZE;
	default:
		return -EINVAL;
	}
}

int capcert_cert_fingerprint(const capcert_cert *cert, uint32_t hash, uint8_t *ret)
{
	return hash_of(hash, cert->parsed.der, ret);
}

int capcert_hash(uint32_t hash, const void *data, size_t len, uint8_t *ret)
{
	return hash_of(hash, cc_span(data, len), ret);
}

int capcert_cert_spki_hash(const capcert_cert *cert, uint32_t hash, uint8_t *ret)
{
	return hash_of(hash, cert->parsed.spki, ret);
}
