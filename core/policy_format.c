// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing a policy as its canonical text. */
#include "core/oid.h"
#include "core/policy_field.h"
#include "core/text.h"

static uint32_t field_get(const struct cc_policy *p, const struct cc_policy_field *f)
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

static const char *mask_word(const struct cc_policy_field *f, uint32_t bit)
{
	switch (f->kind) {
	case CC_FIELD_KEY_ALGS:
		return cc_key_alg_name(bit);
	case CC_FIELD_SCHEMES:
		return cc_scheme_name(bit);
	default:
		return f->words->word[bit];
	}
}

static void put_mask(struct cc_text *t, const struct cc_policy_field *f, uint32_t mask)
{
	uint32_t all = cc_policy_mask_all(f), bit;
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

static void put_value(struct cc_text *t, const struct cc_policy_field *f, const struct cc_policy *p)
{
	switch (f->kind) {
	case CC_FIELD_CHOICE: {
		uint32_t value = field_get(p, f);

		cc_text_put(t, value < f->words->count ? f->words->word[value] : "?");
		break;
	}
	case CC_FIELD_NUMBER:
		cc_text_number(t, field_get(p, f));
		break;
	case CC_FIELD_DURATION:
		put_duration(t, field_get(p, f));
		break;
	case CC_FIELD_CHAIN:
		if (field_get(p, f))
			cc_text_number(t, field_get(p, f));
		else
			cc_text_put(t, "any");
		break;
	case CC_FIELD_LOGS:
		cc_text_put(t, p->ct_logs[0] ? p->ct_logs : "none");
		break;
	case CC_FIELD_OIDS:
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
	for (i = 0; i < CC_POLICY_FIELDS; i++) {
		cc_text_put(&t, cc_policy_fields[i].key);
		cc_text_char(&t, '=');
		put_value(&t, &cc_policy_fields[i], policy);
		cc_text_char(&t, '\n');
	}
	return cc_text_end(&t);
}
