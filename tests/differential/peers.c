// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Three verifiers, the same octets, the same anchors, the same question. */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/differential/differential.h"

static capcert_policy *policies[2][2];

static void say(struct verdict *v, bool accepted, const char *text)
{
	v->accepted = accepted;
	snprintf(v->says, sizeof(v->says), "%s", text);
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "differential: %s\n", what);
	abort();
}

/* Without certificate policies asked for, the others do not look at them: nor do we then require
 * any. */
static const capcert_policy *policy_for(const struct diff_case *c)
{
	capcert_policy **p = &policies[c->webpki][c->explicit_policy];
	const char *error = "";

	if (!*p)
		need(!capcert_policy_new(make_text("profile=%s;time=any;explicit_policy=%s",
						   c->webpki ? "webpki" : "rfc5280",
						   c->explicit_policy ? "yes" : "no"),
					 p, &error),
		     error);
	return *p;
}

void judges_free(void)
{
	int i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++)
			capcert_policy_free(policies[i][k]);
}

/* The reason and the words, without the certificate that they are about: it differs from chain to
 * chain. */
static void our_words(const struct capcert_outcome *o, struct verdict *ret)
{
	const char *words = strstr(o->detail, "): ");
	char text[sizeof(ret->says)];

	words = words ? words + 3 : o->detail;
	snprintf(text, sizeof(text), "%s: %s", capcert_reason_name(o->reason), words);
	say(ret, o->valid, o->valid ? "valid" : text);
}

void judge_capcert(const struct diff_case *c, struct verdict *ret)
{
	struct capcert_params params = { .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH,
					 .name = c->name,
					 .have_time = 1,
					 .time = c->time };
	static struct capcert_result result;
	capcert_chain *chain;
	capcert_store *store;
	uint32_t i;
	int r;

	need(!capcert_chain_new(&chain) && !capcert_store_new(&store), "out of memory");
	for (i = 0; i < c->count; i++)
		if (c->spec[i].anchor &&
		    (r = capcert_store_put(store, c->der[i].p, c->der[i].n, ~0u >> 24)) < 0 &&
		    r != -EEXIST) {
			say(ret, false, "anchor is malformed");
			goto out;
		}
	for (i = 0; i < c->presented; i++) {
		struct cc_span der = c->der[c->order[i]];
		capcert_cert *cert;

		if (capcert_cert_new(der.p, der.n, &cert, NULL)) {
			/* What a program does that parses before it asks. */
			say(ret, false, i ? "malformed: of the pool" : "malformed: leaf");
			goto out;
		}
		need(!capcert_chain_push(chain, cert), "capcert_chain_push");
		capcert_cert_free(cert);
	}
	params.chain = chain;
	memset(&result, 0, sizeof(result));
	r = capcert_verify_local(policy_for(c), store, NULL, &params, &result);
	if (r < 0)
		say(ret, false, make_text("error %d", r));
	else
		our_words(&result.outcome, ret);
out:
	capcert_chain_free(chain);
	capcert_store_free(store);
}

static time_t gnutls_now;

static time_t at_time(time_t *ret)
{
	if (ret)
		*ret = gnutls_now;
	return gnutls_now;
}

static const struct {
	unsigned int bit;
	const char *name;
} status_bits[] = {
	{ GNUTLS_CERT_REVOKED, "revoked" },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, "signer-not-found" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "signer-not-ca" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "insecure-algorithm" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "not-activated" },
	{ GNUTLS_CERT_EXPIRED, "expired" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "signature-failure" },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, "unexpected-owner" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "constraints-failure" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "purpose-mismatch" },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, "unknown-critical" },
};

static void gnutls_words(int error, unsigned int status, struct verdict *ret)
{
	char text[sizeof(ret->says)] = "";
	size_t i;

	if (error < 0) {
		say(ret, false, make_text("error: %s", gnutls_strerror_name(error)));
		return;
	}
	for (i = 0; i < sizeof(status_bits) / sizeof(status_bits[0]); i++)
		if (status & status_bits[i].bit)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 *text ? "," : "", status_bits[i].name);
	say(ret, status == 0, status == 0 ? "valid" : *text ? text : "invalid");
}

static bool is_address(const char *name, uint8_t ip[16], unsigned int *ret_len)
{
	*ret_len = inet_pton(AF_INET, name, ip) == 1	? 4
		   : inet_pton(AF_INET6, name, ip) == 1 ? 16
							: 0;
	return *ret_len != 0;
}

