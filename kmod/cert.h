/* SPDX-License-Identifier: GPL-2.0-only */
/* The certificate object: DER, parsed once, with its hashes. Immutable. */
#ifndef KMOD_CERT_H
#define KMOD_CERT_H

#include <linux/types.h>

#include "core/cert.h"
#include "kmod/object.h"

struct cc_certificate {
	struct cc_object base;
	u8 fingerprint[32]; /* SHA-256 of the DER */
	u8 spki_hash[32];   /* SHA-256 of the SubjectPublicKeyInfo */
	struct cc_cert cert; /* spans into @der */
	u32 der_len;
	u8 der[];
};

static inline struct cc_certificate *cc_certificate_of(struct cc_object *object)
{
	return container_of(object, struct cc_certificate, base);
}

/*
 * cc_certificate_new() - from DER, all of it one certificate. May sleep.
 * Return: object with one reference, -EMSGSIZE over CAPCERT_MAX_CERT, -EBADMSG when it does not
 * parse, -ENOMEM.
 */
struct cc_certificate *cc_certificate_new(const void *der, size_t len);

static inline struct cc_certificate *cc_certificate_get(struct cc_certificate *cert)
{
	cc_object_get(&cert->base);
	return cert;
}

static inline void cc_certificate_put(struct cc_certificate *cert)
{
	if (cert)
		cc_object_put(&cert->base);
}

#endif
