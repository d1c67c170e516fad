// SPDX-License-Identifier: GPL-2.0-only
/* capcert ocsp: look at responses, hold one against a certificate, build a request. No network. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <capcert/ocsp.h>
#include "tools/file.h"
#include "tools/ocsp_staple.h"
#include "tools/text.h"
#include "tools/tool.h"
#include "tools/write_file.h"

#define HEX_TEXT 600
#define NONCE 32

static const char *const statuses[] = { "good", "revoked", "unknown", "stapledAbsent",
					"responderUnreachable" };

static const char *hex(struct capcert_bytes b, char buf[HEX_TEXT])
{
	return text_to_hex(b.data, b.len < HEX_TEXT / 2 ? b.len : HEX_TEXT / 2 - 1, buf);
}

static const char *responder_text(const struct capcert_ocsp_info *info, char *buf, size_t cap)
{
	struct capcert_general_name gn = { CAPCERT_GN_DIRECTORY, info->responder };
	char digits[HEX_TEXT];

	if (info->by_key)
		snprintf(buf, cap, "key with SHA-1 %s", hex(info->responder, digits));
	else
		capcert_gn_text(&gn, buf, cap);
	return buf;
}

/* ---- show ---- */

static json_t *answer_json(const struct capcert_ocsp_answer *a)
{
	bool revoked = a->status == CAPCERT_OCSP_REVOKED;

	return json_pack("{so ss so so ss so so so so sb}", "serial",
			 json_hex(a->serial.data, a->serial.len), "hash", a->hash, "issuerNameHash",
			 json_hex(a->name_hash.data, a->name_hash.len), "issuerKeyHash",
			 json_hex(a->key_hash.data, a->key_hash.len), "status", statuses[a->status],
			 "revokedAt", revoked ? json_time(a->revoked_at) : json_null(), "reason",
			 a->reason < 0
				 ? json_null()
				 : json_text(capcert_revocation_reason_name((uint32_t)a->reason)),
			 "thisUpdate", json_time(a->this_update), "nextUpdate",
			 a->have_next_update ? json_time(a->next_update) : json_null(),
			 "unknownCritical", a->unknown_critical);
}

static json_t *show_json(const capcert_ocsp *ocsp, const struct capcert_ocsp_info *info)
{
	json_t *j = json_pack("{ss}", "responseStatus", info->status_name), *list;
	struct capcert_ocsp_answer a;
	char text[4096];
	uint32_t i;

	if (info->status)
		return j;
	list = json_array();
	for (i = 0; !capcert_ocsp_answer_at(ocsp, i, &a); i++)
		json_array_append_new(list, answer_json(&a));
	json_object_set_new(j, "responder", json_text(responder_text(info, text, sizeof(text))));
	json_object_set_new(j, "producedAt", json_time(info->produced_at));
	json_object_set_new(j, "signature", json_string(info->scheme));
	json_object_set_new(j, "nonce",
			    info->nonce.len ? json_hex(info->nonce.data, info->nonce.len)
					    : json_null());
	json_object_set_new(j, "certificates", json_integer(info->cert_count));
	json_object_set_new(j, "unknownCritical", json_boolean(info->unknown_critical));
	json_object_set_new(j, "answers", list);
	return j;
}

static void print_answer(const struct capcert_ocsp_answer *a)
{
	char serial[HEX_TEXT], when[32];

	out_field("serial", "%s", hex(a->serial, serial));
	out_field("status", "%s%s%s", a->status == CAPCERT_OCSP_GOOD ? out_good() : out_bad(),
		  statuses[a->status], out_plain());
	if (a->status == CAPCERT_OCSP_REVOKED)
		out_field("revoked", "%s, %s", text_of_time(a->revoked_at, when),
			  a->reason < 0 ? "no reason given"
					: capcert_revocation_reason_name((uint32_t)a->reason));
	out_field("thisUpdate", "%s", text_of_time(a->this_update, when));
	out_field("nextUpdate", "%s",
		  a->have_next_update ? text_of_time(a->next_update, when) : "not told");
	if (a->unknown_critical)
		out_field("", "an unknown critical extension: must not be used");
}

