// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of CT logs as the content of a signed bundle, docs/bundle-format.md, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/bundle.h"
#include "core/ct_log.h"
#include "core/der.h"
#include "core/outcome.h"
#include "core/time.h"
#include "libcapcert/loglist.h"
#include "libcapcert/sha.h"

/* An anchor: a key of 2048 octets at most, texts of 255 + 2 * 511, operators of 16 * (127 + 23),
 * states of 16 * 22, heads. */
#define ANCHOR_MAX 8192
#define HEAD_MAX 256 /* of a bundle, without its anchors */

/* ---- writing, from the end to the beginning: lengths are known when their heads are due ---- */

struct pen {
	uint8_t *at; /* everything from here on is written */
};

static void put(struct pen *pen, const void *p, size_t n)
{
	pen->at -= n;
	memcpy(pen->at, p, n);
}

/* The head of an element whose contents end at @end. */
static void head(struct pen *pen, uint8_t tag, const uint8_t *end)
{
	size_t n = (size_t)(end - pen->at), octets = 0;

	if (n < 0x80) {
		*--pen->at = (uint8_t)n;
	} else {
		for (; n; n >>= 8, octets++)
			*--pen->at = (uint8_t)n;
		*--pen->at = (uint8_t)(0x80 | octets);
	}
	*--pen->at = tag;
}

static void put_text(struct pen *pen, uint8_t tag, const char *text)
{
	const uint8_t *end = pen->at;

	put(pen, text, strlen(text));
	head(pen, tag, end);
}

/* INTEGER or ENUMERATED, not negative. */
static void put_number(struct pen *pen, uint8_t tag, uint64_t value)
{
	const uint8_t *end = pen->at;

	do {
		*--pen->at = (uint8_t)value;
		value >>= 8;
	} while (value);
	if (*pen->at & 0x80)
		*--pen->at = 0;
	head(pen, tag, end);
}

