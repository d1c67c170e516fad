// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of reasons, purposes, origins, clocks and OCSP statuses. */
#include "core/der.h"
#include "core/outcome.h"
#include "core/text.h"

const char *cc_reason_name(int32_t reason)
{
	switch (reason) {
	case CC_REASON_NONE:
		return "valid";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_REASONS(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_purpose_name(uint32_t purpose)
{
	switch (purpose) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_PURPOSES(X)
#undef X
	default:
		return "?";
	}
}

int cc_purpose_parse(const char *text, size_t len)
{
	int i;

	for (i = 0; i < CC_PURPOSE_COUNT; i++)
		if (cc_text_is_nocase(text, len, cc_purpose_name((uint32_t)i)))
			return i;
	return -1;
}

const char *cc_origin_name(uint32_t origin)
{
	static const char *const names[] = { "?", "system", "dev", "user" };

	return origin < CC_ARRAY_SIZE(names) ? names[origin] : "?";
}

const char *cc_clock_name(uint32_t clock)
{
	static const char *const names[] = { "untrusted", "rtc", "synced", "attested" };

	return clock < CC_ARRAY_SIZE(names) ? names[clock] : "?";
}

const char *cc_ocsp_status_name(uint32_t status)
{
	static const char *const names[] = { "good", "revoked", "unknown", "stapledAbsent",
					     "responderUnreachable" };

	return status < CC_ARRAY_SIZE(names) ? names[status] : "?";
}

bool cc_reason_cacheable(int32_t reason)
{
	switch (reason) {
	case CC_REASON_BUDGET_EXHAUSTED:
	case CC_REASON_CLOCK_UNTRUSTED:
	case CC_REASON_INTERNAL:
		return false;
	default:
		return true;
	}
}

bool cc_purposes_parse(struct cc_span body, uint32_t *ret)
{
	return cc_der_flags(body, (1u << CC_PURPOSE_COUNT) - 1, ret);
}
