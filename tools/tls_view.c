// SPDX-License-Identifier: GPL-2.0-only
/* A TLS session and its peer, for people and as JSON. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/ocsp.h>
#include "tools/ct_view.h"
#include "tools/explain.h"
#include "tools/outcome_view.h"
#include "tools/text.h"
#include "tools/tls_view.h"

/* ---- protocol ---- */

const char *tls_version_text(const struct capcert_tls_session *s)
{
	return s->version == 0x0304 ? "TLS 1.3" : s->version == 0x0303 ? "TLS 1.2" : "none";
}

static void session_print(const struct capcert_tls_session *s)
{
	char text[256];

	if (s->version) {
		out_field("version", "%s%s", tls_version_text(s), s->resumed ? ", resumed" : "");
		out_field("cipher", "%s", s->cipher);
		out_field("key share", "%s, signed by %s", s->group,
			  s->signature[0] ? s->signature : "-");
	}
	if (s->server_name[0])
		out_field("name", "%s", s->server_name);
	if (s->alpn[0])
		out_field("protocol", "%s",
			  text_escape(s->alpn, strlen(s->alpn), text, sizeof(text)));
	if (s->client_auth)
		out_field("identity", "the server asked for a client certificate, and got it");
	if (s->alert_sent >= 0)
		out_field("alert sent", "%d", s->alert_sent);
	if (s->alert_received >= 0)
		out_field("alert got", "%d", s->alert_received);
}

json_t *tls_session_json(const struct capcert_tls_session *s)
{
	json_t *j = json_object();

	json_object_set_new(j, "version",
			    s->version ? json_text(tls_version_text(s)) : json_null());
	json_object_set_new(j, "cipher", json_text(s->cipher));
	json_object_set_new(j, "group", json_text(s->group));
	json_object_set_new(j, "signature", json_text(s->signature));
	json_object_set_new(j, "alpn", s->alpn[0] ? json_text(s->alpn) : json_null());
	json_object_set_new(j, "serverName", json_text(s->server_name));
	json_object_set_new(j, "resumed", json_boolean(s->resumed));
	json_object_set_new(j, "stapled", json_boolean(s->stapled));
	json_object_set_new(j, "clientAuth", json_boolean(s->client_auth));
	json_object_set_new(j, "alertSent",
			    s->alert_sent < 0 ? json_null() : json_integer(s->alert_sent));
	json_object_set_new(j, "alertReceived",
			    s->alert_received < 0 ? json_null() : json_integer(s->alert_received));
	return j;
}

/* ---- staple ---- */

static const char *status_text(uint32_t status)
{
	return status == CAPCERT_OCSP_GOOD	? "good"
	       : status == CAPCERT_OCSP_REVOKED ? "revoked"
						: "unknown";
}

/* What it says, believed or not: the verdict above has weighed it. */
static void show_staple(const capcert_tls *tls, json_t *j)
{
	size_t len;
	const uint8_t *der = capcert_tls_peer_staple(tls, &len);
	struct capcert_ocsp_answer a;
	capcert_ocsp *ocsp = NULL;
	const char *why = NULL;
	char from[32], until[32];
	json_t *s;

	if (!der) {
		if (j)
			json_object_set_new(j, "staple", json_null());
		else
			out_field("staple", "none");
		return;
	}
	s = j ? json_object() : NULL;
	if (capcert_ocsp_new(der, len, &ocsp, &why) || capcert_ocsp_answer_at(ocsp, 0, &a)) {
		if (s)
			json_object_set_new(s, "status", json_null());
		else
			out_field("staple", "cannot be read: %s", why ? why : "it answers nothing");
	} else if (s) {
		json_object_set_new(s, "status", json_text(status_text(a.status)));
		json_object_set_new(s, "thisUpdate", json_time(a.this_update));
		json_object_set_new(s, "nextUpdate",
				    a.have_next_update ? json_time(a.next_update) : json_null());
	} else {
		out_field("staple", "%s, %s%s%s", status_text(a.status),
			  text_of_time(a.this_update, from), a.have_next_update ? " to " : "",
			  a.have_next_update ? text_of_time(a.next_update, until) : "");
	}
	if (s)
		json_object_set_new(j, "staple", s);
	capcert_ocsp_free(ocsp);
}

/* ---- SCTs ---- */