static void show_print(const capcert_ocsp *ocsp, const struct capcert_ocsp_info *info)
{
	struct capcert_ocsp_answer a;
	char text[4096], when[32], digits[HEX_TEXT];
	uint32_t i;

	printf("%sOCSP response: %s%s\n", out_bold(), info->status_name, out_plain());
	if (info->status)
		return;
	out_field("responder", "%s", responder_text(info, text, sizeof(text)));
	out_field("producedAt", "%s", text_of_time(info->produced_at, when));
	out_field("signature", "%s, not checked here", info->scheme);
	if (info->nonce.len)
		out_field("nonce", "%s", hex(info->nonce, digits));
	if (info->cert_count)
		out_field("carries", "%u certificate%s", info->cert_count,
			  info->cert_count == 1 ? "" : "s");
	if (info->unknown_critical)
		out_field("", "an unknown critical extension: must not be used");
	for (i = 0; !capcert_ocsp_answer_at(ocsp, i, &a); i++) {
		printf("%sanswer %u of %u%s\n", out_bold(), i + 1, info->answer_count, out_plain());
		print_answer(&a);
	}
}

static int show(const struct args *args)
{
	struct capcert_ocsp_info info;
	const char *why = NULL;
	capcert_ocsp *ocsp;
	uint8_t *data;
	size_t len;
	int r = file_read(args->words[0], &data, &len);

	if (r)
		return r;
	r = capcert_ocsp_new(data, len, &ocsp, &why);
	free(data);
	if (r)
		return why ? fail(EXIT_TROUBLE, "%s: %s", args->words[0], why)
			   : fail_errno(r, "%s", args->words[0]);
	capcert_ocsp_get(ocsp, &info);
	if (out_json())
		r = out_print_json(show_json(ocsp, &info));
	else
		show_print(ocsp, &info);
	capcert_ocsp_free(ocsp);
	return r;
}

/* ---- the certificate and its issuer ---- */

struct pair {
	struct cert_list certs, issuers;
	capcert_cert *cert, *issuer;
};

/* CERT, and its issuer: --issuer, or the second certificate of the file. */
static int load_pair(const struct args *args, struct pair *p)
{
	const char *issuer = opt_text(args, "issuer");
	int r = certs_load(args->words[0], &p->certs);

	if (!r && issuer)
		r = certs_load(issuer, &p->issuers);
	if (r)
		return r;
	p->cert = p->certs.certs[0];
	if (issuer)
		p->issuer = p->issuers.certs[0];
	else if (p->certs.count > 1)
		p->issuer = p->certs.certs[1];
	else
		return fail(EXIT_USAGE, "whose certificate is it? --issuer FILE says");
	return EXIT_DONE;
}

static void free_pair(struct pair *p)
{
	certs_free(&p->certs);
	certs_free(&p->issuers);
}

/* ---- check ---- */

static int say_verdict(const struct capcert_ocsp_verdict *v)
{
	bool good = v->counts && v->status == CAPCERT_OCSP_GOOD;
	char when[32], until[32];

	text_of_time(v->revoked_at, when);
	text_of_time(v->until, until);
	if (out_json())
		return out_print_json(json_pack(
			       "{sb ss so so so so}", "counts", v->counts, "status",
			       statuses[v->status], "why",
			       v->counts ? json_null() : json_text(v->why), "until",
			       v->counts ? json_time(v->until) : json_null(), "revokedAt",
			       v->status == CAPCERT_OCSP_REVOKED ? json_time(v->revoked_at)
								 : json_null(),
			       "reason",
			       v->status == CAPCERT_OCSP_REVOKED
				       ? json_text(capcert_revocation_reason_name(
						 (uint32_t)v->reason))
				       : json_null()))
			       ?: (good ? EXIT_DONE : EXIT_NO);
	if (!v->counts)
		printf("%sdoes not count%s: %s\n", out_bad(), out_plain(), v->why ? v->why : "?");
	else if (v->status == CAPCERT_OCSP_REVOKED)
		printf("%srevoked%s: at %s, %s\n", out_bad(), out_plain(), when,
		       capcert_revocation_reason_name((uint32_t)v->reason));
	else
		printf("%s%s%s until %s\n", good ? out_good() : out_bad(), statuses[v->status],
		       out_plain(), until);
	return good ? EXIT_DONE : EXIT_NO;
}

