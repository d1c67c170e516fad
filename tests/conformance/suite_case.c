// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a case is made of: its file, times, certificates, and one verification. */
#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/time.h"
#include "tests/conformance/suite.h"

/* ---- files ---- */

static char *read_all(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	size_t room = 1 << 16, len = 0, n;
	char *data = malloc(room);

	if (!f || !data)
		suite_die(path, f ? "out of memory" : strerror(errno));
	while ((n = fread(data + len, 1, room - len, f)) > 0) {
		len += n;
		if (len == room)
			data = realloc(data, room *= 2);
		if (!data)
			suite_die(path, "out of memory");
	}
	if (ferror(f))
		suite_die(path, "cannot be read");
	fclose(f);
	*ret_len = len;
	return data;
}

static char *unpack(const char *path, char *packed, size_t packed_len, size_t *ret_len)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	size_t room = packed_len * 8;
	char *data = malloc(room);
	lzma_ret r = lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED);

	stream.next_in = (uint8_t *)packed;
	stream.avail_in = packed_len;
	stream.next_out = (uint8_t *)data;
	stream.avail_out = room;
	while (data && r == LZMA_OK) {
		r = lzma_code(&stream, LZMA_FINISH);
		if (r == LZMA_OK && stream.avail_out == 0) {
			stream.avail_out = room;
			data = realloc(data, room *= 2);
			stream.next_out = (uint8_t *)data + room / 2;
		}
	}
	if (!data || r != LZMA_STREAM_END)
		suite_die(path, data ? "not a good xz file" : "out of memory");
	*ret_len = room - stream.avail_out;
	lzma_end(&stream);
	free(packed);
	return data;
}

json_t *suite_load(const char *path)
{
	static const char magic[] = "\xfd"
				    "7zXZ";
	json_error_t error;
	json_t *root;
	size_t len;
	char *data = read_all(path, &len);

	if (len > sizeof(magic) && !memcmp(data, magic, sizeof(magic)))
		data = unpack(path, data, len, &len);
	root = json_loadb(data, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	if (!root)
		suite_die(path, error.text);
	free(data);
	return root;
}

/* ---- times ---- */

/* "", "Z", "+hh:mm" or "-hh:mm", behind a fraction of a second, if any. */
static bool parse_zone(const char *text, int64_t *ret_offset)
{
	int hours, minutes, n = 0;

	if (*text == '.') {
		size_t digits = strspn(++text, "0123456789");

		if (!digits)
			return false;
		text += digits;
	}
	*ret_offset = 0;
	if (!*text || !strcmp(text, "Z"))
		return true;
	if ((*text != '+' && *text != '-') ||
	    sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || n != 5 || text[6])
		return false;
	*ret_offset = (hours * 60 + minutes) * 60;
	if (*text == '-')
		*ret_offset = -*ret_offset;
	return true;
}

bool suite_time_parse(const char *text, int64_t *ret)
{
	int year, month, day, hour = 0, minute = 0, second = 0, n = 0;
	struct cc_civil c;
	int64_t offset = 0;
	char *end;

	*ret = strtoll(text, &end, 10);
	if (*text && !*end)
		return true;
	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 || n != 10)
		return false;
	text += n;
	n = 0;
	if (*text && (sscanf(text, "%*1[T ]%2d:%2d:%2d%n", &hour, &minute, &second, &n) != 3 ||
		      n != 9 || !parse_zone(text + n, &offset)))
		return false;
	c = (struct cc_civil){ (uint16_t)year, (uint8_t)month,	(uint8_t)day,
			       (uint8_t)hour,  (uint8_t)minute, (uint8_t)second };
	if (!cc_time_from_civil(&c, ret))
		return false;
	*ret -= offset;
	return true;
}

int64_t suite_time(const char *text)
{
	int64_t ret;

	if (!text)
		return time(NULL);
	if (!suite_time_parse(text, &ret))
		suite_die("not a time", text);
	return ret;
}

/* ---- certificates ---- */

static int parse(const char *pem, capcert_cert **ret)
{
	int r = pem ? capcert_cert_new((const uint8_t *)pem, strlen(pem), ret, NULL) : -EBADMSG;

	if (r == -ENOMEM)
		suite_die("out of memory", "certificate");
	return r;
}

