/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small hierarchies made at run time with GnuTLS, for tests and measurements. */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include <gnutls/abstract.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The time that everything below is judged at, unless a test says otherwise: 2026-06-01. */
#define PKI_NOW 1780272000
#define PKI_DAY 86400

/* Any GnuTLS call that must work. */
#define PKI(call)                                                                       \
	do {                                                                            \
		int pki_r = (call);                                                     \
                                                                                        \
		if (pki_r < 0) {                                                        \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,   \
				gnutls_strerror(pki_r));                                \
			abort();                                                        \
		}                                                                       \
	} while (0)

enum pki_key { PKI_P256, PKI_P384, PKI_P521, PKI_RSA, PKI_RSA4096, PKI_RSA1024, PKI_ED25519,
	       PKI_ED448, PKI_PSS, PKI_GOST256, PKI_GOST512 };

struct pki {
	gnutls_x509_privkey_t key;
	gnutls_privkey_t signer;
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
};

/* How a certificate is made. Zero means: what an honest one of its kind has. */
struct pki_spec {
	const char *cn;		/* NULL = no subject */
	const char *org, *country;
	const char *dns[4];
	const char *email;
	const char *uri;
	const uint8_t *ip;	/* 4 or 16 octets */
	size_t ip_len;
	const char *eku[3];	/* OIDs; a leaf's first one defaults to serverAuth, "-" = none */
	enum pki_key alg;
	gnutls_digest_algorithm_t digest;
	int64_t from, until;	/* relative to PKI_NOW; both 0 = -30 and +60 days */
	int path_len;		/* 0 = none, else path_len - 1 */
	unsigned int usage;	/* 0 = what fits, ~0u = no extension */
	const char *critical;	/* OID of an extension of our own, critical */
	const char *extension;	/* the same, not critical; "1.3.6.1.5.5.7.1.24" = must-staple */
	const char *permit_dns, *exclude_dns, *permit_email, *exclude_email, *permit_uri,
		*exclude_uri;
	const gnutls_datum_t *permit_ip, *exclude_ip, *permit_dn, *exclude_dn;
	const char *policy;	/* OID */
	struct {
		const char *oid, *der;
		unsigned int len;
		bool critical;
	} ext[3]; /* any others, as they are */
	bool rich; /* a leaf as public CAs make them: status addresses, policy, room for two SCTs */
	bool same_ids; /* key identifiers that say nothing: 01 for every key */
	bool ca, no_ski, no_aki, no_basic, pss, v1;
	const struct pki *key_of; /* use this one's key */
	unsigned int serial;	  /* 0 = a fresh one */
};

static inline void pki_key(struct pki *p, enum pki_key alg)
{
	static const struct {
		gnutls_pk_algorithm_t pk;
		unsigned int bits;
	} kinds[] = {
		[PKI_P256] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
		[PKI_P384] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
		[PKI_P521] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1) },
		[PKI_RSA] = { GNUTLS_PK_RSA, 2048 },
		[PKI_RSA4096] = { GNUTLS_PK_RSA, 4096 },
		[PKI_RSA1024] = { GNUTLS_PK_RSA, 1024 },
		[PKI_ED25519] = { GNUTLS_PK_EDDSA_ED25519,
				  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519) },
		[PKI_ED448] = { GNUTLS_PK_EDDSA_ED448,
				GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED448) },
		[PKI_PSS] = { GNUTLS_PK_RSA_PSS, 2048 },
		[PKI_GOST256] = { GNUTLS_PK_GOST_12_256,
				  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_GOST256B) },
		[PKI_GOST512] = { GNUTLS_PK_GOST_12_512,
				  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_GOST512A) },
	};

	PKI(gnutls_x509_privkey_init(&p->key));
	PKI(gnutls_x509_privkey_generate(p->key, kinds[alg].pk, kinds[alg].bits, 0));
	PKI(gnutls_privkey_init(&p->signer));
	PKI(gnutls_privkey_import_x509(p->signer, p->key, 0));
}

static inline void pki_names(gnutls_x509_crt_t crt, const struct pki_spec *s)
{
	size_t i;

	if (s->cn)
		PKI(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, s->cn,
						  (unsigned int)strlen(s->cn)));
	if (s->country)
		PKI(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COUNTRY_NAME, 0, s->country,
						  (unsigned int)strlen(s->country)));
	if (s->org)
		PKI(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, s->org,
						  (unsigned int)strlen(s->org)));
	for (i = 0; i < 4 && s->dns[i]; i++)
		PKI(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, s->dns[i],
							 (unsigned int)strlen(s->dns[i]),
							 GNUTLS_FSAN_APPEND));
	if (s->email)
		PKI(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_RFC822NAME, s->email,
							 (unsigned int)strlen(s->email),
							 GNUTLS_FSAN_APPEND));
	if (s->uri)
		PKI(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI, s->uri,
							 (unsigned int)strlen(s->uri),
							 GNUTLS_FSAN_APPEND));
	if (s->ip)
		PKI(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, s->ip,
							 (unsigned int)s->ip_len,
							 GNUTLS_FSAN_APPEND));
}

