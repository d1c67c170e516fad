// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Judges one chain that is given in files: what runners of other suites call.
 * Exit status 0 valid, 1 invalid, 2 usage or a file that cannot be read. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/cert.h"
#include "core/crl.h"
#include "core/outcome.h"
#include "core/time.h"
#include "libcapcert/pem.h"
#include "tests/conformance/suite.h"

enum {
	OPT_ROOTS = 1,
	OPT_INTERMEDIATES,
	OPT_LEAF,
	OPT_HOST,
	OPT_IP,
	OPT_EMAIL,
	OPT_TIME,
	OPT_PURPOSE,
	OPT_PROFILE,
	OPT_POLICY,
	OPT_CRL,
	OPT_OCSP,
	OPT_STAPLE,
	OPT_REVOCATION,
	OPT_JSON
};

static const struct option options[] = {
	{ "roots", required_argument, NULL, OPT_ROOTS },
	{ "intermediates", required_argument, NULL, OPT_INTERMEDIATES },
	{ "leaf", required_argument, NULL, OPT_LEAF },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "ip", required_argument, NULL, OPT_IP },
	{ "email", required_argument, NULL, OPT_EMAIL },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "purpose", required_argument, NULL, OPT_PURPOSE },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "crl", required_argument, NULL, OPT_CRL },
	{ "ocsp", required_argument, NULL, OPT_OCSP },
	{ "staple", required_argument, NULL, OPT_STAPLE },
	{ "revocation", required_argument, NULL, OPT_REVOCATION },
	{ "json", no_argument, NULL, OPT_JSON },
	{ 0 },
};

static const char usage_text[] =
	"--roots F --leaf F [--intermediates F] [--host H | --ip A | --email E]\n"
	"             [--time T] [--purpose P] [--profile P] [--policy TEXT] [--crl F] [--json]\n"
	"             [--ocsp F] [--staple F] [--revocation off|soft|hard|leaf|chain|KIND,...]";

struct certs {
	capcert_cert **list;
	size_t count;
};

/* A file of trust anchors that are no certificates (RFC 5914). */
struct anchors {
	uint8_t *der;
	size_t len;
	struct anchors *next;
};

struct job {
	struct certs roots, chain; /* the leaf is the chain's first */
	struct anchors *anchors;
	capcert_evidence *evidence;
	bool have_roots, have_leaf, crl, ocsp, staple, json;
	const char *revocation;
	const char *leaf, *name, *profile, *policy_text, *leaf_fault;
	uint32_t name_type, purpose;
	int64_t at;
};

/* The verdict, from the engine or about input that never came so far. */
struct verdict {
	bool valid;
	const char *reason;
	char detail[SUITE_DETAIL];
	uint32_t depth;
	struct capcert_result result;
};

/* ---- files ---- */

static uint8_t *read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n;

	*ret_len = 0;
	if (!f)
		suite_die(path, strerror(errno));
	do {
		data = realloc(data, *ret_len + 65536);
		if (!data)
			suite_die(path, "out of memory");
		n = fread(data + *ret_len, 1, 65536, f);
		*ret_len += n;
	} while (n);
	if (ferror(f))
		suite_die(path, "cannot be read");
	fclose(f);
	return data;
}

/* Add a certificate, unless it is there. Return: NULL, or why it is none. */
static const char *add(struct certs *certs, const uint8_t *der, size_t len)
{
	const char *fault = NULL;
	capcert_cert *cert;
	size_t i, n;

	if (capcert_cert_new(der, len, &cert, &fault) < 0)
		return fault ? fault : "not a certificate";
	for (i = 0; i < certs->count; i++) {
		const uint8_t *other = capcert_cert_der(certs->list[i], &n);
		size_t own;
		const uint8_t *p = capcert_cert_der(cert, &own);

		if (n == own && !memcmp(p, other, n)) {
			capcert_cert_free(cert);
			return NULL;
		}
	}
	certs->list = reallocarray(certs->list, certs->count + 1, sizeof(cert));
	if (!certs->list)
		suite_die("out of memory", "certificates");
	certs->list[certs->count++] = cert;
	return NULL;
}