static unsigned int gnutls_question(const struct diff_case *c, uint8_t ip[16],
				    gnutls_typed_vdata_st data[2])
{
	unsigned int len;

	data[0] = (gnutls_typed_vdata_st){
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER
	};
	if (!c->name)
		return 1;
	data[1].data = (unsigned char *)(uintptr_t)c->name;
	data[1].size = 0;
	data[1].type = strchr(c->name, '@') ? GNUTLS_DT_RFC822NAME : GNUTLS_DT_DNS_HOSTNAME;
	if (is_address(c->name, ip, &len))
		data[1] = (gnutls_typed_vdata_st){ .type = GNUTLS_DT_IP_ADDRESS,
						   .data = ip,
						   .size = len };
	return 2;
}

static int gnutls_import(struct cc_span der, gnutls_x509_crt_t *ret)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.p, (unsigned int)der.n };
	int r;

	need(gnutls_x509_crt_init(ret) == 0, "out of memory");
	r = gnutls_x509_crt_import(*ret, &datum, GNUTLS_X509_FMT_DER);
	if (r < 0) {
		gnutls_x509_crt_deinit(*ret);
		*ret = NULL;
	}
	return r;
}

void judge_gnutls(const struct diff_case *c, struct verdict *ret)
{
	gnutls_x509_crt_t chain[DIFF_CERTS * 2], anchor;
	gnutls_x509_trust_list_t list;
	gnutls_typed_vdata_st data[2];
	unsigned int status = 0, n = 0;
	uint8_t ip[16];
	uint32_t i;
	int r = 0;

	gnutls_now = (time_t)c->time;
	gnutls_global_set_time_function(at_time);
	need(gnutls_x509_trust_list_init(&list, 0) == 0, "out of memory");
	for (i = 0; i < c->count && r >= 0; i++)
		if (c->spec[i].anchor && (r = gnutls_import(c->der[i], &anchor)) >= 0)
			gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0);
	for (i = 0; i < c->presented && r >= 0; i++)
		if ((r = gnutls_import(c->der[c->order[i]], &chain[n])) >= 0)
			n++;
	if (r >= 0)
		r = gnutls_x509_trust_list_verify_crt2(
			list, chain, n, data, gnutls_question(c, ip, data), 0, &status, NULL);
	gnutls_words(r < 0 ? r : 0, status, ret);
	while (n)
		gnutls_x509_crt_deinit(chain[--n]);
	gnutls_x509_trust_list_deinit(list, 1);
	gnutls_global_set_time_function(time);
}

static X509 *openssl_import(struct cc_span der)
{
	const uint8_t *p = der.p;
	X509 *cert = d2i_X509(NULL, &p, (long)der.n);

	if (cert && p != der.p + der.n) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

static void openssl_question(const struct diff_case *c, X509_VERIFY_PARAM *param)
{
	unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
	unsigned int len;
	uint8_t ip[16];

	if (c->policies)
		flags |= X509_V_FLAG_POLICY_CHECK;
	if (c->explicit_policy)
		flags |= X509_V_FLAG_EXPLICIT_POLICY;
	X509_VERIFY_PARAM_set_flags(param, flags);
	/* No policy of the user's is none to OpenSSL, not any. */
	X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy));
	X509_VERIFY_PARAM_set_time(param, (time_t)c->time);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	/* 112 bits, as our policy's least RSA key and hash. */
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
						       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (!c->name)
		return;
	if (is_address(c->name, ip, &len))
		X509_VERIFY_PARAM_set1_ip(param, ip, len);
	else if (strchr(c->name, '@'))
		X509_VERIFY_PARAM_set1_email(param, c->name, 0);
	else
		X509_VERIFY_PARAM_set1_host(param, c->name, 0);
}

void judge_openssl(const struct diff_case *c, struct verdict *ret)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *pool = sk_X509_new_null();
	X509 *leaf = NULL, *cert;
	bool parsed = true;
	uint32_t i;

	need(store && ctx && pool, "out of memory");
	for (i = 0; i < c->count; i++) {
		if (!c->spec[i].anchor)
			continue;
		cert = openssl_import(c->der[i]);
		parsed &= cert && X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
	for (i = 0; i < c->presented && parsed; i++) {
		cert = openssl_import(c->der[c->order[i]]);
		if (!cert)
			parsed = false;
		else if (i == 0)
			leaf = cert;
		else
			sk_X509_push(pool, cert);
	}
	if (!parsed) {
		say(ret, false, "cannot parse");
	} else {
		int ok;

		need(X509_STORE_CTX_init(ctx, store, leaf, pool), "X509_STORE_CTX_init");
		openssl_question(c, X509_STORE_CTX_get0_param(ctx));
		ok = X509_verify_cert(ctx) == 1;
		say(ret, ok,
		    ok ? "valid" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
	ERR_clear_error();
	X509_STORE_CTX_free(ctx);
	sk_X509_pop_free(pool, X509_free);
	X509_free(leaf);
	X509_STORE_free(store);
}
