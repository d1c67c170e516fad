// SPDX-License-Identifier: LGPL-2.1-or-later
/* One CT log: checked once, then never changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/base64.h>
#include <nettle/ecc.h>
#include <nettle/ecc-curve.h>
#include <unistr.h>
#include "core/der.h"
#include "core/spki.h"
#include "libcapcert/loglist.h"
#include "libcapcert/sha.h"

#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 8192
#define TIME_LAST 253402300799 /* 9999-12-31T23:59:59Z */
#define SPKI_MAX 2048	       /* RSA of 8192 bits with a large exponent is shorter */

/* Of Chrome's announcement of January 2026: log "mimics", for programs that nobody updates. */
static const uint8_t mimics[][32] = {
	{ 0xf4, 0x41, 0x95, 0xd6, 0xf0, 0x0e, 0x2d, 0xb5, 0x54, 0x35, 0xca,
	  0xdd, 0x57, 0x78, 0x92, 0xe5, 0x3e, 0x15, 0xad, 0x41, 0x70, 0x58,
	  0xf8, 0x78, 0xe1, 0x4f, 0xf6, 0xb9, 0x18, 0x74, 0x15, 0x89 },
	{ 0xb2, 0x2f, 0x7e, 0xde, 0xb5, 0xaf, 0x6a, 0xfe, 0x50, 0x3d, 0xe0,
	  0x40, 0x81, 0xb2, 0xd7, 0x4c, 0x12, 0x53, 0x84, 0x92, 0xfe, 0xdf,
	  0x2c, 0xb2, 0xa5, 0x26, 0x50, 0x3c, 0xef, 0x53, 0xce, 0xd2 },
};

bool log_mimic(const uint8_t id[32])
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(mimics); i++)
		if (memcmp(mimics[i], id, 32) == 0)
			return true;
	return false;
}

/* A point that is not on its curve would be found at the first signature only. */
static bool on_curve(const struct cc_spki *spki)
{
	const struct ecc_curve *curve =
		spki->alg == CC_KEY_P256 ? nettle_get_secp_256r1() : nettle_get_secp_384r1();
	size_t n = spki->bits / 8;
	struct ecc_point point;
	mpz_t x, y;
	bool ok;

	if (spki->key.n != 1 + 2 * n || spki->key.p[0] != 4)
		return false;
	mpz_init(x);
	mpz_init(y);
	mpz_import(x, n, 1, 1, 0, 0, spki->key.p + 1);
	mpz_import(y, n, 1, 1, 0, 0, spki->key.p + 1 + n);
	ecc_point_init(&point, curve);
	ok = ecc_point_set(&point, x, y) == 1;
	ecc_point_clear(&point);
	mpz_clear(x);
	mpz_clear(y);
	return ok;
}

static int check_key(struct cc_span der, uint8_t *ret_alg, const char **ret_error)
{
	struct cc_spki spki;
	struct cc_span in = der;

	*ret_error = "the key is no SubjectPublicKeyInfo in DER";
	if (!der.p || der.n > SPKI_MAX || cc_spki_get(&in, &spki) != CC_DER_OK || in.n)
		return -EBADMSG;
	switch (spki.alg) {
	case CC_KEY_P256:
	case CC_KEY_P384:
		*ret_error = "the key is no uncompressed point of its curve";
		if (!on_curve(&spki))
			return -EBADMSG;
		break;
	case CC_KEY_RSA:
		*ret_error = "an RSA key of a log has 2048 to 8192 bits";
		if (spki.bits < RSA_MIN_BITS || spki.bits > RSA_MAX_BITS)
			return -EOPNOTSUPP;
		break;
	default:
		*ret_error = "a log's key is EC P-256, EC P-384 or RSA";
		return -EOPNOTSUPP;
	}
	*ret_alg = spki.alg;
	return 0;
}

/* NULL is fine. */
static bool text_ok(const char *text, size_t max)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n, i;

	if (!text)
		return true;
	n = strnlen(text, max + 1);
	if (n == 0 || n > max || u8_check(p, n))
		return false;
	for (i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] == 0x7f)
			return false;
	return true;
}

static bool url_ok(const char *url)
{
	const char *host = url, *p;

	if (!url)
		return true;
	if (!strncmp(url, "https://", 8))
		host += 8;
	else if (!strncmp(url, "http://", 7))
		host += 7;
	if (host == url || *host == '/' || !text_ok(url, LOG_URL_MAX))
		return false;
	for (p = url; *p; p++)
		if (*p <= 0x20 || *p > 0x7e || strchr("\"<>\\^`{|}?#", *p))
			return false;
	return p[-1] == '/';
}

static int64_t normal(int64_t since)
{
	return since <= 0 ? CAPCERT_TIME_UNKNOWN : since;
}

/* What DER and people can write. */
static bool time_ok(int64_t time)
{
	return time == CAPCERT_TIME_UNKNOWN || (time >= 0 && time <= TIME_LAST);
}