static const char *load_pem(struct cc_span rest, struct certs *certs)
{
	const char *first = NULL, *fault;
	bool begun = false;
	uint8_t *der;
	size_t len;
	int r;

	while ((r = pem_next(&rest, PEM_CERTIFICATE, &der, &len, &fault)) != 0) {
		if (r == -ENOMEM)
			suite_die("out of memory", "certificates");
		if (r > 0) {
			fault = add(certs, der, len);
			free(der);
		}
		if (!begun)
			first = fault;
		begun = true;
	}
	return begun ? first : "no certificate in the file";
}

/* Certificates of a file, PEM or DER one behind the other; those that do not parse are left out.
 * Return: NULL, or what is wrong with the first. */
static const char *load(const char *path, struct certs *certs)
{
	const char *first = "no certificate in the file", *fault;
	size_t len, n, at;
	uint8_t *data = read_file(path, &len);

	if (pem_found(cc_span(data, len))) {
		first = load_pem(cc_span(data, len), certs);
	} else {
		for (at = 0; at < len; at += n) {
			n = cc_cert_size(cc_span(data + at, len - at));
			if (n == 0 || n > len - at)
				n = len - at;
			fault = add(certs, data + at, n);
			if (at == 0)
				first = fault;
		}
	}
	free(data);
	return first;
}

/* Roots: certificates as above, or one TrustAnchorChoice, TrustAnchorInfo or TrustAnchorList. */
static void load_roots(const char *path, struct job *job)
{
	struct anchors *a;
	capcert_store *probe;
	int r;

	if (!load(path, &job->roots))
		return;
	a = calloc(1, sizeof(*a));
	if (!a || capcert_store_new(&probe) < 0)
		suite_die("out of memory", path);
	a->der = read_file(path, &a->len);
	r = capcert_store_put_anchor(probe, a->der, a->len, 0);
	capcert_store_free(probe);
	a->next = job->anchors;
	if (r == 0) {
		job->anchors = a;
		return;
	}
	free(a->der);
	free(a);
}

static void free_anchors(struct anchors *a)
{
	struct anchors *next;

	for (; a; a = next) {
		next = a->next;
		free(a->der);
		free(a);
	}
}

static void add_crl(capcert_evidence *evidence, const uint8_t *der, size_t len)
{
	int r = capcert_evidence_put_crl(evidence, der, len);

	if (r < 0 && r != -EBADMSG && r != -EEXIST)
		suite_die("cannot take a revocation list", capcert_strerror(r));
}

/* Revocation lists of a file, PEM or DER one behind the other; those that do not parse are left
 * out, and then are missed. */
static void load_crls(const char *path, capcert_evidence *evidence)
{
	size_t len, n, at;
	uint8_t *data = read_file(path, &len), *der;
	struct cc_span rest = cc_span(data, len);
	const char *fault;
	int r;

	if (pem_found(rest)) {
		while ((r = pem_next_of(&rest, PEM_CRL, CC_CRL_MAX, &der, &n, &fault)) != 0) {
			if (r == -ENOMEM)
				suite_die("out of memory", path);
			if (r > 0) {
				add_crl(evidence, der, n);
				free(der);
			}
		}
	} else {
		for (at = 0; at < len; at += n) {
			n = cc_cert_size(cc_span(data + at, len - at));
			if (n == 0 || n > len - at)
				n = len - at;
			add_crl(evidence, data + at, n);
		}
	}
	free(data);
}

/* A response that is none is left out, and then is missed. */
static void load_response(const char *path, capcert_evidence *evidence, bool staple)
{
	size_t len;
	uint8_t *data = read_file(path, &len);
	int r = staple ? capcert_evidence_put_staple(evidence, data, len)
		       : capcert_evidence_put_ocsp(evidence, data, len);

	if (r < 0 && r != -EBADMSG && r != -EEXIST)
		suite_die("cannot take an OCSP response", capcert_strerror(r));
	free(data);
}