static int show_ct(const struct tls_setup *setup, const capcert_tls *tls,
		   const struct capcert_result *result, json_t *j)
{
	const capcert_chain *chain = capcert_tls_peer_chain(tls);
	const capcert_cert *issuer =
		capcert_chain_count(chain) > 1 ? capcert_chain_at(chain, 1) : NULL;
	capcert_loglist *logs = NULL;
	struct capcert_ct_report *report = NULL;
	capcert_scts *scts;
	const uint8_t *tls_scts;
	size_t len;
	int r = EXIT_DONE;

	if (capcert_scts_new(&scts))
		return fail(EXIT_TROUBLE, "out of memory");
	/* Lists that are malformed are none. */
	capcert_scts_add_embedded(scts, capcert_chain_at(chain, 0));
	tls_scts = capcert_tls_peer_scts(tls, &len);
	if (tls_scts)
		capcert_scts_add_list(scts, tls_scts, len, CAPCERT_SCT_TLS);
	if (!setup->logs && capcert_loglist_bundled(&logs))
		r = fail(EXIT_TROUBLE, "no list of CT logs");
	if (!r && capcert_scts_count(scts))
		r = ct_view_new(setup->logs ? setup->logs : logs, scts, capcert_chain_at(chain, 0),
				issuer, result->outcome.time, &report);
	if (!r && j)
		json_object_set_new(j, "ct", report ? ct_view_json(report) : json_null());
	else if (!r && report)
		ct_view_print(report);
	capcert_ct_report_free(report);
	capcert_scts_free(scts);
	capcert_loglist_free(logs);
	return r;
}

/* ---- why ---- */

static int anchors_again(void *ctx, uint32_t purposes, capcert_store **ret)
{
	return tls_setup_anchors(ctx, purposes, ret) ? -EIO : 0;
}

static int explained(const struct args *args, const struct tls_setup *setup, struct explanation *e)
{
	struct explain_kernel kernel = { .store_fd = -1 };
	int r;

	explain_beyond_default(e);
	if (setup->local)
		e->source = (struct explain_source){ .store = anchors_again,
						     .ctx = (void *)(uintptr_t)args,
						     .policy = setup->policy_text };
	else
		explain_kernel(e, &kernel, opt_text(args, "store"), opt_text(args, "verifier"));
	r = explain_run(e);
	explain_kernel_end(&kernel);
	return r;
}

static int show_why(const struct args *args, const struct tls_setup *setup, const capcert_tls *tls,
		    const struct capcert_result *result, json_t *j)
{
	struct explanation why = { .result = result, .local = setup->local };
	int r;

	if (!opt_has(args, "explain") || capcert_tls_params(tls, &why.params))
		return EXIT_DONE;
	r = explained(args, setup, &why);
	if (!r && j)
		explain_json(&why, j);
	else if (!r)
		explain_print(&why);
	explain_free(&why);
	return r;
}

/* ---- all of it ---- */

static int show_peer(const struct args *args, const struct tls_setup *setup, const capcert_tls *tls,
		     const struct capcert_result *result, json_t *j)
{
	int r = show_why(args, setup, tls, result, j);

	show_staple(tls, j);
	if (!r && capcert_tls_peer_chain(tls))
		r = show_ct(setup, tls, result, j);
	return r;
}

static int show(const struct args *args, const struct tls_setup *setup, const capcert_tls *tls,
		const struct capcert_result *result, int handshake)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	struct outcome_view view = { .result = result,
				     .chain = capcert_tls_peer_chain(tls),
				     .local = setup->local };
	json_t *j = NULL;
	int r = EXIT_DONE;

	capcert_tls_info(tls, &s);
	if (out_json()) {
		j = result ? outcome_json(&view) : json_object();
		json_object_set_new(j, "tls", tls_session_json(&s));
		json_object_set_new(j, "error",
				    handshake ? json_text(capcert_tls_error_text(tls))
					      : json_null());
	} else {
		if (result)
			outcome_print(&view);
		session_print(&s);
	}
	if (result)
		r = show_peer(args, setup, tls, result, j);
	return j ? (out_print_json(j) ? EXIT_TROUBLE : r) : r;
}

int tls_view(const struct args *args, const struct tls_setup *setup, const capcert_tls *tls,
	     int handshake)
{
	struct capcert_result *result = calloc(1, sizeof(*result));
	bool have;
	int r;

	if (!result)
		return fail(EXIT_TROUBLE, "out of memory");
	have = capcert_tls_outcome(tls, result, NULL) == 0;
	r = show(args, setup, tls, have ? result : NULL, handshake);
	if (handshake && handshake != -EKEYREJECTED)
		r = fail(EXIT_TROUBLE, "%s", capcert_tls_error_text(tls));
	else if (!r && have && !result->outcome.valid)
		r = EXIT_NO;
	free(result);
	return r;
}
