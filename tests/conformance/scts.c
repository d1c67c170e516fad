// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* SCTs embedded in real certificates against lists of logs: as they are, with single bits turned,
 * and SCT by SCT against OpenSSL. Usage: scts --logs LOGS CHAINS.json[.xz] [--flips N] */
#include <openssl/ct.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/ct.h>
#include <capcert/loglist.h>
#include "core/base64.h"
#include "core/cert.h"
#include "tests/conformance/suite.h"

struct totals {
	unsigned int valid, invalid, unknown, chains, bad_chains, flips, flips_passed;
	unsigned int compared, stricter, unread, theirs, differ;
};

static capcert_loglist *logs;
static CTLOG_STORE *ossl_logs;
static struct totals totals;
static size_t flips = 64;

/* A chain that is judged: leaf, issuer, and when. */
struct subject {
	const char *host;
	capcert_cert *leaf, *issuer;
	int64_t at;
};

static struct capcert_ct_context context_at(int64_t at, const capcert_loglist *list)
{
	struct capcert_ct_context c = CAPCERT_CT_CONTEXT;

	c.logs = list;
	c.rule = CAPCERT_CT_ALL;
	c.have_time = 1;
	c.time = at;
	c.skew = 0;
	return c;
}

/* Those in @leaf; NULL when they cannot be read. */
static capcert_scts *embedded(const capcert_cert *leaf)
{
	capcert_scts *scts;

	if (capcert_scts_new(&scts))
		suite_die("no memory", "SCTs");
	if (capcert_scts_add_embedded(scts, leaf) >= 0)
		return scts;
	capcert_scts_free(scts);
	return NULL;
}

static struct capcert_ct_report *judge(const struct subject *s, const capcert_cert *leaf,
				       const capcert_cert *issuer, const capcert_loglist *list,
				       const capcert_scts *scts)
{
	struct capcert_ct_context c = context_at(s->at, list);
	struct capcert_ct_report *report;

	if (capcert_ct_report_new(&c, scts, leaf, issuer, &report))
		suite_die("no report", s->host);
	return report;
}

/* ---- OpenSSL ---- */

/* OpenSSL takes logs from a configuration file only. */
static void openssl_load(const capcert_loglist *list)
{
	char path[] = "/tmp/scts-XXXXXX";
	size_t count = capcert_loglist_count(list), i;
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		suite_die("cannot write", path);
	fputs("enabled_logs=", f);
	for (i = 0; i < count; i++)
		fprintf(f, "%sl%zu", i ? "," : "", i);
	for (i = 0; i < count; i++) {
		char key[2048] = "";
		struct capcert_log_info info;

		capcert_log_get(capcert_loglist_at(list, i), &info);
		if (CC_BASE64_LEN(info.key_len) < sizeof(key))
			cc_base64_encode(cc_span(info.key, info.key_len), key);
		fprintf(f, "\n[l%zu]\ndescription=l%zu\nkey=%s", i, i, key);
	}
	fputc('\n', f);
	fclose(f);
	ossl_logs = CTLOG_STORE_new();
	if (!ossl_logs || CTLOG_STORE_load_file(ossl_logs, path) != 1)
		suite_die("OpenSSL does not take the logs of", path);
	unlink(path);
}

static X509 *openssl_cert(const capcert_cert *cert)
{
	size_t len;
	const unsigned char *der = capcert_cert_der(cert, &len);

	return d2i_X509(NULL, &der, (long)len);
}

static sct_validation_status_t expected(uint32_t status)
{
	switch (status) {
	case CAPCERT_SCT_STATUS_VALID:
	case CAPCERT_SCT_STATUS_DUPLICATE: /* which OpenSSL does not look for */
		return SCT_VALIDATION_STATUS_VALID;
	case CAPCERT_SCT_STATUS_UNKNOWN_LOG:
		return SCT_VALIDATION_STATUS_UNKNOWN_LOG;
	case CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION:
		return SCT_VALIDATION_STATUS_UNKNOWN_VERSION;
	case CAPCERT_SCT_STATUS_NO_ISSUER:
		return SCT_VALIDATION_STATUS_UNVERIFIED;
	default:
		return SCT_VALIDATION_STATUS_INVALID;
	}
}

static void compare_each(const struct subject *s, const char *how,
			 const struct capcert_ct_report *report, STACK_OF(SCT) * scts,
			 const CT_POLICY_EVAL_CTX *ctx)
{
	int i, count = sk_SCT_num(scts);

	if (count != (int)report->result_count) {
		totals.differ++;
		printf("# %s %s: %zu SCTs, OpenSSL has %d\n", s->host, how, report->result_count,
		       count);
		return;
	}
	for (i = 0; i < count; i++) {
		SCT *sct = sk_SCT_value(scts, i);
		sct_validation_status_t theirs = SCT_VALIDATION_STATUS_INVALID;

		if (SCT_validate(sct, ctx) >= 0)
			theirs = SCT_get_validation_status(sct);
		totals.compared++;
		if (theirs == expected(report->results[i].status))
			continue;
		/* It does not look at the algorithm that the SCT names (RFC 6962 section 2.1.4). */
		if (theirs == SCT_VALIDATION_STATUS_VALID && report->results[i].detail &&
		    !strcmp(report->results[i].detail,
			    "signature algorithm is not that of the log's key")) {
			totals.stricter++;
			continue;
		}
		totals.differ++;
		printf("# %s %s: SCT %d is %s, OpenSSL says %d\n", s->host, how, i,
		       capcert_sct_status_name(report->results[i].status), theirs);
	}
}