static void free_certs(struct certs *certs)
{
	size_t i;

	for (i = 0; i < certs->count; i++)
		capcert_cert_free(certs->list[i]);
	free(certs->list);
}

/* ---- the command line ---- */

static void set_name(struct job *job, const char *name, uint32_t type)
{
	if (job->name)
		suite_die("one name at a time", name);
	job->name = name;
	job->name_type = type;
}

static void set_option(struct job *job, int opt, struct certs *others)
{
	int purpose;

	switch (opt) {
	case OPT_ROOTS:
		load_roots(optarg, job);
		job->have_roots = true;
		break;
	case OPT_INTERMEDIATES:
		load(optarg, others);
		break;
	case OPT_LEAF:
		job->leaf_fault = load(optarg, &job->chain);
		job->have_leaf = true;
		break;
	case OPT_HOST:
		set_name(job, optarg, CAPCERT_NAME_DNS);
		break;
	case OPT_IP:
		set_name(job, optarg, CAPCERT_NAME_IP);
		break;
	case OPT_EMAIL:
		set_name(job, optarg, CAPCERT_NAME_EMAIL);
		break;
	case OPT_TIME:
		if (!suite_time_parse(optarg, &job->at))
			suite_die("not seconds, a date or an RFC 3339 time", optarg);
		break;
	case OPT_PURPOSE:
		purpose = cc_purpose_parse(optarg, strlen(optarg));
		if (purpose < 0)
			suite_die("not a purpose", optarg);
		job->purpose = (uint32_t)purpose;
		break;
	case OPT_PROFILE:
		job->profile = optarg;
		break;
	case OPT_POLICY:
		job->policy_text = optarg;
		break;
	case OPT_CRL:
		load_crls(optarg, job->evidence);
		job->crl = true;
		break;
	case OPT_OCSP:
		load_response(optarg, job->evidence, false);
		job->ocsp = true;
		break;
	case OPT_STAPLE:
		load_response(optarg, job->evidence, true);
		job->staple = true;
		break;
	case OPT_REVOCATION:
		job->revocation = optarg;
		break;
	case OPT_JSON:
		job->json = true;
		break;
	default:
		suite_die("usage: chain", usage_text);
	}
}

static void read_job(struct job *job, int argc, char **argv)
{
	struct certs others = { 0 };
	size_t i, n;
	int opt;

	*job = (struct job){ .at = time(NULL), .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH };
	if (capcert_evidence_new(&job->evidence) < 0)
		suite_die("out of memory", "evidence");
	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0)
		set_option(job, opt, &others);
	if (optind < argc || !job->have_roots || !job->have_leaf)
		suite_die("usage: chain", usage_text);
	for (i = 0; i < others.count; i++) {
		const uint8_t *der = capcert_cert_der(others.list[i], &n);

		add(&job->chain, der, n);
	}
	free_certs(&others);
}

/* ---- the policy: what --policy says, and what it leaves open ---- */

static bool says(const char *text, const char *key)
{
	size_t n = strlen(key);
	const char *p = text;

	while (*p) {
		p += strspn(p, "; \t\n");
		if (!strncmp(p, key, n) && p[n + strspn(p + n, " \t")] == '=')
			return true;
		p += strcspn(p, ";\n");
	}
	return false;
}

static void default_to(char *text, size_t cap, const char *key, const char *value)
{
	size_t n = strlen(text);

	if (!says(text, key))
		snprintf(text + n, cap - n, "%s%s=%s", n ? ";" : "", key, value);
}