capcert_store *suite_store(const json_t *pems, uint32_t purposes)
{
	capcert_store *store;
	size_t i, n;

	if (capcert_store_new(&store) < 0)
		suite_die("out of memory", "store");
	for (i = 0; i < json_array_size(pems); i++) {
		capcert_cert *cert;
		const uint8_t *der;
		int r;

		if (parse(json_string_value(json_array_get(pems, i)), &cert) < 0)
			continue;
		der = capcert_cert_der(cert, &n);
		r = capcert_store_put(store, der, n, purposes);
		if (r < 0 && r != -EEXIST)
			suite_die("cannot trust a certificate", strerror(-r));
		capcert_cert_free(cert);
	}
	return store;
}

static int push(capcert_chain *chain, const char *pem)
{
	capcert_cert *cert;
	int r = parse(pem, &cert);

	if (r < 0)
		return r;
	r = capcert_chain_push(chain, cert);
	capcert_cert_free(cert);
	return r;
}

/* An intermediate that does not parse is left out, as the engine would. */
static int build_chain(const struct suite_request *q, capcert_chain **ret)
{
	size_t i;
	int r;

	if (capcert_chain_new(ret) < 0)
		suite_die("out of memory", "chain");
	r = push(*ret, q->leaf);
	for (i = 0; r == 0 && i < json_array_size(q->others); i++) {
		r = push(*ret, json_string_value(json_array_get(q->others, i)));
		if (r == -EBADMSG)
			r = 0;
	}
	return r;
}

/* A list that does not parse is left out, and then is missed. */
static capcert_evidence *make_evidence(const json_t *crls)
{
	capcert_evidence *ret;
	size_t i;

	if (capcert_evidence_new(&ret) < 0)
		suite_die("out of memory", "evidence");
	for (i = 0; i < json_array_size(crls); i++) {
		const char *pem = json_string_value(json_array_get(crls, i));
		int r = pem ? capcert_evidence_put_crl(ret, (const uint8_t *)pem, strlen(pem))
			    : -EBADMSG;

		if (r < 0 && r != -EBADMSG && r != -EEXIST)
			suite_die("cannot take a revocation list", strerror(-r));
	}
	return ret;
}

/* The verdict, and once more with a report: that must not change a bit of it. */
static int verify_twice(const capcert_policy *policy, const capcert_store *store,
			const struct capcert_params *params, struct capcert_result *ret)
{
	struct capcert_result again;
	capcert_report *report;
	int r = capcert_verify_local(policy, store, NULL, params, ret);

	if (r < 0)
		return r;
	if (capcert_verify_local_report(policy, store, NULL, params, &again, &report) < 0)
		suite_die("no report", ret->outcome.detail);
	if (memcmp(ret, &again, sizeof(again)) ||
	    (ret->path_count && !report->note_count && !report->path_count) ||
	    (report->path_count && report->paths[0].valid != (int)ret->outcome.valid))
		suite_die("a report has changed the verdict", ret->outcome.detail);
	capcert_report_free(report);
	return 0;
}

static int run(const struct suite_request *q, const capcert_chain *chain,
	       struct capcert_result *ret)
{
	struct capcert_params params = {
		.chain = chain, .purpose = q->purpose, .have_time = 1, .time = q->at
	};
	capcert_evidence *evidence = make_evidence(q->crls);
	capcert_policy *policy;
	const char *error;
	int r;

	if (capcert_policy_new(q->policy, &policy, &error) < 0)
		suite_die(q->policy, error);
	if (q->name) {
		params.name = json_string_value(q->name);
		if (strlen(params.name) != json_string_length(q->name))
			params.name = ""; /* a NUL within: no name */
	}
	params.evidence = evidence;
	r = verify_twice(policy, q->store, &params, ret);
	capcert_policy_free(policy);
	capcert_evidence_free(evidence);
	return r;
}

bool suite_verify(const struct suite_request *q, char detail[SUITE_DETAIL])
{
	struct capcert_result result;
	capcert_chain *chain;
	int r = build_chain(q, &chain);

	if (r == 0)
		r = run(q, chain, &result);
	capcert_chain_free(chain);
	if (r < 0) {
		snprintf(detail, SUITE_DETAIL, "refused: %s",
			 r == -EBADMSG ? "malformed" : strerror(-r));
		return false;
	}
	if (q->name && result.outcome.name_type != q->name_type) {
		snprintf(detail, SUITE_DETAIL, "refused: not a name of the kind asked for");
		return false;
	}
	snprintf(detail, SUITE_DETAIL, "%s: %s", capcert_reason_name(result.outcome.reason),
		 result.outcome.detail);
	return result.outcome.valid;
}
