// SPDX-License-Identifier: GPL-2.0-only
/* capcert status: what OCSP responses and revocation lists say of each certificate of a chain. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <capcert/ocsp.h>
#include "tools/crl_keep.h"
#include "tools/file.h"
#include "tools/ref.h"
#include "tools/status_view.h"
#include "tools/statusd_ask.h"
#include "tools/text.h"

/* The certificate's issuer is trusted here, and nothing is asked for but the status. */
#define POLICY "profile=rfc5280;time=any;clock_skew=60s;revocation_mode=hard;revocation=crl"

struct inquest {
	const struct args *args;
	capcert_policy *policy;
	struct cert_list certs; /* the chain, and what --issuer names behind it */
	size_t chain_count;	/* of them, the chain */
	capcert_chain *all;
	capcert_crl_store *lists; /* --crl-dir, or NULL */
	int64_t time;
	/* about the certificate at hand: */
	struct status_subject *s;
	capcert_cert *cert, *issuer;
	int verifier; /* --verifier, or -1 */
	bool no_memory;
};

/* NULL: out of memory, and @q knows. Good until the next one. */
static struct status_finding *new_finding(struct inquest *q, const char *kind, const char *from)
{
	size_t n = q->s->count;
	struct status_finding *f = q->s->findings;

	if ((n & (n - 1)) == 0)
		f = reallocarray(f, n ? 2 * n : 1, sizeof(*f));
	if (!f) {
		q->no_memory = true;
		return NULL;
	}
	q->s->findings = f;
	q->s->count = n + 1;
	f[n] = (struct status_finding){
		.kind = kind, .from = from, .word = STATUS_UNKNOWN, .reason = -1
	};
	return &f[n];
}

static void note_nothing(struct inquest *q, const char *kind, const char *why)
{
	struct status_finding *f = new_finding(q, kind, "network");

	if (f)
		snprintf(f->why, sizeof(f->why), "%s", why);
}

static void name_text(struct capcert_bytes name, char *buf, size_t cap)
{
	struct capcert_general_name gn = { CAPCERT_GN_DIRECTORY, name };

	capcert_gn_text(&gn, buf, cap);
}

static bool same_bytes(struct capcert_bytes a, const uint8_t *p, size_t n)
{
	return a.len == n && !memcmp(a.data, p, n);
}

/* ---- OCSP ---- */

/* What it says of this serial number, believed or not. */
static bool find_answer(const capcert_ocsp *ocsp, const capcert_cert *cert,
			struct capcert_ocsp_answer *ret)
{
	size_t n;
	const uint8_t *serial = capcert_cert_serial(cert, &n);
	uint32_t i;

	for (i = 0; !capcert_ocsp_answer_at(ocsp, i, ret); i++)
		if (same_bytes(ret->serial, serial, n))
			return true;
	return false;
}

static void signer_text(const struct capcert_ocsp_info *info, char buf[STATUS_TEXT])
{
	char digits[65];

	if (info->by_key && info->responder.len <= 32)
		snprintf(buf, STATUS_TEXT, "the key with SHA-1 %s",
			 text_to_hex(info->responder.data, info->responder.len, digits));
	else
		name_text(info->responder, buf, STATUS_TEXT);
}

static void tell_answer(const struct capcert_ocsp_answer *a, struct status_finding *f)
{
	f->read = true;
	f->word = a->status == CAPCERT_OCSP_GOOD      ? STATUS_GOOD
		  : a->status == CAPCERT_OCSP_REVOKED ? STATUS_REVOKED
						      : STATUS_UNKNOWN;
	f->this_update = a->this_update;
	f->have_next_update = a->have_next_update;
	f->next_update = a->next_update;
	f->revoked_at = a->revoked_at;
	f->reason = a->reason;
}

