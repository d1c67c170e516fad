// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sct_validate KEY CERT [ISSUER] < SCT-LIST-OR-SCT: what OpenSSL says of SCTs, the peer of our log.
 * KEY: base64. CERT, ISSUER: PEM. With ISSUER the SCTs embedded in CERT, else the one of stdin. */
#include <openssl/ct.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static X509 *load(const char *path)
{
	FILE *f = fopen(path, "r");
	X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return x;
}

static STACK_OF(SCT) * read_one(void)
{
	static unsigned char buf[65536];
	const unsigned char *p = buf;
	size_t n = fread(buf, 1, sizeof(buf), stdin);
	STACK_OF(SCT) *list = sk_SCT_new_null();
	SCT *sct = o2i_SCT(NULL, &p, n);

	if (!sct || !sk_SCT_push(list, sct))
		return NULL;
	SCT_set_source(sct, SCT_SOURCE_TLS_EXTENSION);
	return list;
}

/* There is no call to add a log to a store but from a file in OpenSSL's own form. */
static CTLOG_STORE *store_of(const char *key)
{
	CTLOG_STORE *store = CTLOG_STORE_new();
	char path[] = "/tmp/ctlogXXXXXX";
	int fd = mkstemp(path), good;

	dprintf(fd, "enabled_logs=it\n[it]\ndescription=tested\nkey=%s\n", key);
	close(fd);
	good = CTLOG_STORE_load_file(store, path) == 1;
	remove(path);
	if (good)
		return store;
	CTLOG_STORE_free(store);
	return NULL;
}

static int judge(STACK_OF(SCT) * list, X509 *cert, X509 *issuer, CTLOG_STORE *store)
{
	CT_POLICY_EVAL_CTX *ctx = CT_POLICY_EVAL_CTX_new();
	int i, valid;

	CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, store);
	CT_POLICY_EVAL_CTX_set1_cert(ctx, cert);
	if (issuer)
		CT_POLICY_EVAL_CTX_set1_issuer(ctx, issuer);
	CT_POLICY_EVAL_CTX_set_time(ctx, (uint64_t)time(NULL) * 1000 + 300000);
	valid = SCT_LIST_validate(list, ctx) == 1;
	for (i = 0; i < sk_SCT_num(list); i++)
		printf("%s\n", SCT_validation_status_string(sk_SCT_value(list, i)));
	CT_POLICY_EVAL_CTX_free(ctx);
	return valid ? 0 : 1;
}

int main(int argc, char **argv)
{
	X509 *cert = argc > 2 ? load(argv[2]) : NULL, *issuer = argc > 3 ? load(argv[3]) : NULL;
	CTLOG_STORE *store = cert ? store_of(argv[1]) : NULL;
	STACK_OF(SCT) *list = NULL;
	int status = 2;

	if (cert && store && (argc == 3 || issuer))
		list = issuer ? X509_get_ext_d2i(cert, NID_ct_precert_scts, NULL, NULL)
			      : read_one();
	/* OpenSSL takes an empty list for a valid one. */
	if (sk_SCT_num(list) > 0)
		status = judge(list, cert, issuer, store);
	SCT_LIST_free(list);
	CTLOG_STORE_free(store);
	X509_free(issuer);
	X509_free(cert);
	return status;
}
