// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that holds nothing but a handle of a key, and what it can do with it.
 *
 *	keysign sign NAME PURPOSE SCHEME FILE		the signature to stdout
 *	keysign batch NAME LIST				of each line of LIST, "sign NAME PURPOSE SCHEME FILE
 *							OUT" or "digest ...", what came of it
 *	keysign public NAME				SubjectPublicKeyInfo, PEM
 *	keysign csr NAME				a certification request, by GnuTLS
 *	keysign self NAME				a certificate for the key itself, by GnuTLS
 *	keysign cms NAME CERT FILE			signed data, by GnuTLS
 *	keysign issue NAME CA CSR			a certificate by a CA's key
 *	keysign jws NAME HEADER FILE
 *	keysign many NAME COUNT				so many processes, one signature each
 *
 * Exit status 1 with the name of the errno on stderr. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <capcert/gnutls.h>
#include <capcert/jws.h>
#include <capcert/key.h>
#include <capcert/pubkey.h>

static int handle;

static void die(const char *what, int r)
{
	fprintf(stderr, "%s: %s\n", what, strerrorname_np(-r));
	exit(1);
}

static void check(int r, const char *what)
{
	if (r < 0)
		die(what, r);
}

static void gcheck(int r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", what, gnutls_strerror_name(r));
		exit(1);
	}
}

static gnutls_datum_t load(const char *path)
{
	gnutls_datum_t d;

	gcheck(gnutls_load_file(path, &d), path);
	return d;
}

static void out(const void *p, size_t n)
{
	if (fwrite(p, 1, n, stdout) != n || fflush(stdout))
		die("stdout", -errno);
}

static uint32_t purpose_of(const char *name)
{
	uint32_t mask = capcert_key_purposes_parse(name);

	if (!mask || (mask & (mask - 1)))
		die(name, -EINVAL);
	return (uint32_t)__builtin_ctz(mask);
}

static int sign_file(int fd, const char *purpose, const char *scheme, const char *file,
		     uint32_t flags, uint8_t sig[CAPCERT_MAX_SIGNATURE], size_t *n)
{
	gnutls_datum_t in = load(file);
	int r;

	*n = CAPCERT_MAX_SIGNATURE;
	r = capcert_key_sign(fd, purpose_of(purpose), (uint32_t)strtoul(scheme, NULL, 16), flags,
			     in.data, in.size, 60000, sig, n);
	gnutls_free(in.data);
	return r;
}

static void sign(char **argv)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n;

	check(sign_file(handle, argv[0], argv[1], argv[2], 0, sig, &n), "sign");
	out(sig, n);
}

static void batch(const char *list)
{
	char op[16], name[32], purpose[32], scheme[16], file[256], to[256];
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	FILE *f = fopen(list, "r"), *o;
	size_t n;
	int r;

	if (!f)
		die(list, -errno);
	while (fscanf(f, "%15s %31s %31s %15s %255s %255s", op, name, purpose, scheme, file, to) ==
	       6) {
		r = sign_file(capcert_fd(name), purpose, scheme, file,
			      strcmp(op, "digest") ? 0 : CAPCERT_SIGN_DIGEST, sig, &n);
		puts(r ? strerrorname_np(-r) : "OK");
		o = r ? NULL : fopen(to, "w");
		if (r == 0 && (!o || fwrite(sig, 1, n, o) != n || fclose(o)))
			die(to, -errno);
	}
	fclose(f);
}

static void put_public(void)
{
	gnutls_datum_t spki = { NULL, 0 }, pem;
	size_t n;

	check(capcert_key_public(handle, &spki.data, &n), "public");
	spki.size = (unsigned int)n;
	gcheck(gnutls_pem_base64_encode2("PUBLIC KEY", &spki, &pem), "pem");
	out(pem.data, pem.size);
}

static gnutls_pubkey_t pubkey(void)
{
	gnutls_datum_t spki = { NULL, 0 };
	gnutls_pubkey_t key;
	size_t n;

	check(capcert_key_public(handle, &spki.data, &n), "public");
	spki.size = (unsigned int)n;
	gcheck(gnutls_pubkey_init(&key), "pubkey");
	gcheck(gnutls_pubkey_import(key, &spki, GNUTLS_X509_FMT_DER), "pubkey");
	return key;
}