/* A response about others is none of this certificate's; one without an answer is the leaf's. */
static int judge_ocsp(struct inquest *q, const char *kind, const char *from, const uint8_t *der,
		      size_t len, bool wanted)
{
	struct capcert_ocsp_verdict v;
	struct capcert_ocsp_answer a;
	struct capcert_ocsp_info info;
	struct status_finding *f;
	const char *why = NULL;
	capcert_ocsp *ocsp;
	int r = capcert_ocsp_new(der, len, &ocsp, &why);
	bool about;

	if (r)
		return why ? fail(EXIT_TROUBLE, "%s: %s", from, why) : fail_errno(r, "%s", from);
	capcert_ocsp_get(ocsp, &info);
	about = !info.status && find_answer(ocsp, q->cert, &a);
	if (!about && !wanted && !(info.status && q->cert == q->certs.certs[0])) {
		capcert_ocsp_free(ocsp);
		return EXIT_DONE;
	}
	r = capcert_ocsp_check(q->policy, q->cert, q->issuer, q->all, der, len, q->time, &v);
	f = r ? NULL : new_finding(q, kind, from);
	if (f) {
		if (about)
			tell_answer(&a, f);
		if (!info.status)
			signer_text(&info, f->by);
		f->counts = v.counts;
		snprintf(f->why, sizeof(f->why), "%s", v.why ? v.why : "");
	}
	capcert_ocsp_free(ocsp);
	return r ? fail_errno(r, "%s", from) : EXIT_DONE;
}

static int judge_ocsp_file(struct inquest *q, const char *kind, const char *path, bool wanted)
{
	uint8_t *der;
	size_t len;
	int r = file_read(path, &der, &len);

	if (r)
		return r;
	r = judge_ocsp(q, kind, path, der, len, wanted);
	free(der);
	return r;
}

/* ---- lists ---- */

/* Whatever else the certificate is for, here it is for something that it may be used for. */
static int verify(struct inquest *q, const capcert_store *store, const capcert_chain *chain,
		  const capcert_evidence *evidence, struct capcert_result *ret)
{
	struct capcert_params params = {
		.chain = chain, .have_time = 1, .time = q->time, .evidence = evidence
	};
	int r = 0;

	for (params.purpose = 0; params.purpose < CAPCERT_PURPOSE_COUNT; params.purpose++) {
		r = capcert_verify_local(q->policy, store, NULL, &params, ret);
		if (r || ret->outcome.reason != CAPCERT_REASON_BAD_EKU)
			break;
	}
	return r;
}

/* Does this list count for the certificate, by its issuer's word? */
static int count_list(struct inquest *q, const uint8_t *der, size_t len, struct status_finding *f)
{
	capcert_evidence *evidence = NULL;
	struct capcert_result result;
	capcert_store *store = NULL;
	capcert_chain *chain = NULL;
	size_t i, n;
	const uint8_t *issuer = capcert_cert_der(q->issuer, &n);
	int r = capcert_store_new(&store);

	if (!r)
		r = capcert_store_put(store, issuer, n, (1u << CAPCERT_PURPOSE_COUNT) - 1);
	if (!r)
		r = capcert_chain_new(&chain);
	if (!r)
		r = capcert_chain_push(chain, q->cert);
	for (i = 0; !r && i < q->certs.count; i++)
		if (q->certs.certs[i] != q->cert)
			r = capcert_chain_push(chain, q->certs.certs[i]);
	if (!r)
		r = capcert_evidence_new(&evidence);
	if (!r)
		r = capcert_evidence_put_crl(evidence, der, len);
	if (!r)
		r = verify(q, store, chain, evidence, &result);
	if (!r) {
		f->counts = result.outcome.valid || result.outcome.reason == CAPCERT_REASON_REVOKED;
		snprintf(f->why, sizeof(f->why), "%s", result.outcome.detail);
	}
	capcert_evidence_free(evidence);
	capcert_chain_free(chain);
	capcert_store_free(store);
	return r;
}

