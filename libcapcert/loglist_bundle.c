// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of CT logs as the content of a signed bundle, docs/bundle-format.md, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/bundle.h>
#include "core/bundle.h"
#include "core/ct_log.h"
#include "core/der.h"
#include "core/outcome.h"
#include "libcapcert/anchors.h"
#include "libcapcert/der_write.h"
#include "libcapcert/loglist.h"
#include "libcapcert/sha.h"

/* ---- writing, from the end to the beginning ---- */

static void put_text(struct der_out *out, uint8_t tag, const char *text)
{
	der_put_bytes(out, tag, cc_span(text, strlen(text)));
}

/* From ever is 1970. */
static void put_since(struct der_out *out, int64_t since)
{
	der_put_time(out, CC_DER_GENERALIZED_TIME, since == CAPCERT_TIME_UNKNOWN ? 0 : since);
}

static void put_operators(struct der_out *out, const struct ct_log *log)
{
	size_t all = der_mark(out), one;
	uint32_t i = log->operator_count;

	while (i) {
		i--;
		one = der_mark(out);
		put_since(out, log->operators[i].since);
		put_text(out, CC_DER_UTF8_STRING, log->operators[i].name);
		der_put_head(out, CC_DER_SEQUENCE, one);
	}
	der_put_head(out, CC_DER_SEQUENCE, all);
}