/* "hard", "soft,ocsp,crl", "hard,leaf,staple": mode, scope and kinds of evidence in any order. */
static void read_revocation(const char *words, char *text, size_t cap)
{
	static const struct {
		const char *word, *key;
	} known[] = { { "off", "revocation_mode" },
		      { "soft", "revocation_mode" },
		      { "hard", "revocation_mode" },
		      { "leaf", "revocation_scope" },
		      { "chain", "revocation_scope" } };
	char kinds[64] = "", word[16];
	size_t n, i;

	for (; *words; words += n + (words[n] == ',')) {
		n = strcspn(words, ",");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		for (i = 0; i < CC_ARRAY_SIZE(known) && strcmp(known[i].word, word); i++)
			;
		if (i < CC_ARRAY_SIZE(known))
			default_to(text, cap, known[i].key, word);
		else
			snprintf(kinds + strlen(kinds), sizeof(kinds) - strlen(kinds), "%s%s",
				 *kinds ? "," : "", word);
	}
	if (*kinds)
		default_to(text, cap, "revocation", kinds);
}

/* What was given is what counts, and must be there. */
static void default_revocation(const struct job *job, char *text, size_t cap)
{
	char kinds[32] = "";

	if (job->revocation)
		read_revocation(job->revocation, text, cap);
	if (!job->crl && !job->ocsp && !job->staple && !job->revocation)
		return;
	snprintf(kinds, sizeof(kinds), "%s%s%s", job->staple ? ",staple" : "",
		 job->ocsp ? ",ocsp" : "", job->crl ? ",crl" : "");
	default_to(text, cap, "revocation", *kinds ? kinds + 1 : "all");
	default_to(text, cap, "revocation_mode", "hard");
	default_to(text, cap, "revocation_scope", job->crl ? "chain" : "leaf");
	default_to(text, cap, "max_age", "3650d");
}

static capcert_policy *make_policy(const struct job *job)
{
	char text[4096];
	capcert_policy *policy;
	const char *error;

	snprintf(text, sizeof(text), "%s", job->policy_text ? job->policy_text : "");
	if (job->profile && says(text, "profile"))
		suite_die("the policy names a profile already", text);
	if (job->profile || !says(text, "preset"))
		default_to(text, sizeof(text), "profile", job->profile ? job->profile : "rfc5280");
	default_to(text, sizeof(text), "time", "any");
	default_to(text, sizeof(text), "clock_skew", "0s");
	default_revocation(job, text, sizeof(text));
	if (capcert_policy_new(text, &policy, &error) < 0)
		suite_die(text, error);
	return policy;
}

/* ---- the verdict ---- */

static void refuse(struct verdict *v, int32_t reason, const char *detail)
{
	v->reason = capcert_reason_name(reason);
	snprintf(v->detail, sizeof(v->detail), "%s", detail);
}

static capcert_store *make_store(const struct job *job)
{
	const struct anchors *a;
	capcert_store *store;
	size_t i, n;

	if (capcert_store_new(&store) < 0)
		suite_die("out of memory", "store");
	for (i = 0; i < job->roots.count; i++) {
		const uint8_t *der = capcert_cert_der(job->roots.list[i], &n);
		int r = capcert_store_put(store, der, n, 1u << job->purpose);

		if (r < 0)
			suite_die("cannot trust a root", capcert_strerror(r));
	}
	for (a = job->anchors; a; a = a->next) {
		int r = capcert_store_put_anchor(store, a->der, a->len, 1u << job->purpose);

		if (r < 0)
			suite_die("cannot trust an anchor", capcert_strerror(r));
	}
	return store;
}

static int push_all(const struct job *job, capcert_chain **ret)
{
	size_t i;
	int r = capcert_chain_new(ret);

	for (i = 0; r == 0 && i < job->chain.count; i++)
		r = capcert_chain_push(*ret, job->chain.list[i]);
	return r;
}