static gnutls_privkey_t privkey(const char *purpose)
{
	gnutls_privkey_t key;

	check(capcert_key_gnutls(handle, purpose_of(purpose), &key), "key");
	return key;
}

static void csr(void)
{
	gnutls_x509_crq_t crq;
	gnutls_datum_t pem;

	gcheck(gnutls_x509_crq_init(&crq), "crq");
	gcheck(gnutls_x509_crq_set_version(crq, 1), "crq");
	gcheck(gnutls_x509_crq_set_dn(crq, "CN=www.example.org", NULL), "crq");
	gcheck(gnutls_x509_crq_set_pubkey(crq, pubkey()), "crq");
	gcheck(gnutls_x509_crq_privkey_sign(crq, privkey("tls-server"), GNUTLS_DIG_SHA256, 0),
	       "sign");
	gcheck(gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &pem), "crq");
	out(pem.data, pem.size);
}

static gnutls_x509_crt_t crt_new(const char *issuer)
{
	gnutls_x509_crt_t crt;
	time_t now = time(NULL);
	unsigned char serial[] = { 0x42 };

	gcheck(gnutls_x509_crt_init(&crt), "crt");
	gcheck(gnutls_x509_crt_set_version(crt, 3), "crt");
	gcheck(gnutls_x509_crt_set_serial(crt, serial, 1), "crt");
	gcheck(gnutls_x509_crt_set_activation_time(crt, now - 60), "crt");
	gcheck(gnutls_x509_crt_set_expiration_time(crt, now + 86400), "crt");
	gcheck(gnutls_x509_crt_set_issuer_dn(crt, issuer, NULL), "crt");
	return crt;
}

static void self(void)
{
	gnutls_x509_crt_t crt = crt_new("CN=www.example.org");
	gnutls_datum_t pem;

	gcheck(gnutls_x509_crt_set_dn(crt, "CN=www.example.org", NULL), "crt");
	gcheck(gnutls_x509_crt_set_pubkey(crt, pubkey()), "crt");
	gcheck(gnutls_x509_crt_set_basic_constraints(crt, 0, -1), "crt");
	gcheck(gnutls_x509_crt_privkey_sign(crt, crt, privkey("code-sign"), GNUTLS_DIG_SHA256, 0),
	       "sign");
	gcheck(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), "crt");
	out(pem.data, pem.size);
}

static void cms(const char *cert, const char *file)
{
	gnutls_datum_t pem = load(cert), data = load(file), der;
	gnutls_x509_crt_t crt;
	gnutls_pkcs7_t p7;

	gcheck(gnutls_x509_crt_init(&crt), "crt");
	gcheck(gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM), "crt");
	gcheck(gnutls_pkcs7_init(&p7), "cms");
	gcheck(gnutls_pkcs7_sign(p7, crt, privkey("code-sign"), &data, NULL, NULL,
				 GNUTLS_DIG_SHA256,
				 GNUTLS_PKCS7_EMBED_DATA | GNUTLS_PKCS7_INCLUDE_CERT),
	       "sign");
	gcheck(gnutls_pkcs7_export2(p7, GNUTLS_X509_FMT_DER, &der), "cms");
	out(der.data, der.size);
}