static int judge_list(struct inquest *q, const char *from, const capcert_crl *crl,
		      const uint8_t *der, size_t len)
{
	struct capcert_crl_entry e;
	struct capcert_crl_info info;
	struct status_finding *f;
	size_t issuer_len, serial_len;
	const uint8_t *issuer = capcert_cert_issuer(q->cert, &issuer_len);
	const uint8_t *serial = capcert_cert_serial(q->cert, &serial_len);
	int r;

	capcert_crl_get(crl, &info);
	if (!info.indirect && !same_bytes(info.issuer, issuer, issuer_len))
		return EXIT_DONE;
	f = new_finding(q, info.base.len ? "delta CRL" : "CRL", from);
	if (!f)
		return EXIT_DONE;
	name_text(info.issuer, f->by, sizeof(f->by));
	f->read = true;
	f->this_update = info.this_update;
	f->have_next_update = info.have_next_update;
	f->next_update = info.next_update;
	f->word = STATUS_GOOD;
	if (!capcert_crl_find(crl, serial, serial_len, &e)) {
		f->word = STATUS_REVOKED;
		f->revoked_at = e.date;
		f->reason = e.reason;
	}
	r = count_list(q, der, len, f);
	return r ? fail_errno(r, "%s", from) : EXIT_DONE;
}

static int judge_list_bytes(struct inquest *q, const char *from, const uint8_t *data, size_t len)
{
	const char *why = NULL;
	capcert_crl *crl;
	int r = capcert_crl_new(data, len, &crl, &why);

	if (r)
		return why ? fail(EXIT_TROUBLE, "%s: %s", from, why) : fail_errno(r, "%s", from);
	r = judge_list(q, from, crl, data, len);
	capcert_crl_free(crl);
	return r;
}

static int judge_list_file(struct inquest *q, const char *path)
{
	uint8_t *data;
	size_t len;
	int r = file_read_large(path, &data, &len);

	if (r)
		return r;
	r = judge_list_bytes(q, path, data, len);
	free(data);
	return r;
}

static int judge_kept_lists(struct inquest *q)
{
	struct capcert_crl_item item;
	int r = EXIT_DONE;
	size_t i;

	for (i = 0; !r && q->lists && !capcert_crl_store_at(q->lists, i, &item); i++)
		r = judge_list(q, "the lists kept", item.crl, item.der.data, item.der.len);
	return r;
}

/* ---- the network ---- */

/* Through the module, by a verifier's right: its agent's fetches are everybody's. As statusd_ask(). */
static int kernel_ask(const struct inquest *q, const capcert_chain *chain, enum ask_kind kind,
		      uint8_t **ret, size_t *ret_len, char *why)
{
	uint32_t want = kind == ASK_OCSP ? CAPCERT_MISSING_OCSP : CAPCERT_MISSING_CRL;
	struct capcert_fetched fetched;
	int r = capcert_fetch_status(q->verifier, chain, want, 0, &fetched, ret, ret_len);

	if (r == -EHOSTUNREACH)
		return fail(EXIT_TROUBLE, "no status agent: systemctl start capcert-statusd; "
					  "without --verifier one is run for this command");
	if (r < 0)
		return fail_errno(r, "fetching through the module");
	if (*ret)
		return EXIT_DONE;
	snprintf(why, ASK_WHY, "%s", fetched.detail);
	return EXIT_NO;
}

static int fetch_one(struct inquest *q, const capcert_chain *chain, enum ask_kind kind)
{
	char why[ASK_WHY] = "";
	uint8_t *data;
	size_t len;
	int r = q->verifier >= 0 ? kernel_ask(q, chain, kind, &data, &len, why)
				 : statusd_ask(q->args, chain, kind, &data, &len, why);

	if (r == EXIT_NO) {
		note_nothing(q, kind == ASK_OCSP ? "OCSP" : "CRL", why);
		return EXIT_DONE;
	}
	if (r)
		return r;
	r = kind == ASK_OCSP ? judge_ocsp(q, "OCSP", "network", data, len, true)
			     : judge_list_bytes(q, "network", data, len);
	free(data);
	return r;
}

