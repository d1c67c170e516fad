// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading a policy's text: nothing is guessed, and every error says what would be right. */
#include "core/oid.h"
#include "core/policy_field.h"
#include "core/text.h"

static void field_set(struct cc_policy *p, const struct cc_policy_field *f, uint32_t value)
{
	uint8_t *at = (uint8_t *)p + f->offset;
	uint16_t v16 = (uint16_t)value;

	switch (f->size) {
	case 1:
		*at = (uint8_t)value;
		break;
	case 2:
		memcpy(at, &v16, 2);
		break;
	default:
		memcpy(at, &value, 4);
		break;
	}
}

static int find_word(const struct cc_words *w, const char *p, size_t n)
{
	unsigned int i;

	for (i = 0; i < w->count; i++)
		if (cc_text_is(p, n, w->word[i]))
			return (int)i;
	return -1;
}

/* Decimal without sign or superfluous zeros, at most 9 digits. Return: digits read. */
static size_t take_decimal(const char *p, size_t n, uint32_t *ret)
{
	uint32_t value = 0;
	size_t i;

	for (i = 0; i < n && i < 9 && cc_ascii_digit((uint8_t)p[i]); i++)
		value = value * 10 + (uint32_t)(p[i] - '0');
	if (i > 1 && p[0] == '0')
		return 0;
	*ret = value;
	return i;
}

static bool read_number(const char *p, size_t n, uint32_t *ret)
{
	return n && take_decimal(p, n, ret) == n;
}

static bool read_duration(const char *p, size_t n, uint32_t *ret)
{
	size_t digits = take_decimal(p, n, ret);
	uint32_t unit;

	if (digits == 0 || n - digits != 1)
		return false;
	switch (p[digits]) {
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'd':
		unit = 86400;
		break;
	default:
		return false;
	}
	if (*ret > CC_POLICY_LONGEST / unit)
		return false;
	*ret *= unit;
	return true;
}

static int find_in_mask(const struct cc_policy_field *f, const char *p, size_t n)
{
	switch (f->kind) {
	case CC_FIELD_KEY_ALGS:
		return cc_key_alg_parse(p, n);
	case CC_FIELD_SCHEMES:
		return cc_scheme_parse(p, n);
	default:
		return find_word(f->words, p, n);
	}
}

/* Length of the list item at @p, blanks around it put aside; @ret_used: with its comma. */
static struct cc_span list_item(const char *p, size_t n, size_t *ret_used)
{
	size_t end = 0, start = 0;

	while (end < n && p[end] != ',')
		end++;
	*ret_used = end < n ? end + 1 : end;
	while (start < end && (p[start] == ' ' || p[start] == '\t'))
		start++;
	while (end > start && (p[end - 1] == ' ' || p[end - 1] == '\t'))
		end--;
	return cc_span(p + start, end - start);
}

static bool read_mask(const struct cc_policy_field *f, const char *p, size_t n, uint32_t *ret)
{
	uint32_t mask = 0;
	size_t used;

	*ret = cc_policy_mask_all(f);
	if (cc_text_is(p, n, "all"))
		return true;
	*ret = 0;
	if (cc_text_is(p, n, "none"))
		return true;
	/* A comma at the end leaves one empty item, which is no word. */
	for (;;) {
		struct cc_span item = list_item(p, n, &used);
		int bit = find_in_mask(f, (const char *)item.p, item.n);

		if (bit < 0 || mask >> bit & 1)
			return false;
		mask |= 1u << bit;
		if (used == n && p[n - 1] != ',')
			break;
		p += used;
		n -= used;
		if (n == 0)
			return false;
	}
	*ret = mask;
	return true;
}

static bool read_logs(const char *p, size_t n, struct cc_policy *policy)
{
	size_t i;

	if (n == 0 || n >= sizeof(policy->ct_logs))
		return false;
	for (i = 0; i < n; i++) {
		uint8_t c = cc_ascii_lower((uint8_t)p[i]);

		if (!(c >= 'a' && c <= 'z') && !cc_ascii_digit(c) && c != '.' && c != '_' &&
		    c != '-')
			return false;
	}
	memset(policy->ct_logs, 0, sizeof(policy->ct_logs));
	if (!cc_text_is(p, n, "none"))
		memcpy(policy->ct_logs, p, n);
	return true;
}

static int oid_order(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	int c = memcmp(a, b, an < bn ? an : bn);

	return c ? c : (int)an - (int)bn;
}

static bool insert_oid(struct cc_policy *policy, const uint8_t *oid, size_t n)
{
	unsigned int i, k;
	int order;

	for (i = 0; i < policy->policy_oid_count; i++) {
		order = oid_order(oid, n, policy->policy_oids[i].p, policy->policy_oids[i].n);
		if (order == 0)
			return false;
		if (order < 0)
			break;
	}
	if (policy->policy_oid_count == CC_POLICY_OIDS)
		return false;
	for (k = policy->policy_oid_count++; k > i; k--)
		memcpy(&policy->policy_oids[k], &policy->policy_oids[k - 1],
		       sizeof(policy->policy_oids[0]));
	memset(&policy->policy_oids[i], 0, sizeof(policy->policy_oids[0]));
	policy->policy_oids[i].n = (uint8_t)n;
	memcpy(policy->policy_oids[i].p, oid, n);
	return true;
}