static int check_response(const struct args *args, const struct pair *p)
{
	const char *at = opt_text(args, "time"), *why = NULL;
	struct capcert_ocsp_verdict v;
	capcert_policy *policy;
	int64_t when = time(NULL);
	bool now = false;
	uint8_t *der;
	size_t len;
	int r;

	if (at && !text_time(at, &when, &now))
		return fail(EXIT_USAGE, "'%s' is no time; 2026-01-31 is one", at);
	if (now)
		when = time(NULL);
	r = capcert_policy_new(opt_text(args, "policy") ? opt_text(args, "policy") : "", &policy,
			       &why);
	if (r)
		return fail(EXIT_USAGE, "the policy: %s", why ? why : capcert_strerror(r));
	r = file_read(opt_text(args, "response"), &der, &len);
	if (!r) {
		r = capcert_ocsp_check(policy, p->cert, p->issuer, NULL, der, len, when, &v);
		free(der);
		r = r ? fail_errno(r, "%s", opt_text(args, "response")) : say_verdict(&v);
	}
	capcert_policy_free(policy);
	return r;
}

static int check(const struct args *args)
{
	struct pair p = { 0 };
	int r;

	if (!opt_text(args, "response"))
		return fail(EXIT_USAGE, "which response? --response FILE says");
	r = load_pair(args, &p);
	if (!r)
		r = check_response(args, &p);
	free_pair(&p);
	return r;
}

/* ---- query ---- */

/* The first http address of an OCSP responder; malloc()ed. */
static char *responder_url(capcert_cert *cert)
{
	static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	const struct capcert_cert_view *view;
	char *url = NULL;
	size_t i;

	if (capcert_cert_view_new(cert, &view))
		return NULL;
	for (i = 0; !url && i < view->access_count; i++) {
		const struct capcert_access *a = &view->access[i];

		if (a->method.len == sizeof(oid) && !memcmp(a->method.data, oid, sizeof(oid)) &&
		    a->location.type == CAPCERT_GN_URI && a->location.value.len > 7 &&
		    !memcmp(a->location.value.data, "http://", 7))
			url = strndup((const char *)a->location.value.data, a->location.value.len);
	}
	capcert_cert_view_free(view);
	return url;
}

static int print_request(const struct args *args, const char *url, const uint8_t *der, size_t len)
{
	char *text = base64_text(der, len), *get = NULL;
	int r = EXIT_DONE;

	if (url && capcert_ocsp_request_url(url, der, len, &get))
		get = NULL;
	if (!text)
		r = fail(EXIT_TROUBLE, "out of memory");
	else if (out_json())
		r = out_print_json(json_pack("{ss so so}", "request", text, "responder",
					     json_text(url), "get", json_text(get)));
	else
		printf("%s\n", text);
	if (!r && !out_json()) {
		out_field("responder", "%s", url ? url : "the certificate names none over http");
		if (get)
			out_field("GET", "%s", get);
	}
	if (!r && opt_text(args, "out"))
		r = write_file(opt_text(args, "out"), der, len);
	free(text);
	free(get);
	return r;
}