/* GnuTLS gives no TBSCertificate: have it sign with a key of no worth, and take what was signed. */
static void issue(const char *ca, const char *csr_file)
{
	gnutls_datum_t pem = load(ca), request = load(csr_file), der, tbs;
	gnutls_x509_crt_t issuer, crt;
	gnutls_privkey_t dummy;
	gnutls_x509_crq_t crq;
	size_t n = 0, head;
	uint8_t *signed_der;
	char dn[256];

	gcheck(gnutls_x509_crt_init(&issuer), "crt");
	gcheck(gnutls_x509_crt_import(issuer, &pem, GNUTLS_X509_FMT_PEM), "crt");
	gcheck(gnutls_x509_crq_init(&crq), "crq");
	gcheck(gnutls_x509_crq_import(crq, &request, GNUTLS_X509_FMT_PEM), "crq");
	gcheck(gnutls_x509_crq_verify(crq, 0), "crq");
	n = sizeof(dn);
	gcheck(gnutls_x509_crt_get_dn(issuer, dn, &n), "dn");
	crt = crt_new(dn);
	gcheck(gnutls_x509_crt_set_crq(crt, crq), "crt");
	gcheck(gnutls_privkey_init(&dummy), "dummy");
	gcheck(gnutls_privkey_generate(dummy, GNUTLS_PK_ECDSA,
				       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	       "dummy");
	gcheck(gnutls_x509_crt_privkey_sign(crt, issuer, dummy, GNUTLS_DIG_SHA256, 0), "dummy");
	gcheck(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), "crt");
	/* SEQUENCE { TBSCertificate SEQUENCE (30 82 LLLL) ... */
	head = der.data[1] == 0x82 ? 4 : 3;
	tbs.data = der.data + head;
	tbs.size = tbs.data[1] == 0x82 ? 4u + (unsigned int)(tbs.data[2] << 8 | tbs.data[3])
				       : 3u + tbs.data[2];
	check(capcert_key_sign_der(handle, CAPCERT_KEY_CA_SIGN, 0x0403, tbs.data, tbs.size,
				   &signed_der, &n),
	      "sign");
	der.data = signed_der;
	der.size = (unsigned int)n;
	gcheck(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem), "pem");
	out(pem.data, pem.size);
}

static void jws(const char *header, const char *file)
{
	gnutls_datum_t in = load(file);
	char *text;

	check(capcert_jws_sign(handle, CAPCERT_KEY_ACME_ACCOUNT, header, in.data, in.size, 0,
			       &text),
	      "jws");
	puts(text);
}

static int one(int number)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE], *spki;
	char text[32];
	size_t n = sizeof(sig), spki_len;
	int r;

	snprintf(text, sizeof(text), "message %d", number);
	r = capcert_key_public(handle, &spki, &spki_len);
	/* One user's share of the queue is bounded: who finds it full asks again. */
	for (int i = 0; (r == 0 || r == -EDQUOT) && i < 3000; i++) {
		if (r < 0)
			usleep(20000);
		n = sizeof(sig);
		r = capcert_key_sign(handle, CAPCERT_KEY_TLS_SERVER, 0x0403, 0, text, strlen(text),
				     60000, sig, &n);
		if (r == 0)
			break;
	}
	if (r == 0)
		r = capcert_pubkey_verify(spki, spki_len, 0x0403, false, (const uint8_t *)text,
					  strlen(text), sig, n);
	if (r < 0)
		fprintf(stderr, "%s\n", strerrorname_np(-r));
	return r < 0;
}

static void many(int count)
{
	int go[2], status, bad = 0;
	char c;

	if (pipe(go) < 0)
		die("pipe", -errno);
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork", -errno);
		if (!pid) {
			close(go[1]);
			if (read(go[0], &c, 1) < 0)
				_exit(2);
			_exit(one(i));
		}
	}
	close(go[0]);
	close(go[1]);
	while (wait(&status) > 0)
		bad += status != 0;
	printf("%d of %d failed\n", bad, count);
	exit(bad != 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	handle = argc > 2 ? capcert_fd(argv[2]) : -EINVAL;
	check(handle, "handle");
	if (!strcmp(what, "sign") && argc == 6)
		sign(argv + 3);
	else if (!strcmp(what, "batch") && argc == 4)
		batch(argv[3]);
	else if (!strcmp(what, "public"))
		put_public();
	else if (!strcmp(what, "csr"))
		csr();
	else if (!strcmp(what, "self"))
		self();
	else if (!strcmp(what, "cms") && argc == 5)
		cms(argv[3], argv[4]);
	else if (!strcmp(what, "issue") && argc == 5)
		issue(argv[3], argv[4]);
	else if (!strcmp(what, "jws") && argc == 5)
		jws(argv[3], argv[4]);
	else if (!strcmp(what, "many") && argc == 4)
		many(atoi(argv[3]));
	else
		die("usage", -EINVAL);
	return 0;
}