static const char *history_error(const struct capcert_log_info *in)
{
	size_t i;

	if (in->operator_count > LOG_HISTORY_MAX || in->state_count > LOG_HISTORY_MAX)
		return "more than 16 operators, or states";
	for (i = 0; i < in->operator_count; i++) {
		if (!in->operators[i].name || !text_ok(in->operators[i].name, LOG_OPERATOR_MAX))
			return "an operator's name is not 1 to 127 octets of UTF-8";
		if (i && (in->operators[i].since <= 0 ||
			  in->operators[i].since <= in->operators[i - 1].since))
			return "the operators do not ascend by time";
		if (!time_ok(in->operators[i].since))
			return "a time outside the years 1970 to 9999";
	}
	for (i = 0; i < in->state_count; i++) {
		if (in->states[i].state > CAPCERT_LOG_REJECTED)
			return "an unknown state";
		if (i &&
		    (in->states[i].since <= 0 || in->states[i].since <= in->states[i - 1].since))
			return "the states do not ascend by time";
		if (!time_ok(in->states[i].since))
			return "a time outside the years 1970 to 9999";
	}
	return NULL;
}

static const char *facts_error(const struct capcert_log_info *in)
{
	if (in->kind > CAPCERT_LOG_STATIC_CT)
		return "an unknown kind of log";
	if (in->mmd > INT32_MAX)
		return "the maximum merge delay is over 2^31 - 1 seconds";
	if (!text_ok(in->name, LOG_DESCRIPTION_MAX))
		return "the name is not 1 to 255 octets of UTF-8 without control characters";
	if (in->has_interval && (in->interval_start < 0 || in->interval_end > TIME_LAST))
		return "a time outside the years 1970 to 9999";
	if (in->has_interval && in->interval_start >= in->interval_end)
		return "the interval ends before it begins";
	if (!url_ok(in->submission))
		return "the submission URL is not http(s)://.../ of at most 511 octets";
	if (!url_ok(in->monitoring))
		return "the monitoring URL is not http(s)://.../ of at most 511 octets";
	if (!text_ok(in->source, LOG_DESCRIPTION_MAX))
		return "the source is not 1 to 255 octets of UTF-8 without control characters";
	if (in->source && !time_ok(in->source_date))
		return "a time outside the years 1970 to 9999";
	return history_error(in);
}

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Texts and the key go behind the arrays, one after another. */
static const char *keep(char **at, const void *p, size_t n)
{
	char *to = *at;

	if (!p)
		return NULL;
	memcpy(to, p, n);
	*at += n;
	return to;
}

static size_t size_of(const struct capcert_log_info *in)
{
	size_t n = sizeof(struct capcert_log) + in->key_len, i;

	n += in->operator_count * sizeof(*in->operators) + in->state_count * sizeof(*in->states);
	n += text_size(in->name) + text_size(in->submission) + text_size(in->monitoring) +
	     text_size(in->source);
	for (i = 0; i < in->operator_count; i++)
		n += text_size(in->operators[i].name);
	return n;
}

static void fill(capcert_log *log, const struct capcert_log_info *in)
{
	struct capcert_log_operator *operators = (struct capcert_log_operator *)(log + 1);
	struct capcert_log_state *states =
		(struct capcert_log_state *)(operators + in->operator_count);
	char *at = (char *)(states + in->state_count);
	struct ct_log *f = &log->facts;
	size_t i;

	for (i = 0; i < in->operator_count; i++) {
		const char *name = in->operators[i].name;

		operators[i].since = i ? in->operators[i].since : CAPCERT_TIME_UNKNOWN;
		operators[i].name = keep(&at, name, text_size(name));
	}
	for (i = 0; i < in->state_count; i++) {
		states[i].state = in->states[i].state;
		states[i].since = normal(in->states[i].since);
	}
	f->operators = operators;
	f->operator_count = (uint32_t)in->operator_count;
	f->states = states;
	f->state_count = (uint32_t)in->state_count;
	f->spki = cc_span(keep(&at, in->key, in->key_len), in->key_len);
	f->description = keep(&at, in->name, text_size(in->name));
	f->submission = keep(&at, in->submission, text_size(in->submission));
	f->monitoring = keep(&at, in->monitoring, text_size(in->monitoring));
	f->source = keep(&at, in->source, text_size(in->source));
	f->source_date = in->source ? in->source_date : CAPCERT_TIME_UNKNOWN;
	f->kind = (enum log_kind)in->kind;
	f->mmd = in->mmd;
	f->has_interval = in->has_interval != 0;
	f->interval_start = f->has_interval ? in->interval_start : 0;
	f->interval_end = f->has_interval ? in->interval_end : 0;
}

/* One way to write each fact, so that equal lists have equal digests. */
static void normalise(struct capcert_log_info *in)
{
	static const struct capcert_log_operator unknown = { LOG_OPERATOR_UNKNOWN,
							     CAPCERT_TIME_UNKNOWN };

	if (!in->name)
		in->name = LOG_UNNAMED;
	if (!in->operator_count) {
		in->operators = &unknown;
		in->operator_count = 1;
	}
	/* Usable from ever is what no state means. */
	if (in->state_count == 1 && in->states[0].state == CAPCERT_LOG_USABLE &&
	    in->states[0].since <= 0)
		in->state_count = 0;
}