static void judge(const struct job *job, const capcert_policy *policy, struct verdict *v)
{
	struct capcert_params params = {
		.purpose = job->purpose, .name = job->name, .have_time = 1, .time = job->at
	};
	const struct capcert_outcome *out = &v->result.outcome;
	capcert_store *store = make_store(job);
	capcert_chain *chain = NULL;
	int r = push_all(job, &chain);

	params.chain = chain;
	params.evidence = job->evidence;
	if (r == 0)
		r = capcert_verify_local(policy, store, NULL, &params, &v->result);
	capcert_chain_free(chain);
	capcert_store_free(store);
	if (r == -EINVAL && job->name)
		refuse(v, CAPCERT_REASON_NAME_MISMATCH, "what is asked for is no name");
	else if (r == -EMSGSIZE)
		refuse(v, CAPCERT_REASON_BUDGET_EXHAUSTED, "more certificates than are looked at");
	else if (r < 0)
		suite_die("no verdict", capcert_strerror(r));
	else if (job->name && out->name_type != job->name_type)
		refuse(v, CAPCERT_REASON_NAME_MISMATCH,
		       "what is asked for is another kind of name");
	else {
		refuse(v, out->reason, out->detail);
		v->valid = out->valid;
		v->depth = out->depth;
	}
}

/* ---- what is printed ---- */

static const capcert_cert *find(const struct certs *certs, const uint8_t fingerprint[32])
{
	uint8_t own[64];
	size_t i;

	for (i = 0; i < certs->count; i++)
		if (capcert_cert_fingerprint(certs->list[i], CAPCERT_HASH_SHA256, own) == 32 &&
		    !memcmp(own, fingerprint, 32))
			return certs->list[i];
	return NULL;
}

static json_t *step_json(const struct job *job, const struct capcert_path_entry *e)
{
	bool anchor = e->source == CAPCERT_SOURCE_ANCHOR;
	const capcert_cert *cert = find(anchor ? &job->roots : &job->chain, e->fingerprint);
	char subject[4096], hex[65];
	json_t *text;
	int i;

	for (i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", e->fingerprint[i]);
	if (cert)
		capcert_cert_subject_text(cert, subject, sizeof(subject));
	text = cert ? json_string(subject) : json_null();
	return json_pack(
		"{so ss so ss}", "subject", text ? text : json_null(), "fingerprint", hex, "reason",
		e->reason == CAPCERT_REASON_NONE ? json_null()
						 : json_string(capcert_reason_name(e->reason)),
		"source", anchor ? "anchor" : "chain");
}

static void print_json(const struct job *job, const capcert_policy *policy, const struct verdict *v)
{
	const char *profile =
		strstr(capcert_policy_text(policy), "profile=webpki") ? "webpki" : "rfc5280";
	json_t *path = json_array(), *detail = json_string(v->detail), *j;
	char at[CC_TIME_TEXT];
	uint32_t i;

	for (i = 0; i < v->result.path_count; i++)
		json_array_append_new(path, step_json(job, &v->result.path[i]));
	cc_time_format(job->at, at, sizeof(at));
	j = json_pack("{sb so so si so ss ss}", "valid", v->valid, "reason",
		      v->valid ? json_null() : json_string(v->reason), "detail",
		      detail ? detail : json_string("?"), "depth", (int)v->depth, "path", path,
		      "time", at, "profile", profile);
	json_dumpf(j, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(j);
}

static void print_text(const struct verdict *v)
{
	if (v->valid)
		printf("valid: %u certificates: %s\n", v->result.path_count, v->detail);
	else
		printf("invalid: %s: %s\n", v->reason, v->detail);
}

int main(int argc, char **argv)
{
	struct verdict v = { 0 };
	capcert_policy *policy;
	struct job job;

	read_job(&job, argc, argv);
	policy = make_policy(&job);
	if (job.leaf_fault)
		refuse(&v, CAPCERT_REASON_MALFORMED, job.leaf_fault);
	else
		judge(&job, policy, &v);
	if (job.json)
		print_json(&job, policy, &v);
	else
		print_text(&v);
	capcert_policy_free(policy);
	capcert_evidence_free(job.evidence);
	free_certs(&job.roots);
	free_anchors(job.anchors);
	free_certs(&job.chain);
	return v.valid ? 0 : 1;
}