/* @report NULL: we could not read them. */
static void compare(const struct subject *s, const char *how, const capcert_cert *leaf,
		    const struct capcert_ct_report *report)
{
	X509 *cert = openssl_cert(leaf), *issuer = openssl_cert(s->issuer);
	CT_POLICY_EVAL_CTX *ctx = CT_POLICY_EVAL_CTX_new();
	STACK_OF(SCT) *scts = NULL;

	if (cert)
		scts = X509_get_ext_d2i(cert, NID_ct_precert_scts, NULL, NULL);
	if (scts && !report) {
		/* It reads over what follows the last field of an SCT of another length. */
		totals.theirs++;
		if (getenv("SCTS_VERBOSE"))
			printf("# %s %s: only OpenSSL can read the list\n", s->host, how);
	} else if (scts && ctx && issuer) {
		CT_POLICY_EVAL_CTX_set1_cert(ctx, cert);
		CT_POLICY_EVAL_CTX_set1_issuer(ctx, issuer);
		CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, ossl_logs);
		CT_POLICY_EVAL_CTX_set_time(ctx, (uint64_t)s->at * 1000);
		compare_each(s, how, report, scts, ctx);
	} else if (report && report->result_count && !report->passed) {
		totals.unread++; /* for one that we call invalid */
	} else if (report && report->result_count) {
		totals.differ++;
		printf("# %s %s: valid, and OpenSSL cannot read them\n", s->host, how);
	}
	SCT_LIST_free(scts);
	CT_POLICY_EVAL_CTX_free(ctx);
	X509_free(cert);
	X509_free(issuer);
	ERR_clear_error();
}

/* ---- single bits ---- */

static capcert_cert *flipped(const capcert_cert *cert, size_t bit)
{
	size_t len;
	const uint8_t *der = capcert_cert_der(cert, &len);
	uint8_t *copy = malloc(len);
	capcert_cert *ret = NULL;

	if (!copy)
		suite_die("no memory", "a certificate");
	memcpy(copy, der, len);
	copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	if (capcert_cert_new(copy, len, &ret, NULL))
		ret = NULL;
	free(copy);
	return ret;
}

static void flip_result(const struct subject *s, const char *what, size_t bit, bool passed)
{
	totals.flips++;
	if (!passed)
		return;
	totals.flips_passed++;
	printf("# %s: bit %zu of %s does not count\n", s->host, bit, what);
}

/* What the SCTs cover of a certificate is all but its signature. */
static void flip_leaf(const struct subject *s, size_t count)
{
	struct cc_cert c;
	size_t len, i, bits;
	const uint8_t *der = capcert_cert_der(s->leaf, &len);

	if (cc_cert_parse(cc_span(der, len), &c))
		suite_die("cannot read", s->host);
	bits = c.tbs.n * 8;
	for (i = 0; i < flips; i++) {
		size_t bit = (size_t)(c.tbs.p - der) * 8 + (i * bits + bits / 2) / flips;
		capcert_cert *leaf = flipped(s->leaf, bit);
		struct capcert_ct_report *report = NULL;
		capcert_scts *scts = leaf ? embedded(leaf) : NULL;

		if (scts && capcert_scts_count(scts))
			report = judge(s, leaf, s->issuer, logs, scts);
		flip_result(s, "the certificate", bit,
			    report && report->passed && report->valid_count == count);
		if (leaf)
			compare(s, "altered", leaf, report);
		capcert_ct_report_free(report);
		capcert_scts_free(scts);
		capcert_cert_free(leaf);
	}
}

static void flip_issuer(const struct subject *s, const capcert_scts *scts)
{
	struct cc_cert c;
	size_t len, i, bits;
	const uint8_t *der = capcert_cert_der(s->issuer, &len);

	if (cc_cert_parse(cc_span(der, len), &c))
		suite_die("cannot read", s->host);
	bits = c.spki.n * 8;
	for (i = 0; i < flips / 4; i++) {
		size_t bit = (size_t)(c.spki.p - der) * 8 + i * bits / (flips / 4);
		capcert_cert *issuer = flipped(s->issuer, bit);
		struct capcert_ct_report *report = NULL;

		if (issuer)
			report = judge(s, s->leaf, issuer, logs, scts);
		flip_result(s, "the issuer's key", bit, report && report->valid_count);
		capcert_ct_report_free(report);
		capcert_cert_free(issuer);
	}
}