static int fetch(struct inquest *q)
{
	static const uint8_t oid_ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	const struct capcert_cert_view *view;
	capcert_chain *chain;
	bool ocsp = false, crl;
	size_t i;
	int r = capcert_cert_view_new(q->cert, &view);

	if (r)
		return fail_errno(r, "the certificate");
	for (i = 0; i < view->access_count; i++)
		ocsp |= same_bytes(view->access[i].method, oid_ocsp, sizeof(oid_ocsp));
	crl = view->crl_count > 0;
	capcert_cert_view_free(view);
	r = capcert_chain_new(&chain);
	if (!r)
		r = capcert_chain_push(chain, q->cert);
	if (!r)
		r = capcert_chain_push(chain, q->issuer);
	for (i = 0; !r && i < q->certs.count; i++)
		if (q->certs.certs[i] != q->cert && q->certs.certs[i] != q->issuer)
			r = capcert_chain_push(chain, q->certs.certs[i]);
	if (r)
		r = fail_errno(r, "the chain");
	if (!r && ocsp)
		r = fetch_one(q, chain, ASK_OCSP);
	if (!r && crl)
		r = fetch_one(q, chain, ASK_CRL);
	if (!ocsp && !crl)
		note_nothing(q, "fetch", "the certificate names no address");
	capcert_chain_free(chain);
	return r;
}

/* ---- certificates ---- */

static capcert_cert *issuer_of(const struct inquest *q, const capcert_cert *cert)
{
	size_t i, n, m;
	const uint8_t *name = capcert_cert_issuer(cert, &n), *subject;

	for (i = 0; i < q->certs.count; i++) {
		subject = capcert_cert_subject(q->certs.certs[i], &m);
		if (q->certs.certs[i] != cert && n == m && !memcmp(name, subject, n))
			return q->certs.certs[i];
	}
	return NULL;
}

static bool self_issued(const capcert_cert *cert)
{
	size_t n, m;
	const uint8_t *issuer = capcert_cert_issuer(cert, &n);
	const uint8_t *subject = capcert_cert_subject(cert, &m);

	return n == m && !memcmp(issuer, subject, n);
}

static int judge_all(struct inquest *q)
{
	const char *path;
	int r = EXIT_DONE;
	size_t i;

	if (q->cert == q->certs.certs[0] && opt_has(q->args, "staple"))
		r = judge_ocsp_file(q, "staple", opt_text(q->args, "staple"), true);
	for (i = 0; !r && (path = opt_nth(q->args, "ocsp", i)); i++)
		r = judge_ocsp_file(q, "OCSP", path, false);
	for (i = 0; !r && (path = opt_nth(q->args, "crl", i)); i++)
		r = judge_list_file(q, path);
	if (!r)
		r = judge_kept_lists(q);
	if (!r && opt_has(q->args, "fetch"))
		r = fetch(q);
	return r;
}

static int examine(struct inquest *q, capcert_cert *cert, struct status_subject *s)
{
	int r = EXIT_DONE;

	*s = (struct status_subject){ .cert = cert, .anchor = self_issued(cert) };
	s->word = STATUS_UNKNOWN;
	if (s->anchor)
		return EXIT_DONE;
	q->s = s;
	q->cert = cert;
	q->issuer = issuer_of(q, cert);
	s->issuer = q->issuer;
	if (q->issuer)
		r = judge_all(q);
	if (q->no_memory)
		return fail(EXIT_TROUBLE, "out of memory");
	s->word = status_conclude(s->findings, s->count);
	return r;
}

/* One certificate revoked: 1. None, but one unknown: 3. */
static int worst(int status, const struct status_subject *s)
{
	if (s->anchor || s->word == STATUS_GOOD || status == EXIT_NO)
		return status;
	return s->word == STATUS_REVOKED ? EXIT_NO : EXIT_TROUBLE;
}

static int examine_all(struct inquest *q)
{
	json_t *list = out_json() ? json_array() : NULL;
	int r = EXIT_DONE, status = EXIT_DONE;
	struct status_subject s;
	size_t i;

	for (i = 0; !r && i < q->chain_count; i++) {
		r = examine(q, q->certs.certs[i], &s);
		if (!r && list)
			json_array_append_new(list, status_json(&s, q->time));
		else if (!r)
			status_print(&s, q->time);
		status = worst(status, &s);
		free(s.findings);
	}
	if (!r && list)
		r = out_print_json(
			json_pack("{so so}", "time", json_time(q->time), "certificates", list));
	else
		json_decref(list);
	return r ? r : status;
}

