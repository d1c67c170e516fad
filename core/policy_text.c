// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The text form of policies: one table of keys, read and written by the same rows. */
#include "core/der.h"
#include "core/oid.h"
#include "core/policy.h"
#include "core/text.h"

enum kind { CHOICE, NUMBER, DURATION, KEY_ALGS, SCHEMES, EVIDENCE, CHAIN, LOGS, OIDS };

/* Words of a CHOICE by value; bools are no and yes of what the field says. */
struct words {
	unsigned int count;
	const char *word[5];
};

static const struct words profile_words = { 2, { "rfc5280", "webpki" } };
static const struct words lifetime_words = { 2, { "baseline", "any" } };
static const struct words ct_words = {
	5, { "at-least", "distinct-logs", "all", "chrome", "all+chrome" }
};
static const struct words mode_words = { 3, { "off", "soft", "hard" } };
static const struct words scope_words = { 2, { "leaf", "chain" } };
static const struct words stapling_words = { 2, { "optional", "required" } };
static const struct words permit_words = { 2, { "refuse", "permit" } };
static const struct words clock_words = { 4, { "untrusted", "rtc", "synced", "attested" } };
static const struct words time_words = { 2, { "now", "any" } };
static const struct words yes_words = { 2, { "no", "yes" } };
static const struct words evidence_words = { 4, { "staple", "ocsp", "crl", "short-lived" } };

struct field {
	const char *key;
	const char *allowed;
	const struct words *words;
	uint32_t min, max; /* NUMBER, DURATION */
	uint16_t offset;
	uint8_t size;
	uint8_t kind;
};

#define AT(f) offsetof(struct cc_policy, f), sizeof(((struct cc_policy *)0)->f)
#define YEARS10 315360000u

static const struct field fields[] = {
	{ "profile", "profile: rfc5280 or webpki", &profile_words, 0, 0, AT(profile), CHOICE },
	{ "lifetime", "lifetime: baseline or any", &lifetime_words, 0, 0, AT(any_lifetime),
	  CHOICE },
	{ "min_scts", "min_scts: 0 to 255", NULL, 0, 255, AT(min_scts), NUMBER },
	{ "ct", "ct: at-least, distinct-logs, all, chrome or all+chrome", &ct_words, 0, 0,
	  AT(ct_rule), CHOICE },
	{ "ct_logs", "ct_logs: none, or a store's name: 1 to 63 of a-z A-Z 0-9 . _ -", NULL, 0, 0,
	  AT(ct_logs), LOGS },
	{ "log_list_age", "log_list_age: 1s to 3650d, with s, m, h or d", NULL, 1, YEARS10,
	  AT(max_log_list_age), DURATION },
	{ "algs",
	  "algs: all, none, or some of rsa,rsa-pss,p256,p384,p521,ed25519,ed448,gost256,gost512,"
	  "dsa,other",
	  NULL, 0, 0, AT(key_algs), KEY_ALGS },
	{ "schemes",
	  "schemes: all, none, or some of rsa-pkcs1-,rsa-pss-,ecdsa- with sha256,sha384,sha512; "
	  "ed25519,ed448,gost256,gost512,rsa-pkcs1-sha1,ecdsa-sha1,other",
	  NULL, 0, 0, AT(schemes), SCHEMES },
	{ "rsa_min", "rsa_min: 1024 to 16384 bits", NULL, 1024, 16384, AT(rsa_min_bits), NUMBER },
	{ "revocation", "revocation: all, none, or some of staple,ocsp,crl,short-lived",
	  &evidence_words, 0, 0, AT(revocation), EVIDENCE },
	{ "revocation_mode", "revocation_mode: off, soft or hard", &mode_words, 0, 0,
	  AT(revocation_mode), CHOICE },
	{ "revocation_scope", "revocation_scope: leaf or chain", &scope_words, 0, 0,
	  AT(revocation_chain), CHOICE },
	{ "max_age", "max_age: 1s to 3650d, with s, m, h or d", NULL, 1, YEARS10, AT(max_age),
	  DURATION },
	{ "stapling", "stapling: required or optional", &stapling_words, 0, 0,
	  AT(stapling_required), CHOICE },
	{ "max_chain", "max_chain: any, or 1 to 255 certificates, anchor included", NULL, 0, 0,
	  AT(max_chain_length), CHAIN },
	{ "name_constraints", "name_constraints: permit or refuse", &permit_words, 0, 0,
	  AT(permit_name_constraints), CHOICE },
	{ "clock_skew", "clock_skew: 0s to 1d, with s, m, h or d", NULL, 0, 86400, AT(clock_skew),
	  DURATION },
	{ "clock", "clock: untrusted, rtc, synced or attested", &clock_words, 0, 0, AT(clock),
	  CHOICE },
	{ "time", "time: now or any", &time_words, 0, 0, AT(time_any), CHOICE },
	{ "policies", "policies: any, none, or 1 to 8 OIDs in dotted decimal", NULL, 0, 0,
	  AT(policy_oid_count), OIDS },
	{ "explicit_policy", "explicit_policy: yes or no", &yes_words, 0, 0,
	  AT(require_explicit_policy), CHOICE },
	{ "inhibit_mapping", "inhibit_mapping: yes or no", &yes_words, 0, 0,
	  AT(inhibit_policy_mapping), CHOICE },
	{ "inhibit_any", "inhibit_any: yes or no", &yes_words, 0, 0, AT(inhibit_any_policy),
	  CHOICE },
};