/* The first SCT's log with a bit of its key turned. */
static void flip_log(const struct subject *s, const capcert_scts *scts)
{
	const struct capcert_sct *first = capcert_scts_at(scts, 0);
	const capcert_log *log = capcert_loglist_find(logs, first->log_id);
	struct capcert_log_info info;
	size_t i;

	if (!log)
		return;
	for (i = 0; i < flips / 4; i++) {
		struct capcert_ct_report *report = NULL;
		capcert_loglist *none, *list = NULL;
		uint8_t key[1024];
		size_t bit;

		capcert_log_get(log, &info);
		if (info.key_len > sizeof(key))
			suite_die("a key too large", info.name);
		bit = i * info.key_len * 8 / (flips / 4);
		memcpy(key, info.key, info.key_len);
		key[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (capcert_loglist_new(&none))
			suite_die("no memory", "logs");
		if (!capcert_loglist_add_key(none, key, info.key_len, NULL, NULL, &list, NULL))
			report = judge(s, s->leaf, s->issuer, list, scts);
		flip_result(s, "the log's key", bit, report && report->valid_count);
		capcert_ct_report_free(report);
		capcert_loglist_free(list);
		capcert_loglist_free(none);
	}
}

/* ---- chains ---- */

static void count_all(const struct capcert_ct_report *r)
{
	size_t i;

	for (i = 0; i < r->result_count; i++)
		if (r->results[i].valid)
			totals.valid++;
		else if (r->results[i].status == CAPCERT_SCT_STATUS_UNKNOWN_LOG)
			totals.unknown++;
		else
			totals.invalid++;
}

static void run_subject(const struct subject *s)
{
	capcert_scts *scts = embedded(s->leaf);
	struct capcert_ct_report *r;
	size_t i;

	totals.chains++;
	if (!scts || !capcert_scts_count(scts)) {
		printf("%s: no SCTs\n", s->host);
		totals.bad_chains++;
		capcert_scts_free(scts);
		return;
	}
	r = judge(s, s->leaf, s->issuer, logs, scts);
	count_all(r);
	totals.bad_chains += !r->passed;
	printf("%s: %u of %zu valid, %u logs, %u operators", s->host, r->valid_count,
	       r->result_count, r->distinct_valid_logs, r->operators);
	for (i = 0; i < r->result_count; i++)
		if (!r->results[i].valid)
			printf("; SCT %zu: %s", i, capcert_sct_status_name(r->results[i].status));
	putchar('\n');
	compare(s, "as it is", s->leaf, r);
	if (flips) {
		flip_leaf(s, r->valid_count);
		flip_issuer(s, scts);
		flip_log(s, scts);
	}
	capcert_ct_report_free(r);
	capcert_scts_free(scts);
}

static capcert_cert *cert_of(const json_t *chain, size_t at)
{
	const char *pem = json_string_value(json_array_get(chain, at)), *error = "missing";
	capcert_cert *cert;

	if (!pem || capcert_cert_new((const uint8_t *)pem, strlen(pem), &cert, &error))
		suite_die(error, "a certificate of the chain");
	return cert;
}

static void run_case(const json_t *t)
{
	const json_t *chain = json_object_get(t, "chain");
	struct subject s = { .host = suite_string(t, "host"),
			     .leaf = cert_of(chain, 0),
			     .issuer = cert_of(chain, 1) };

	/* The time that a case names may be the first second of a certificate, and CAs date that
	 * back: SCTs are younger. Its last second is later than any. */
	s.at = capcert_cert_not_after(s.leaf);
	run_subject(&s);
	capcert_cert_free(s.leaf);
	capcert_cert_free(s.issuer);
}

static int report_totals(void)
{
	if (totals.flips)
		printf("scts: %u bits turned, %u still passed\n", totals.flips,
		       totals.flips_passed);
	printf("scts: %u SCTs as OpenSSL judges them, %u that name another algorithm only it "
	       "takes, "
	       "%u differ\n",
	       totals.compared - totals.stricter - totals.differ, totals.stricter, totals.differ);
	printf("scts: %u malformed lists only OpenSSL reads; %u it does not, with an SCT that is "
	       "invalid\n",
	       totals.theirs, totals.unread);
	printf("scts: %u valid, %u invalid, %u unknown log, %u chains\n", totals.valid,
	       totals.invalid, totals.unknown, totals.chains);
	return totals.bad_chains || totals.flips_passed || totals.differ || !totals.chains;
}

int main(int argc, char **argv)
{
	char error[CAPCERT_LOGLIST_ERROR] = "";
	const char *list = NULL, *file = NULL;
	json_t *root, *t;
	size_t i;
	int a;

	for (a = 1; a < argc; a++)
		if (!strcmp(argv[a], "--logs") && a + 1 < argc)
			list = argv[++a];
		else if (!strcmp(argv[a], "--flips") && a + 1 < argc)
			flips = strtoul(argv[++a], NULL, 10);
		else
			file = argv[a];
	if (!list || !file)
		suite_die("usage: scts --logs LOGS CHAINS.json[.xz] [--flips N];", "give both");
	if (capcert_loglist_load(list, &logs, error))
		suite_die(error, list);
	openssl_load(logs);
	root = suite_load(file);
	json_array_foreach(root, i, t) run_case(t);
	json_decref(root);
	CTLOG_STORE_free(ossl_logs);
	capcert_loglist_free(logs);
	return report_totals();
}