static bool read_oids(const char *p, size_t n, struct cc_policy *policy)
{
	uint8_t oid[CC_POLICY_OID_MAX];
	size_t used, len;

	policy->policy_oid_count = 0;
	memset(policy->policy_oids, 0, sizeof(policy->policy_oids));
	if (cc_text_is(p, n, "any"))
		return true;
	if (cc_text_is(p, n, "none")) {
		policy->policy_oid_count = 1;
		return true;
	}
	for (;;) {
		struct cc_span item = list_item(p, n, &used);

		len = cc_oid_parse((const char *)item.p, item.n, oid, sizeof(oid));
		if (len == 0 || !insert_oid(policy, oid, len))
			return false;
		if (used == n && p[n - 1] != ',')
			return true;
		p += used;
		n -= used;
		if (n == 0)
			return false;
	}
}

static bool read_value(const struct cc_policy_field *f, const char *p, size_t n,
		       struct cc_policy *policy)
{
	uint32_t value = 0;
	int word;

	switch (f->kind) {
	case CC_FIELD_CHOICE:
		word = find_word(f->words, p, n);
		if (word < 0)
			return false;
		value = (uint32_t)word;
		break;
	case CC_FIELD_NUMBER:
		if (!read_number(p, n, &value) || value < f->min || value > f->max)
			return false;
		break;
	case CC_FIELD_DURATION:
		if (!read_duration(p, n, &value) || value < f->min || value > f->max)
			return false;
		break;
	case CC_FIELD_CHAIN:
		if (!cc_text_is(p, n, "any") &&
		    (!read_number(p, n, &value) || value == 0 || value > 255))
			return false;
		break;
	case CC_FIELD_LOGS:
		return read_logs(p, n, policy);
	case CC_FIELD_OIDS:
		return read_oids(p, n, policy);
	default:
		if (!read_mask(f, p, n, &value))
			return false;
		break;
	}
	field_set(policy, f, value);
	return true;
}

static bool read_preset(const char *p, size_t n, struct cc_policy *policy)
{
	unsigned int i;

	for (i = CC_PRESET_CUSTOM + 1; i < CC_PRESET_COUNT; i++) {
		if (!cc_text_is(p, n, cc_preset_name(i)))
			continue;
		cc_policy_preset((enum cc_preset)i, policy);
		return true;
	}
	return false;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

#define PRESET_WORDS "preset: webpki-[strict|strict-ocsp|lenient], private-mtls or code-signing"
#define UNKNOWN_KEY "unknown key; known: preset profile lifetime common_name algs schemes "
#define KEYS_CHECKS                                                                         \
	"rsa_min max_chain max_issuers name_constraints clock_skew clock time min_scts ct " \
	"sct_sources sct_time ct_logs log_list_age "
#define KEYS_EVIDENCE "revocation revocation_mode revocation_scope max_age ocsp_nonce stapling "
#define KEYS_POLICIES "policies explicit_policy inhibit_mapping inhibit_any"

struct reader {
	const char *text;
	struct cc_policy *policy;
	uint32_t seen; /* rows of cc_policy_fields[] */
	bool any;      /* an entry was read */
	struct cc_policy_error err;
};

static bool fail(struct reader *r, size_t offset, const char *what)
{
	r->err.offset = offset;
	r->err.what = what;
	return false;
}

/* One entry "key=value" at @start, blanks around it gone already, not empty. */
static bool read_entry(struct reader *r, size_t start, size_t end)
{
	const char *text = r->text;
	size_t eq = start, key_end, value;
	bool first = !r->any;
	unsigned int i;

	r->any = true;
	while (eq < end && text[eq] != '=')
		eq++;
	if (eq == end)
		return fail(r, start, "expected key=value");
	for (key_end = eq; key_end > start && blank(text[key_end - 1]);)
		key_end--;
	for (value = eq + 1; value < end && blank(text[value]);)
		value++;
	if (cc_text_is(text + start, key_end - start, "preset")) {
		if (!first)
			return fail(r, start, "preset must be the first key, and only once");
		if (!read_preset(text + value, end - value, r->policy))
			return fail(r, value, PRESET_WORDS);
		return true;
	}
	for (i = 0; i < CC_POLICY_FIELDS; i++)
		if (cc_text_is(text + start, key_end - start, cc_policy_fields[i].key))
			break;
	if (i == CC_POLICY_FIELDS)
		return fail(r, start, UNKNOWN_KEY KEYS_CHECKS KEYS_EVIDENCE KEYS_POLICIES);
	if (r->seen >> i & 1)
		return fail(r, start, "the same key twice");
	r->seen |= 1u << i;
	if (!read_value(&cc_policy_fields[i], text + value, end - value, r->policy))
		return fail(r, value, cc_policy_fields[i].allowed);
	return true;
}

static bool read_all(struct reader *r, size_t len)
{
	size_t start = 0, end, next;

	if (len > CC_POLICY_TEXT_MAX)
		return fail(r, CC_POLICY_TEXT_MAX, "a policy has at most 2048 bytes");
	for (; start < len; start = next + 1) {
		for (next = start; next < len && r->text[next] != '\n' && r->text[next] != ';';)
			next++;
		for (end = next; end > start && blank(r->text[end - 1]);)
			end--;
		while (start < end && blank(r->text[start]))
			start++;
		if (start < end && !read_entry(r, start, end))
			return false;
	}
	return true;
}

int cc_policy_parse(const char *text, size_t len, struct cc_policy *ret,
		    struct cc_policy_error *err)
{
	struct cc_policy policy, preset;
	struct reader r = { text, &policy, 0, false, { 0, NULL } };

	cc_policy_preset(CC_PRESET_CUSTOM, &policy);
	if (!read_all(&r, len)) {
		*err = r.err;
		return -1;
	}
	/* Whoever compares the preset's name may rely on all that it promises. */
	cc_policy_preset((enum cc_preset)policy.preset, &preset);
	if (!cc_policy_stricter(&policy, &preset))
		policy.preset = CC_PRESET_CUSTOM;
	memcpy(ret, &policy, sizeof(policy));
	return 0;
}