static int load(struct inquest *q)
{
	const char *at = opt_text(q->args, "time"), *path;
	bool now = true;
	size_t i;
	int r;

	if (at && !text_time(at, &q->time, &now))
		return fail(EXIT_USAGE, "'%s' is no time; 2026-01-31 is one", at);
	if (!at || now)
		q->time = time(NULL);
	if (capcert_policy_new(POLICY, &q->policy, NULL))
		return fail(EXIT_TROUBLE, "out of memory");
	for (i = 0, r = EXIT_DONE; !r && i < q->args->word_count; i++)
		r = certs_load(q->args->words[i], &q->certs);
	q->chain_count = q->certs.count;
	for (i = 0; !r && (path = opt_nth(q->args, "issuer", i)); i++)
		r = certs_load(path, &q->certs);
	if (!r)
		r = certs_to_chain(&q->certs, &q->all);
	if (!r && opt_has(q->args, "crl-dir"))
		r = crl_store_load(opt_text(q->args, "crl-dir"), false, &q->lists);
	return r;
}

static int open_verifier(struct inquest *q)
{
	static const char *const others[] = { "allow", "any-port", "timeout", "nonce" };
	size_t i;

	if (!opt_has(q->args, "verifier"))
		return EXIT_DONE;
	if (!opt_has(q->args, "fetch"))
		return fail(EXIT_USAGE, "--verifier says who fetches: it goes with --fetch");
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (opt_has(q->args, others[i]))
			return fail(EXIT_USAGE,
				    "--%s is for an agent of this command; with --verifier the "
				    "module's fetches, as it was started and the policy says",
				    others[i]);
	return ref_open(opt_text(q->args, "verifier"), CAPCERT_KIND_VERIFIER, CAPCERT_RIGHT_FETCH,
			&q->verifier);
}

static int status(const struct args *args)
{
	struct inquest q = { .args = args, .verifier = -1 };
	int r = open_verifier(&q);

	if (!r)
		r = load(&q);
	if (!r)
		r = examine_all(&q);
	if (q.verifier >= 0)
		close(q.verifier);
	capcert_crl_store_free(q.lists);
	capcert_chain_free(q.all);
	certs_free(&q.certs);
	capcert_policy_free(q.policy);
	return r;
}

static const struct opt opts[] = {
	{ .name = "issuer",
	  .meta = "FILE",
	  .many = true,
	  .help = "issuers' and responders' certificates that are not in the chain" },
	{ .name = "ocsp", .meta = "FILE", .many = true, .help = "OCSP responses, in DER" },
	{ .name = "staple", .meta = "FILE", .help = "the response that the server stapled" },
	{ .name = "crl", .meta = "FILE", .many = true, .help = "revocation lists, one in a file" },
	{ .name = "crl-dir",
	  .meta = "DIR",
	  .help = "a folder of lists, as capcert crl import keeps them" },
	{ .name = "fetch", .help = "ask the addresses that the certificates name" },
	{ .name = "verifier",
	  .meta = "REF",
	  .help = "with --fetch: through the module, by this verifier's right FETCH" },
	ASK_OPTS,
	{ .name = "nonce",
	  .meta = "WORD",
	  .help = "off, ask or require: a nonce in OCSP requests, and in responses if required" },
	{ .name = "time", .meta = "TIME", .help = "judge at TIME" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .usage = "CHAINFILE... [--issuer FILE] [--ocsp FILE] [--staple FILE] [--crl FILE] "
		   "[--crl-dir DIR] [--fetch [--verifier REF | --allow NETWORK ...]] "
		   "[--time T] [--json]",
	  .brief = "are the certificates of a chain revoked, who says so, since when?",
	  .help = "Each certificate is held against what is given, its issuer taken to be good; "
		  "capcert\nverify judges whole chains. --fetch has capcert-statusd ask; nothing "
		  "is asked without it.\nWith --verifier that is the module's, and what it "
		  "knows already serves; else one that is\nrun for this command, also where "
		  "there is no module.\nExit status 0 if all are good, 1 if one is revoked, 3 if "
		  "it is not known of one.\n",
	  .opts = opts,
	  .min_words = 1,
	  .max_words = -1,
	  .run = status },
	{ 0 },
};

const struct noun noun_status = { "status", "whether certificates are revoked", verbs };