static int query(const struct args *args)
{
	uint8_t nonce[NONCE], *der = NULL;
	struct pair p = { 0 };
	char *url = NULL;
	size_t len = 0;
	int r;

	if (!opt_has(args, "print-request"))
		return fail(EXIT_USAGE, "this verb asks nobody: --print-request builds the request "
					"and its URL; capcert status --fetch asks");
	r = load_pair(args, &p);
	if (!r && opt_has(args, "nonce") && getrandom(nonce, NONCE, 0) != NONCE)
		r = fail(EXIT_TROUBLE, "no random bytes");
	if (!r) {
		r = capcert_ocsp_request(p.cert, p.issuer,
					 opt_has(args, "sha256") ? CAPCERT_HASH_SHA256 : 0,
					 opt_has(args, "nonce") ? nonce : NULL, NONCE, &der, &len);
		if (r)
			r = fail_errno(r, "the request");
	}
	if (!r) {
		url = responder_url(p.cert);
		r = print_request(args, url, der, len);
	}
	free(url);
	free(der);
	free_pair(&p);
	return r;
}

static const struct opt check_opts[] = {
	{ .name = "response", .meta = "FILE", .help = "the response, in DER" },
	{ .name = "issuer",
	  .meta = "FILE",
	  .help = "the issuer's certificate, if not in CERTFILE" },
	{ .name = "time", .meta = "TIME", .help = "judge at TIME" },
	{ .name = "policy", .meta = "TEXT", .help = "its algorithms, clock_skew and max_age" },
	{ 0 },
};

static const struct opt query_opts[] = {
	{ .name = "issuer",
	  .meta = "FILE",
	  .help = "the issuer's certificate, if not in CERTFILE" },
	{ .name = "print-request", .help = "build the request, send nothing" },
	{ .name = "sha256", .help = "CertID with SHA-256; else SHA-1, which all responders know" },
	{ .name = "nonce", .help = "with 32 random octets as a nonce" },
	{ .name = "out", .letter = 'o', .meta = "FILE", .help = "write the request here, in DER" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "show",
	  .usage = "FILE [--json]",
	  .brief = "what a response says, believed or not",
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "check",
	  .usage = "CERTFILE --response FILE [--issuer FILE] [--time T] [--policy TEXT] [--json]",
	  .brief = "what it says about this certificate, if it counts",
	  .help = "Exit status 0 if the certificate is good, 1 if not.\n",
	  .opts = check_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = check },
	{ .name = "query",
	  .usage = "CERTFILE --print-request [--issuer FILE] [--sha256] [--nonce] [-o FILE] "
		   "[--json]",
	  .brief = "the request that asks about a certificate",
	  .help = "  capcert ocsp query leaf.pem --issuer ca.pem --print-request -o q.der\n"
		  "  curl --data-binary @q.der -H 'Content-Type: application/ocsp-request' URL\n",
	  .opts = query_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = query },
	{ .name = "staple",
	  .usage = "CHAINFILE... -o FILE | --slots SLOTS --slot NAME... [--issuer FILE]... "
		   "[--once] [--allow NETWORK] [--any-port] [--json]",
	  .brief = "keep a server's staple fresh",
	  .help = "Has capcert-statusd ask the responder, from half of the response's life on and "
		  "in vain\nat growing distances; FILE is replaced as a whole by what holds, and "
		  "removed when it\nhas expired. Servers take it as ssl_stapling_file, .ocsp and "
		  "the like.\nWith --slots it is the staple of each slot in place of a file; "
		  "another "
		  "certificate\nin the slot is asked about at once. What runs there needs no right "
		  "to anything else.\nExit status 0 if there is a good response, 1 a revocation, 3 "
		  "none.\n",
	  .opts = ocsp_staple_opts,
	  .min_words = 0,
	  .max_words = -1,
	  .run = ocsp_staple },
	{ 0 },
};

const struct noun noun_ocsp = { "ocsp", "OCSP responses and requests", verbs };