static uint32_t field_get(const struct cc_policy *p, const struct field *f)
{
	const uint8_t *at = (const uint8_t *)p + f->offset;
	uint16_t v16;
	uint32_t v32;

	switch (f->size) {
	case 1:
		return *at;
	case 2:
		memcpy(&v16, at, 2);
		return v16;
	default:
		memcpy(&v32, at, 4);
		return v32;
	}
}

static void field_set(struct cc_policy *p, const struct field *f, uint32_t value)
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

/* ---- reading: every function returns false for what its row does not allow ---- */

static int find_word(const struct words *w, const char *p, size_t n)
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
	if (*ret > YEARS10 / unit)
		return false;
	*ret *= unit;
	return true;
}

static int find_in_mask(const struct field *f, const char *p, size_t n)
{
	switch (f->kind) {
	case KEY_ALGS:
		return cc_key_alg_parse(p, n);
	case SCHEMES:
		return cc_scheme_parse(p, n);
	default:
		return find_word(f->words, p, n);
	}
}

static uint32_t mask_all(const struct field *f)
{
	switch (f->kind) {
	case KEY_ALGS:
		return (1u << CC_KEY_COUNT) - 1;
	case SCHEMES:
		return (1u << CC_SCHEME_COUNT) - 1;
	default:
		return (1u << f->words->count) - 1;
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

static bool read_mask(const struct field *f, const char *p, size_t n, uint32_t *ret)
{
	uint32_t mask = 0;
	size_t used;

	*ret = mask_all(f);
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

static bool read_value(const struct field *f, const char *p, size_t n, struct cc_policy *policy)
{
	uint32_t value = 0;
	int word;

	switch (f->kind) {
	case CHOICE:
		word = find_word(f->words, p, n);
		if (word < 0)
			return false;
		value = (uint32_t)word;
		break;
	case NUMBER:
		if (!read_number(p, n, &value) || value < f->min || value > f->max)
			return false;
		break;
	case DURATION:
		if (!read_duration(p, n, &value) || value < f->min || value > f->max)
			return false;
		break;
	case CHAIN:
		if (!cc_text_is(p, n, "any") &&
		    (!read_number(p, n, &value) || value == 0 || value > 255))
			return false;
		break;
	case LOGS:
		return read_logs(p, n, policy);
	case OIDS:
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

struct reader {
	const char *text;
	struct cc_policy *policy;
	uint32_t seen; /* rows of fields[] */
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
			return fail(r, value,
				    "preset: webpki-strict, webpki-strict-ocsp, webpki-lenient, "
				    "private-mtls or code-signing");
		return true;
	}
	for (i = 0; i < CC_ARRAY_SIZE(fields); i++)
		if (cc_text_is(text + start, key_end - start, fields[i].key))
			break;
	if (i == CC_ARRAY_SIZE(fields))
		return fail(r, start,
			    "unknown key; known: preset profile min_scts ct ct_logs log_list_age "
			    "algs schemes rsa_min revocation revocation_mode revocation_scope "
			    "max_age stapling max_chain name_constraints clock_skew clock time "
			    "policies explicit_policy inhibit_mapping inhibit_any");
	if (r->seen >> i & 1)
		return fail(r, start, "the same key twice");
	r->seen |= 1u << i;
	if (!read_value(&fields[i], text + value, end - value, r->policy))
		return fail(r, value, fields[i].allowed);
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

int cc_policy_parse(const char *text, size_t len, struct cc_policy *ret, struct cc_policy_error *err)
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

/* ---- writing ---- */

static void put_duration(struct cc_text *t, uint32_t value)
{
	static const struct {
		uint32_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	unsigned int i = 0;

	while (value == 0 ? units[i].seconds != 1 : value % units[i].seconds != 0)
		i++;
	cc_text_number(t, value / units[i].seconds);
	cc_text_char(t, units[i].unit);
}

static const char *mask_word(const struct field *f, uint32_t bit)
{
	switch (f->kind) {
	case KEY_ALGS:
		return cc_key_alg_name(bit);
	case SCHEMES:
		return cc_scheme_name(bit);
	default:
		return f->words->word[bit];
	}
}

static void put_mask(struct cc_text *t, const struct field *f, uint32_t mask)
{
	uint32_t all = mask_all(f), bit;
	bool more = false;

	mask &= all;
	if (mask == all || mask == 0) {
		cc_text_put(t, mask ? "all" : "none");
		return;
	}
	for (bit = 0; bit < 32; bit++) {
		if (!(mask >> bit & 1))
			continue;
		if (more)
			cc_text_char(t, ',');
		more = true;
		cc_text_put(t, mask_word(f, bit));
	}
}

static void put_oids(struct cc_text *t, const struct cc_policy *p)
{
	/* At most 4 characters per octet. */
	char dotted[CC_POLICY_OID_MAX * 4 + 2];
	unsigned int i;

	if (p->policy_oid_count == 0) {
		cc_text_put(t, "any");
		return;
	}
	if (p->policy_oid_count == 1 && p->policy_oids[0].n == 0) {
		cc_text_put(t, "none");
		return;
	}
	for (i = 0; i < p->policy_oid_count; i++) {
		if (i)
			cc_text_char(t, ',');
		cc_oid_format(cc_span(p->policy_oids[i].p, p->policy_oids[i].n), dotted,
			      sizeof(dotted));
		cc_text_put(t, dotted);
	}
}

static void put_value(struct cc_text *t, const struct field *f, const struct cc_policy *p)
{
	switch (f->kind) {
	case CHOICE: {
		uint32_t value = field_get(p, f);

		cc_text_put(t, value < f->words->count ? f->words->word[value] : "?");
		break;
	}
	case NUMBER:
		cc_text_number(t, field_get(p, f));
		break;
	case DURATION:
		put_duration(t, field_get(p, f));
		break;
	case CHAIN:
		if (p->max_chain_length)
			cc_text_number(t, p->max_chain_length);
		else
			cc_text_put(t, "any");
		break;
	case LOGS:
		cc_text_put(t, p->ct_logs[0] ? p->ct_logs : "none");
		break;
	case OIDS:
		put_oids(t, p);
		break;
	default:
		put_mask(t, f, field_get(p, f));
		break;
	}
}

size_t cc_policy_format(const struct cc_policy *policy, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	unsigned int i;

	if (policy->preset != CC_PRESET_CUSTOM) {
		cc_text_put(&t, "preset=");
		cc_text_put(&t, cc_preset_name(policy->preset));
		cc_text_char(&t, '\n');
	}
	for (i = 0; i < CC_ARRAY_SIZE(fields); i++) {
		cc_text_put(&t, fields[i].key);
		cc_text_char(&t, '=');
		put_value(&t, &fields[i], policy);
		cc_text_char(&t, '\n');
	}
	return cc_text_end(&t);
}