static inline void pki_constrain(gnutls_x509_name_constraints_t nc, bool permit,
				 gnutls_x509_subject_alt_name_t type, const char *name)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)name, name ? (unsigned int)strlen(name) : 0 };

	if (!name)
		return;
	if (permit)
		PKI(gnutls_x509_name_constraints_add_permitted(nc, type, &d));
	else
		PKI(gnutls_x509_name_constraints_add_excluded(nc, type, &d));
}

/* GnuTLS cannot write these: a short Name as the only subtree, by hand. */
static inline void pki_constrain_dn(gnutls_x509_crt_t crt, const gnutls_datum_t *dn, bool permit)
{
	unsigned char der[128], n = (unsigned char)dn->size;
	const unsigned char head[] = { 0x30, (unsigned char)(n + 6), permit ? 0xa0 : 0xa1,
				       (unsigned char)(n + 4), 0x30, (unsigned char)(n + 2), 0xa4, n };

	memcpy(der, head, sizeof(head));
	memcpy(der + sizeof(head), dn->data, n);
	PKI(gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.30", der, sizeof(head) + n, 1));
}

static inline void pki_constraints(gnutls_x509_crt_t crt, const struct pki_spec *s)
{
	gnutls_x509_name_constraints_t nc;

	if (s->permit_dn || s->exclude_dn)
		pki_constrain_dn(crt, s->permit_dn ? s->permit_dn : s->exclude_dn, s->permit_dn);
	if (!s->permit_dns && !s->exclude_dns && !s->permit_email && !s->exclude_email &&
	    !s->permit_uri && !s->exclude_uri && !s->permit_ip && !s->exclude_ip)
		return;
	PKI(gnutls_x509_name_constraints_init(&nc));
	pki_constrain(nc, true, GNUTLS_SAN_DNSNAME, s->permit_dns);
	pki_constrain(nc, false, GNUTLS_SAN_DNSNAME, s->exclude_dns);
	pki_constrain(nc, true, GNUTLS_SAN_RFC822NAME, s->permit_email);
	pki_constrain(nc, false, GNUTLS_SAN_RFC822NAME, s->exclude_email);
	pki_constrain(nc, true, GNUTLS_SAN_URI, s->permit_uri);
	pki_constrain(nc, false, GNUTLS_SAN_URI, s->exclude_uri);
	if (s->permit_ip)
		PKI(gnutls_x509_name_constraints_add_permitted(nc, GNUTLS_SAN_IPADDRESS,
							       s->permit_ip));
	if (s->exclude_ip)
		PKI(gnutls_x509_name_constraints_add_excluded(nc, GNUTLS_SAN_IPADDRESS,
							      s->exclude_ip));
	PKI(gnutls_x509_crt_set_name_constraints(crt, nc, 1));
	gnutls_x509_name_constraints_deinit(nc);
}

static inline void pki_extensions(gnutls_x509_crt_t crt, const struct pki_spec *s,
				  const struct pki *self, const struct pki *issuer)
{
	unsigned char id[64];
	size_t n = sizeof(id), i;

	if (!s->no_basic && (s->ca || s->path_len))
		PKI(gnutls_x509_crt_set_basic_constraints(crt, s->ca,
							  s->path_len ? s->path_len - 1 : -1));
	if (s->usage != ~0u)
		PKI(gnutls_x509_crt_set_key_usage(
			crt, s->usage ? s->usage :
			     s->ca    ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN :
					GNUTLS_KEY_DIGITAL_SIGNATURE));
	for (i = 0; i < 3 && s->eku[i] && s->eku[i][0] != '-'; i++)
		PKI(gnutls_x509_crt_set_key_purpose_oid(crt, s->eku[i], 0));
	if (!s->ca && !s->eku[0])
		PKI(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
	if (s->same_ids) {
		PKI(gnutls_x509_crt_set_subject_key_id(crt, "\x01", 1));
		PKI(gnutls_x509_crt_set_authority_key_id(crt, "\x01", 1));
	} else if (!s->no_ski) {
		PKI(gnutls_x509_crt_get_key_id(crt, 0, id, &n));
		PKI(gnutls_x509_crt_set_subject_key_id(crt, id, n));
	}
	if (!s->same_ids && !s->no_aki && issuer != self) {
		n = sizeof(id);
		PKI(gnutls_x509_crt_get_key_id(issuer->crt, 0, id, &n));
		PKI(gnutls_x509_crt_set_authority_key_id(crt, id, n));
	}
	if (s->critical)
		PKI(gnutls_x509_crt_set_extension_by_oid(crt, s->critical, "\x05\x00", 2, 1));
	if (s->extension) {
		bool staple = !strcmp(s->extension, "1.3.6.1.5.5.7.1.24");

		PKI(gnutls_x509_crt_set_extension_by_oid(
			crt, s->extension, staple ? "\x30\x03\x02\x01\x05" : "\x05\x00",
			staple ? 5 : 2, 0));
	}
	if (s->policy) {
		struct gnutls_x509_policy_st p = { .oid = (char *)(uintptr_t)s->policy };

		PKI(gnutls_x509_crt_set_policy(crt, &p, 0));
	}
	if (s->rich) {
		static const char crl[] = "http://crl.example.net/ca/0123456789.crl";
		static const char ocsp[] = "http://ocsp.example.net/ca";
		static const char ca[] = "http://issuer.example.net/ca.der";
		gnutls_datum_t ocsp_d = { (unsigned char *)(uintptr_t)ocsp, sizeof(ocsp) - 1 };
		gnutls_datum_t ca_d = { (unsigned char *)(uintptr_t)ca, sizeof(ca) - 1 };
		unsigned char scts[245] = { 0x04, 0x81, 242, 0, 240, 0, 118 };

		scts[7 + 118] = 0;
		scts[7 + 119] = 118;
		PKI(gnutls_x509_crt_set_crl_dist_points2(crt, GNUTLS_SAN_URI, crl, sizeof(crl) - 1,
							 0));
		PKI(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_OCSP_URI, &ocsp_d));
		PKI(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_CAISSUERS_URI, &ca_d));
		PKI(gnutls_x509_crt_set_extension_by_oid(crt, "1.3.6.1.4.1.11129.2.4.2", scts,
							 sizeof(scts), 0));
	}
	for (i = 0; i < 3 && s->ext[i].oid; i++)
		PKI(gnutls_x509_crt_set_extension_by_oid(crt, s->ext[i].oid, s->ext[i].der,
							 s->ext[i].len, s->ext[i].critical));
	pki_constraints(crt, s);
}

