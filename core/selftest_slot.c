// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: names of slots, patterns, which slot serves a host; names of protocols. */
#include "core/alpn.h"
#include "core/selftest_part.h"
#include "core/slot.h"

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "www.example.org", true }, { "*.example.org", true },
	{ "web/www", true },	     { "a//b", false },
	{ "../a", false },	     { "a,b", false },
	{ "web/", false },	     { "", false },
};

static const struct {
	const char *inner, *outer;
	bool within;
} withins[] = {
	{ "web/a", "web/", true },   { "web/", "web/", true },	   { "web/a/", "web/", true },
	{ "web/", "web/a/", false }, { "a,web/a", "web/", false }, { "a", "", true },
	{ "", "a", false },
};

static bool hosts_ok(void)
{
	static const char *const want[] = { "web/www.example.org", "www.example.org",
					    "web/*.example.org" };
	struct cc_span patterns = cc_text_span("web/,www.example.org");
	struct cc_span host = cc_text_span("www.example.org");
	char name[CC_SLOT_NAME_MAX + 1];
	uint32_t at = 0, i;

	for (i = 0; i < CC_ARRAY_SIZE(want); i++) {
		const size_t n = cc_slot_candidate(patterns, host, &at, name);

		if (!cc_span_equal(cc_span(name, n), cc_text_span(want[i])))
			return false;
	}
	return !cc_slot_candidate(patterns, host, &at, name);
}

const char *cc_selftest_slot(void)
{
	static const struct cc_octets alpn = CC_OCTETS("\x02\x68\x32\x08http/1.1");
	struct cc_span list = cc_octets_span(alpn);
	uint32_t i;

	for (i = 0; i < CC_ARRAY_SIZE(names); i++)
		if (cc_slot_name_valid(cc_text_span(names[i].name)) != names[i].valid)
			return "slot: name";
	for (i = 0; i < CC_ARRAY_SIZE(withins); i++)
		if (cc_slot_patterns_within(cc_text_span(withins[i].inner),
					    cc_text_span(withins[i].outer)) != withins[i].within)
			return "slot: patterns";
	if (!cc_slot_patterns_match(cc_text_span("b,web/"), cc_text_span("web/a")) ||
	    cc_slot_patterns_match(cc_text_span("b,web/"), cc_text_span("webb")))
		return "slot: match";
	if (!hosts_ok())
		return "slot: host";
	if (!cc_alpn_valid(list) || cc_alpn_valid(cc_span(list.p, list.n - 1)))
		return "alpn";
	return NULL;
}