int capcert_log_new(const struct capcert_log_info *info, capcert_log **ret, const char **ret_error)
{
	struct cc_span key = cc_span(info->key, info->key_len);
	struct capcert_log_info in = *info;
	const char *error = NULL;
	uint8_t id[32], alg = 0;
	capcert_log *log;
	int r;

	r = check_key(key, &alg, &error);
	if (r == 0) {
		sha256_of(key, id);
		error = log_mimic(id) ? "its private key is published: it is refused always"
				      : facts_error(info);
		if (error)
			r = log_mimic(id) ? -EPERM : -EINVAL;
	}
	if (r < 0) {
		if (ret_error)
			*ret_error = error;
		return r;
	}
	normalise(&in);
	log = calloc(1, size_of(&in));
	if (!log)
		return -ENOMEM;
	atomic_init(&log->refs, 1);
	fill(log, &in);
	memcpy(log->facts.id, id, 32);
	log->facts.key_alg = alg;
	*ret = log;
	return 0;
}

int capcert_log_new_base64(const char *key, const struct capcert_log_info *info, capcert_log **ret,
			   const char **ret_error)
{
	struct capcert_log_info in = { 0 };
	uint8_t der[BASE64_DECODE_LENGTH(BASE64_ENCODE_RAW_LENGTH(SPKI_MAX))];
	size_t len = strnlen(key, BASE64_ENCODE_RAW_LENGTH(SPKI_MAX) + 1), n = sizeof(der);
	struct base64_decode_ctx ctx;

	if (info)
		in = *info;
	base64_decode_init(&ctx);
	/* nettle passes over blanks; nobody writes them into a key. */
	if (len > BASE64_ENCODE_RAW_LENGTH(SPKI_MAX) || strpbrk(key, " \t\r\n\v\f") ||
	    !base64_decode_update(&ctx, &n, der, len, key) || !base64_decode_final(&ctx)) {
		if (ret_error)
			*ret_error = "the key is not base64";
		return -EBADMSG;
	}
	in.key = der;
	in.key_len = n;
	return capcert_log_new(&in, ret, ret_error);
}

capcert_log *capcert_log_ref(const capcert_log *const_log)
{
	capcert_log *log = (capcert_log *)(uintptr_t)const_log; /* the count is not part of it */

	atomic_fetch_add_explicit(&log->refs, 1, memory_order_relaxed);
	return log;
}

void capcert_log_free(capcert_log *log)
{
	if (log && atomic_fetch_sub_explicit(&log->refs, 1, memory_order_acq_rel) == 1)
		free(log);
}

void capcert_log_get(const capcert_log *log, struct capcert_log_info *ret)
{
	const struct ct_log *f = &log->facts;

	memcpy(ret->id, f->id, 32);
	ret->key = f->spki.p;
	ret->key_len = f->spki.n;
	ret->kind = f->kind;
	ret->mmd = f->mmd;
	ret->name = f->description;
	ret->operators = f->operators;
	ret->operator_count = f->operator_count;
	ret->states = f->states;
	ret->state_count = f->state_count;
	ret->has_interval = f->has_interval;
	ret->interval_start = f->interval_start;
	ret->interval_end = f->interval_end;
	ret->submission = f->submission;
	ret->monitoring = f->monitoring;
	ret->source = f->source;
	ret->source_date = f->source_date;
}

const char *log_operator_at(const struct ct_log *log, int64_t time)
{
	uint32_t i = log->operator_count - 1;

	while (i && log->operators[i].since > time)
		i--;
	return log->operators[i].name;
}

enum log_state log_state_at(const struct ct_log *log, int64_t time, int64_t *ret_since)
{
	enum log_state state = LOG_USABLE;
	int64_t since = CAPCERT_TIME_UNKNOWN;
	uint32_t i = log->state_count;

	while (i && log->states[i - 1].since > time)
		i--;
	if (i) {
		state = (enum log_state)log->states[i - 1].state;
		since = log->states[i - 1].since;
	} else if (log->state_count && log->states[0].state != LOG_READONLY &&
		   log->states[0].state != LOG_RETIRED) {
		state = LOG_PENDING;
	}
	if (ret_since)
		*ret_since = since;
	return state;
}

const char *capcert_log_operator_at(const capcert_log *log, int64_t time)
{
	return log_operator_at(&log->facts, time);
}

uint32_t capcert_log_state_at(const capcert_log *log, int64_t time, int64_t *ret_since)
{
	return log_state_at(&log->facts, time, ret_since);
}

const char *capcert_log_state_name(uint32_t state)
{
	static const char *const names[] = { "pending",	 "qualified", "usable",
					     "readonly", "retired",   "rejected" };

	return state < CC_ARRAY_SIZE(names) ? names[state] : NULL;
}

const char *capcert_log_kind_name(uint32_t kind)
{
	static const char *const names[] = { "rfc6962", "static-ct" };

	return kind < CC_ARRAY_SIZE(names) ? names[kind] : NULL;
}