/* EdDSA and GOST keys name their own hash. */
static inline gnutls_digest_algorithm_t pki_digest(const struct pki_spec *s, const struct pki *issuer)
{
	switch (gnutls_privkey_get_pk_algorithm(issuer->signer, NULL)) {
	case GNUTLS_PK_EDDSA_ED25519:
		return GNUTLS_DIG_SHA512;
	case GNUTLS_PK_EDDSA_ED448:
		return GNUTLS_DIG_SHAKE_256;
	case GNUTLS_PK_GOST_12_256:
		return GNUTLS_DIG_STREEBOG_256;
	case GNUTLS_PK_GOST_12_512:
		return GNUTLS_DIG_STREEBOG_512;
	default:
		return s->digest ? s->digest : GNUTLS_DIG_SHA256;
	}
}

/* Make a certificate signed by @issuer, or by itself when that is NULL. */
static inline struct pki *pki_make(const struct pki_spec *s, struct pki *issuer)
{
	static unsigned int next_serial = 1000;
	struct pki *p = calloc(1, sizeof(*p));
	unsigned int number = s->serial ? s->serial : ++next_serial;
	unsigned char serial[4] = { 0x11, (unsigned char)(number >> 16), (unsigned char)(number >> 8),
				    (unsigned char)number };
	int64_t from = s->from || s->until ? s->from : -30 * PKI_DAY;
	int64_t until = s->from || s->until ? s->until : 60 * PKI_DAY;

	if (!p)
		abort();
	if (s->key_of) {
		PKI(gnutls_x509_privkey_init(&p->key));
		PKI(gnutls_x509_privkey_cpy(p->key, s->key_of->key));
		PKI(gnutls_privkey_init(&p->signer));
		PKI(gnutls_privkey_import_x509(p->signer, p->key, 0));
	} else {
		pki_key(p, s->alg);
	}
	PKI(gnutls_x509_crt_init(&p->crt));
	PKI(gnutls_x509_crt_set_version(p->crt, s->v1 ? 1 : 3));
	PKI(gnutls_x509_crt_set_serial(p->crt, serial, sizeof(serial)));
	PKI(gnutls_x509_crt_set_activation_time(p->crt, PKI_NOW + from));
	PKI(gnutls_x509_crt_set_expiration_time(p->crt, PKI_NOW + until));
	PKI(gnutls_x509_crt_set_key(p->crt, p->key));
	pki_names(p->crt, s);
	if (!issuer)
		issuer = p;
	if (!s->v1)
		pki_extensions(p->crt, s, p, issuer);
	PKI(gnutls_x509_crt_privkey_sign(p->crt, issuer->crt, issuer->signer,
					 pki_digest(s, issuer),
					 s->pss ? GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS : 0));
	PKI(gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_DER, &p->der));
	/* A made one lacks what a parsed one has: its raw names. */
	gnutls_x509_crt_deinit(p->crt);
	PKI(gnutls_x509_crt_init(&p->crt));
	PKI(gnutls_x509_crt_import(p->crt, &p->der, GNUTLS_X509_FMT_DER));
	return p;
}

static inline void pki_free(struct pki *p)
{
	if (!p)
		return;
	gnutls_free(p->der.data);
	gnutls_x509_crt_deinit(p->crt);
	gnutls_privkey_deinit(p->signer);
	gnutls_x509_privkey_deinit(p->key);
	free(p);
}

#endif