static void put_state(struct der_out *out, uint32_t state, int64_t since)
{
	size_t mark = der_mark(out);

	put_since(out, since);
	der_put_number(out, CC_DER_ENUMERATED, state);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_states(struct der_out *out, const struct ct_log *log)
{
	size_t mark = der_mark(out);
	uint32_t i = log->state_count;

	if (!i)
		put_state(out, LOG_USABLE, CAPCERT_TIME_UNKNOWN);
	while (i) {
		i--;
		put_state(out, log->states[i].state, log->states[i].since);
	}
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_ct_log(struct der_out *out, const struct ct_log *log)
{
	size_t all = der_mark(out), mark;

	if (log->monitoring)
		put_text(out, CC_DER_CONTEXT(2), log->monitoring);
	if (log->submission)
		put_text(out, CC_DER_CONTEXT(1), log->submission);
	if (log->has_interval) {
		mark = der_mark(out);
		der_put_time(out, CC_DER_GENERALIZED_TIME, log->interval_end);
		der_put_time(out, CC_DER_GENERALIZED_TIME, log->interval_start);
		der_put_head(out, CC_DER_CONTEXT_CONS(0), mark);
	}
	put_states(out, log);
	put_operators(out, log);
	der_put_number(out, CC_DER_INTEGER, log->mmd);
	put_text(out, CC_DER_UTF8_STRING, log->description);
	der_put_number(out, CC_DER_ENUMERATED, log->kind);
	der_put_head(out, CC_DER_SEQUENCE, all);
}

/* TrustAnchorChoice with a TrustAnchorInfo: key, log id, and the extension ctLog, critical. */
static void put_choice(struct der_out *out, const struct ct_log *log)
{
	static const uint8_t oid[] = { CC_BUNDLE_ARC, CC_BUNDLE_EXT_CT_LOG };
	size_t mark = der_mark(out);

	put_ct_log(out, log);
	der_put_head(out, CC_DER_OCTET_STRING, mark);
	der_put_true(out);
	der_put_bytes(out, CC_DER_OID, cc_span(oid, sizeof(oid)));
	der_put_head(out, CC_DER_SEQUENCE, mark); /* Extension */
	der_put_head(out, CC_DER_SEQUENCE, mark); /* Extensions */
	der_put_head(out, CC_DER_CONTEXT_CONS(1), mark);
	der_put_bytes(out, CC_DER_OCTET_STRING, cc_span(log->id, sizeof(log->id)));
	der_put_raw(out, log->spki);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_CONTEXT_CONS(2), mark);
}

static int add_log(capcert_bundle_builder *builder, const struct ct_log *log)
{
	struct der_out out = { 0 };
	uint8_t *der;
	size_t len;
	int r;

	put_choice(&out, log);
	r = der_finish(&out, &der, &len);
	if (r < 0)
		return r;
	r = capcert_bundle_add_anchor(builder, der, len);
	free(der);
	return r;
}

int capcert_loglist_to_bundle(const capcert_loglist *list, const char *name, uint64_t number,
			      int64_t expires, uint8_t **ret, size_t *ret_len)
{
	capcert_bundle_builder *builder;
	uint32_t i;
	int r = capcert_bundle_new(CAPCERT_BUNDLE_STORE, name, number, &builder);

	if (r < 0)
		return r;
	r = capcert_bundle_set_created(builder, loglist_time(list));
	if (r == 0 && expires != CAPCERT_TIME_UNKNOWN)
		r = capcert_bundle_set_expires(builder, expires);
	if (r == 0)
		r = capcert_bundle_set_purposes(builder, 1u << CAPCERT_PURPOSE_CT_LOG);
	for (i = 0; r == 0 && i < loglist_count(list); i++)
		r = add_log(builder, loglist_at(list, i));
	if (r == 0)
		r = capcert_bundle_content(builder, ret, ret_len, NULL);
	capcert_bundle_builder_free(builder);
	return r;
}

/* ---- reading ---- */

/* Room for what a CtLog points at, as strings. */
struct facts {
	struct capcert_log_info info;
	struct capcert_log_operator operators[LOG_HISTORY_MAX];
	struct capcert_log_state states[LOG_HISTORY_MAX];
	char names[LOG_HISTORY_MAX][LOG_OPERATOR_MAX + 1];
	char description[LOG_DESCRIPTION_MAX + 1];
	char submission[LOG_URL_MAX + 1];
	char monitoring[LOG_URL_MAX + 1];
};

/* core has looked at the lengths, and has found no NUL. */
static const char *string(char *to, struct cc_span from)
{
	if (!from.n)
		return NULL;
	memcpy(to, from.p, from.n);
	to[from.n] = '\0';
	return to;
}

static void histories(struct facts *f, const struct cc_ct_log *log)
{
	struct cc_span rest = log->operators, name;
	size_t n = 0;

	while (n < LOG_HISTORY_MAX &&
	       cc_ct_log_operator_next(&rest, &name, &f->operators[n].since) == 1) {
		f->operators[n].name = string(f->names[n], name);
		n++;
	}
	f->info.operators = f->operators;
	f->info.operator_count = n;
	rest = log->states;
	n = 0;
	while (n < LOG_HISTORY_MAX &&
	       cc_ct_log_state_next(&rest, &f->states[n].state, &f->states[n].since) == 1)
		n++;
	f->info.states = f->states;
	f->info.state_count = n;
}

int loglist_log_of_anchor(const struct cc_trust_anchor *ta, capcert_log **ret,
			  const char **ret_error)
{
	struct cc_ct_log log;
	struct facts f = { 0 };
	uint8_t id[32];

	*ret_error = "an anchor is no CT log";
	if (!ta->ct_log.n || !cc_ct_log_parse(ta->ct_log, &log))
		return -EBADMSG;
	sha256_of(ta->cert.spki, id);
	*ret_error = "the key identifier of a CT log is not the SHA-256 of its key";
	if (ta->cert.skid.n != 32 || memcmp(ta->cert.skid.p, id, 32) != 0)
		return -EBADMSG;
	f.info.key = ta->cert.spki.p;
	f.info.key_len = ta->cert.spki.n;
	f.info.kind = log.kind;
	f.info.mmd = log.mmd;
	f.info.name = string(f.description, log.description);
	f.info.submission = string(f.submission, log.submission);
	f.info.monitoring = string(f.monitoring, log.monitoring);
	f.info.has_interval = log.has_interval;
	f.info.interval_start = log.interval_start;
	f.info.interval_end = log.interval_end;
	histories(&f, &log);
	return capcert_log_new(&f.info, ret, ret_error);
}

/* @last: the fingerprint before it, NULL where order does not matter. */
static int take_choice(struct cc_span choice, uint8_t last[32], capcert_log **ret,
		       const char **ret_error)
{
	struct cc_trust_anchor ta;
	uint8_t fingerprint[32];

	*ret_error = "an anchor is malformed";
	if (cc_trust_anchor_parse(choice, &ta) != CC_CERT_OK)
		return -EBADMSG;
	if (last) {
		sha256_of(ta.body, fingerprint);
		*ret_error = "the anchors do not ascend by fingerprint";
		if (memcmp(last, fingerprint, 32) >= 0)
			return -EBADMSG;
		memcpy(last, fingerprint, 32);
	}
	return loglist_log_of_anchor(&ta, ret, ret_error);
}

static bool twice(capcert_log *const *logs, size_t count)
{
	size_t i;

	for (i = 0; i + 1 < count; i++)
		if (!memcmp(logs[i]->facts.id, logs[count - 1]->facts.id, 32))
			return true;
	return false;
}

int loglist_from_choices(struct cc_span choices, bool ascending, int64_t time,
			 capcert_loglist **ret, const char **ret_error)
{
	uint8_t last[32] = { 0 };
	capcert_log **logs = calloc(CAPCERT_LOGLIST_MAX, sizeof(capcert_log *));
	const char *error = NULL;
	struct cc_span choice;
	size_t count = 0;
	int r = 0, more = 0;

	if (!logs)
		return -ENOMEM;
	while (r == 0 && (more = cc_trust_anchor_next(&choices, &choice)) == 1) {
		error = "more than 4096 CT logs";
		r = count == CAPCERT_LOGLIST_MAX
			    ? -EMSGSIZE
			    : take_choice(choice, ascending ? last : NULL, &logs[count], &error);
		if (r == 0 && twice(logs, ++count)) {
			error = "a CT log stands twice";
			r = -EBADMSG;
		}
	}
	if (r == 0 && more < 0) {
		error = "the list of anchors is malformed";
		r = -EBADMSG;
	}
	if (r == 0)
		r = loglist_of(logs, count, time, ret);
	else if (ret_error)
		*ret_error = error;
	while (count)
		capcert_log_free(logs[--count]);
	free(logs);
	return r;
}

int capcert_loglist_from_anchors(const uint8_t *der, size_t len, int64_t time,
				 capcert_loglist **ret, const char **ret_error)
{
	struct cc_span choices;

	if (cc_trust_anchor_list(cc_span(der, len), &choices) == CC_CERT_OK)
		return loglist_from_choices(choices, false, time, ret, ret_error);
	if (ret_error)
		*ret_error = "not a TrustAnchorList";
	return -EBADMSG;
}

/* The anchor as it was put into a store; what is plain is a certificate. */
static int take_anchor(const struct anchor *a, capcert_log **ret, const char **ret_error)
{
	struct cc_span der = cc_span(a->owned, a->owned_len);
	struct cc_trust_anchor ta;
	int r;

	*ret_error = "an anchor is no CT log";
	if (a->plain || !a->owned)
		return -EBADMSG;
	r = a->info ? cc_trust_anchor_info_parse(der, &ta) : cc_trust_anchor_parse(der, &ta);
	return r == CC_CERT_OK ? loglist_log_of_anchor(&ta, ret, ret_error) : -EBADMSG;
}

int capcert_loglist_from_store(const capcert_store *store, int64_t time, capcert_loglist **ret,
			       const char **ret_error)
{
	uint32_t all = (uint32_t)capcert_store_count(store), i;
	capcert_log **logs = calloc(all + 1, sizeof(capcert_log *));
	const char *error = NULL;
	size_t count = 0;
	int r = 0;

	if (!logs)
		return -ENOMEM;
	for (i = 0; r == 0 && i < all; i++) {
		const struct anchor *a = anchors_at(store, i);

		if (!(a->purposes & 1u << CAPCERT_PURPOSE_CT_LOG))
			continue;
		r = take_anchor(a, &logs[count], &error);
		if (r == 0 && twice(logs, ++count)) {
			error = "a CT log stands twice";
			r = -EBADMSG;
		}
	}
	if (r == 0)
		r = loglist_of(logs, count, time, ret);
	else if (ret_error)
		*ret_error = error;
	while (count)
		capcert_log_free(logs[--count]);
	free(logs);
	return r;
}

int capcert_loglist_from_bundle(const uint8_t *content, size_t len, capcert_loglist **ret,
				const char **ret_error)
{
	const char *error = NULL;
	struct cc_bundle bundle;
	int r = cc_bundle_parse(cc_span(content, len), &bundle);

	if (r != CC_BUNDLE_OK)
		error = cc_bundle_error_text(r);
	else if (bundle.kind != CC_BUNDLE_STORE)
		error = "the bundle is no whole store";
	else if (bundle.purposes != 1u << CC_PURPOSE_CT_LOG)
		error = "the bundle is not for the purpose ctLog alone";
	if (!error)
		return loglist_from_choices(bundle.anchors, true, bundle.created, ret, ret_error);
	if (ret_error)
		*ret_error = error;
	return -EBADMSG;
}