static void put_digits(char *to, int value, int digits)
{
	while (digits) {
		to[--digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* GeneralizedTime; from ever is 1970. Lists have no times that are not in its years. */
static void put_time(struct pen *pen, uint8_t tag, int64_t time)
{
	const uint8_t *end = pen->at;
	struct cc_civil c = { .year = 1970, .month = 1, .day = 1 };
	char text[15];

	cc_time_to_civil(time == CAPCERT_TIME_UNKNOWN ? 0 : time, &c);
	put_digits(text, c.year, 4);
	put_digits(text + 4, c.month, 2);
	put_digits(text + 6, c.day, 2);
	put_digits(text + 8, c.hour, 2);
	put_digits(text + 10, c.minute, 2);
	put_digits(text + 12, c.second, 2);
	text[14] = 'Z';
	put(pen, text, sizeof(text));
	head(pen, tag, end);
}

static void put_operators(struct pen *pen, const struct ct_log *log)
{
	const uint8_t *end = pen->at, *one;
	uint32_t i = log->operator_count;

	while (i) {
		i--;
		one = pen->at;
		put_time(pen, CC_DER_GENERALIZED_TIME, log->operators[i].since);
		put_text(pen, CC_DER_UTF8_STRING, log->operators[i].name);
		head(pen, CC_DER_SEQUENCE, one);
	}
	head(pen, CC_DER_SEQUENCE, end);
}

static void put_state(struct pen *pen, uint32_t state, int64_t since)
{
	const uint8_t *end = pen->at;

	put_time(pen, CC_DER_GENERALIZED_TIME, since);
	put_number(pen, CC_DER_ENUMERATED, state);
	head(pen, CC_DER_SEQUENCE, end);
}

static void put_states(struct pen *pen, const struct ct_log *log)
{
	const uint8_t *end = pen->at;
	uint32_t i = log->state_count;

	if (!i)
		put_state(pen, LOG_USABLE, CAPCERT_TIME_UNKNOWN);
	while (i) {
		i--;
		put_state(pen, log->states[i].state, log->states[i].since);
	}
	head(pen, CC_DER_SEQUENCE, end);
}

static void put_ct_log(struct pen *pen, const struct ct_log *log)
{
	const uint8_t *end = pen->at, *interval;

	if (log->monitoring)
		put_text(pen, CC_DER_CONTEXT(2), log->monitoring);
	if (log->submission)
		put_text(pen, CC_DER_CONTEXT(1), log->submission);
	if (log->has_interval) {
		interval = pen->at;
		put_time(pen, CC_DER_GENERALIZED_TIME, log->interval_end);
		put_time(pen, CC_DER_GENERALIZED_TIME, log->interval_start);
		head(pen, CC_DER_CONTEXT_CONS(0), interval);
	}
	put_states(pen, log);
	put_operators(pen, log);
	put_number(pen, CC_DER_INTEGER, log->mmd);
	put_text(pen, CC_DER_UTF8_STRING, log->description);
	put_number(pen, CC_DER_ENUMERATED, log->kind);
	head(pen, CC_DER_SEQUENCE, end);
}

/* TrustAnchorInfo: key, log id, and the extension ctLog, critical. */
static void put_info(struct pen *pen, const struct ct_log *log)
{
	static const uint8_t oid[] = { CC_BUNDLE_ARC, CC_BUNDLE_EXT_CT_LOG };
	static const uint8_t critical[] = { CC_DER_BOOLEAN, 1, 0xff };
	const uint8_t *end = pen->at, *name;

	put_ct_log(pen, log);
	head(pen, CC_DER_OCTET_STRING, end);
	put(pen, critical, sizeof(critical));
	name = pen->at;
	put(pen, oid, sizeof(oid));
	head(pen, CC_DER_OID, name);
	head(pen, CC_DER_SEQUENCE, end); /* Extension */
	head(pen, CC_DER_SEQUENCE, end); /* Extensions */
	head(pen, CC_DER_CONTEXT_CONS(1), end);
	name = pen->at;
	put(pen, log->id, 32);
	head(pen, CC_DER_OCTET_STRING, name);
	put(pen, log->spki.p, log->spki.n);
	head(pen, CC_DER_SEQUENCE, end);
}

struct choice {
	uint8_t fingerprint[32];
	uint8_t *der; /* owned */
	size_t len;
};

static int make_choice(const struct ct_log *log, struct choice *ret)
{
	uint8_t room[ANCHOR_MAX], *end = room + sizeof(room);
	struct pen pen = { end };

	put_info(&pen, log);
	sha256_of(cc_span(pen.at, (size_t)(end - pen.at)), ret->fingerprint);
	head(&pen, CC_DER_CONTEXT_CONS(2), end);
	ret->len = (size_t)(end - pen.at);
	ret->der = malloc(ret->len);
	if (!ret->der)
		return -ENOMEM;
	memcpy(ret->der, pen.at, ret->len);
	return 0;
}

static int by_fingerprint(const void *a, const void *b)
{
	return memcmp(((const struct choice *)a)->fingerprint,
		      ((const struct choice *)b)->fingerprint, 32);
}

/* What stands before the anchors; the pen is at them, @end behind them. */
static void put_bundle(struct pen *pen, const uint8_t *end, const char *name, uint64_t number,
		       int64_t created, int64_t expires)
{
	/* A BIT STRING of bit 5 alone: two unused bits. */
	static const uint8_t purposes[] = { CC_DER_BIT_STRING, 2, 7 - CC_PURPOSE_CT_LOG,
					    0x80 >> CC_PURPOSE_CT_LOG };

	head(pen, CC_DER_CONTEXT_CONS(4), end);
	put(pen, purposes, sizeof(purposes));
	if (expires != CAPCERT_TIME_UNKNOWN)
		put_time(pen, CC_DER_CONTEXT(0), expires);
	put_time(pen, CC_DER_GENERALIZED_TIME, created);
	put_number(pen, CC_DER_INTEGER, number);
	put_text(pen, CC_DER_UTF8_STRING, name);
	put_number(pen, CC_DER_ENUMERATED, CC_BUNDLE_STORE);
	put_number(pen, CC_DER_INTEGER, 1);
	head(pen, CC_DER_SEQUENCE, end);
}

/* One after another from the last: they are written backwards. */
static int write_out(struct choice *choices, size_t count, const char *name, uint64_t number,
		     int64_t created, int64_t expires, uint8_t **ret, size_t *ret_len)
{
	size_t room = HEAD_MAX, i;
	uint8_t *buf, *end;
	struct pen pen;

	for (i = 0; i < count; i++)
		room += choices[i].len;
	buf = malloc(room);
	if (!buf)
		return -ENOMEM;
	end = buf + room;
	pen.at = end;
	for (i = count; i; i--)
		put(&pen, choices[i - 1].der, choices[i - 1].len);
	put_bundle(&pen, end, name, number, created, expires);
	*ret_len = (size_t)(end - pen.at);
	memmove(buf, pen.at, *ret_len);
	*ret = buf;
	return 0;
}

int capcert_loglist_to_bundle(const capcert_loglist *list, const char *name, uint64_t number,
			      int64_t expires, uint8_t **ret, size_t *ret_len)
{
	int64_t created = loglist_time(list);
	uint32_t count = loglist_count(list), n = 0;
	struct choice *choices;
	int r = 0;

	if (!cc_bundle_name_valid(cc_span(name, strlen(name))) || !number || number > INT64_MAX ||
	    created < 0 || (expires != CAPCERT_TIME_UNKNOWN && expires <= created))
		return -EINVAL;
	choices = calloc(count + 1, sizeof(*choices));
	if (!choices)
		return -ENOMEM;
	while (r == 0 && n < count) {
		r = make_choice(loglist_at(list, n), &choices[n]);
		n++;
	}
	qsort(choices, n, sizeof(*choices), by_fingerprint);
	if (r == 0)
		r = write_out(choices, count, name, number, created, expires, ret, ret_len);
	while (n)
		free(choices[--n].der);
	free(choices);
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
