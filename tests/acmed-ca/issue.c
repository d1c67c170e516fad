// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The root, and certificates by it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/acmed-ca/ca.h"

#define DAY 86400

static void must(int r)
{
	if (r < 0) {
		fprintf(stderr, "acmed-ca: %s\n", gnutls_strerror(r));
		exit(1);
	}
}

static gnutls_x509_privkey_t new_key(void)
{
	gnutls_x509_privkey_t key;

	must(gnutls_x509_privkey_init(&key));
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
					  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	return key;
}

static void set_serial(gnutls_x509_crt_t crt)
{
	static uint8_t n;
	uint8_t serial[9] = { 1 };

	serial[7] = (uint8_t)time(NULL);
	serial[8] = ++n;
	must(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)));
}

void ca_open(struct ca *ca, const char *roots_file)
{
	uint8_t id[20];
	size_t n = sizeof(id);
	gnutls_datum_t pem;
	FILE *f = fopen(roots_file, "we");

	ca->key = new_key();
	must(gnutls_x509_crt_init(&ca->root));
	must(gnutls_x509_crt_set_version(ca->root, 3));
	set_serial(ca->root);
	must(gnutls_x509_crt_set_dn(ca->root, "CN=acmed-ca root", NULL));
	must(gnutls_x509_crt_set_key(ca->root, ca->key));
	must(gnutls_x509_crt_set_activation_time(ca->root, time(NULL) - 400 * DAY));
	must(gnutls_x509_crt_set_expiration_time(ca->root, time(NULL) + 400 * DAY));
	must(gnutls_x509_crt_set_basic_constraints(ca->root, 1, -1));
	must(gnutls_x509_crt_set_key_usage(ca->root, GNUTLS_KEY_KEY_CERT_SIGN));
	must(gnutls_x509_crt_get_key_id(ca->root, 0, id, &n));
	must(gnutls_x509_crt_set_subject_key_id(ca->root, id, n));
	must(gnutls_x509_crt_sign2(ca->root, ca->root, ca->key, GNUTLS_DIG_SHA256, 0));
	must(gnutls_x509_crt_export2(ca->root, GNUTLS_X509_FMT_PEM, &pem));
	if (!f || fwrite(pem.data, pem.size, 1, f) != 1 || fclose(f)) {
		perror(roots_file);
		exit(1);
	}
	gnutls_free(pem.data);
}

static void fill(struct ca *ca, gnutls_x509_crt_t crt, gnutls_x509_crq_t crq)
{
	const time_t now = time(NULL), past = ca->fault == FAULT_CERT_EXPIRED ? 30 * DAY : 0;
	uint8_t id[64];
	size_t n = sizeof(id);

	must(gnutls_x509_crt_set_version(crt, 3));
	set_serial(crt);
	must(gnutls_x509_crt_set_crq(crt, crq));
	/* Without any subject the names would have to be critical. */
	must(gnutls_x509_crt_set_dn(crt, "O=acmed-ca", NULL));
	if (ca->fault == FAULT_CERT_NAMES)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "other.example",
							  13, 0));
	else
		must(gnutls_x509_crt_set_crq_extension_by_oid(crt, crq, "2.5.29.17", 0));
	if (ca->fault == FAULT_CERT_KEY) {
		gnutls_x509_privkey_t other = new_key();

		must(gnutls_x509_crt_set_key(crt, other));
		gnutls_x509_privkey_deinit(other);
	}
	must(gnutls_x509_crt_set_activation_time(crt, now - 3600 - past));
	must(gnutls_x509_crt_set_expiration_time(crt, now + 7 * DAY - past));
	must(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
	must(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
	must(gnutls_x509_crt_get_subject_key_id(ca->root, id, &n, NULL));
	must(gnutls_x509_crt_set_authority_key_id(crt, id, n));
	must(gnutls_x509_crt_sign2(crt, ca->root, ca->key, GNUTLS_DIG_SHA256, 0));
}

static char *pem_of(struct ca *ca, gnutls_x509_crt_t crt)
{
	gnutls_datum_t leaf, root;
	char *text;

	must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &leaf));
	must(gnutls_x509_crt_export2(ca->root, GNUTLS_X509_FMT_PEM, &root));
	if (asprintf(&text, "%.*s%.*s", (int)leaf.size, leaf.data, (int)root.size, root.data) < 0)
		abort();
	if (ca->fault == FAULT_CERT_CUT)
		text[leaf.size + root.size / 2] = '\0';
	gnutls_free(leaf.data);
	gnutls_free(root.data);
	return text;
}

char *ca_issue(struct ca *ca, const char *csr)
{
	const size_t n = strlen(csr);
	char *padded = calloc(1, n + 4), *text = NULL;
	gnutls_datum_t in = { (uint8_t *)padded, (unsigned int)((n + 3) / 4 * 4) }, der = { 0 };
	gnutls_x509_crq_t crq;
	gnutls_x509_crt_t crt;

	memset(padded, '=', n + 3);
	for (size_t i = 0; i < n; i++)
		padded[i] = csr[i] == '-' ? '+' : csr[i] == '_' ? '/' : csr[i];
	gnutls_x509_crq_init(&crq);
	gnutls_x509_crt_init(&crt);
	if (gnutls_base64_decode2(&in, &der) == 0 &&
	    gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_crq_verify(crq, 0) == 0) {
		fill(ca, crt, crq);
		text = pem_of(ca, crt);
	}
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_crq_deinit(crq);
	gnutls_free(der.data);
	free(padded);
	return text;
}
