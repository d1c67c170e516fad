// SPDX-License-Identifier: LGPL-2.1-or-later
/* The rules over what is known of SCTs. They look at valid ones only, of which there are few. */
#include <string.h>
#include "libcapcert/sct.h"

#define DAY 86400
#define CHROME_SHORT_LIFE (180 * DAY)

bool sct_counts(const struct sct_judge *j, uint32_t source)
{
	return j->sources >> source & 1;
}

/* Which SCTs a tally is about. */
enum which { ANY, COUNTING, EMBEDDED, OTHER_ACCEPTED };

static bool taken(const struct sct_judge *j, const struct sct_seen *s, enum which which)
{
	if (!s->valid || (which != ANY && !sct_counts(j, s->source)))
		return false;
	switch (which) {
	case EMBEDDED:
		return s->source == CAPCERT_SCT_EMBEDDED;
	case OTHER_ACCEPTED:
		return s->source != CAPCERT_SCT_EMBEDDED && s->accepted;
	default:
		return true;
	}
}

static struct sct_tally tally(const struct sct_judge *j, enum which which)
{
	struct sct_tally t = { 0 };
	uint32_t i, k;

	for (i = 0; i < j->seen_count; i++) {
		const struct sct_seen *s = &j->seen[i];
		bool log = true, operator_name = true;

		if (!taken(j, s, which))
			continue;
		for (k = 0; k < i; k++) {
			if (!taken(j, &j->seen[k], which))
				continue;
			log = log && j->seen[k].log != s->log;
			operator_name =
				operator_name && strcmp(j->seen[k].operator_name, s->operator_name);
		}
		t.scts++;
		t.logs += log;
		t.operators += operator_name;
		t.accepted |= s->accepted;
	}
	return t;
}

struct sct_tally sct_count(const struct sct_judge *j, bool counting)
{
	return tally(j, counting ? COUNTING : ANY);
}

/* Lifetime includes its last second. */
static uint32_t chrome_count(const struct cc_cert *cert)
{
	return cert->not_after - cert->not_before + 1 <= CHROME_SHORT_LIFE ? 2 : 3;
}

static const char *chrome_embedded(const struct sct_judge *j)
{
	struct sct_tally t = tally(j, EMBEDDED);
	uint32_t count = chrome_count(j->cert);

	if (t.logs < count)
		return count == 2 ? "SCTs of two logs are needed" : "SCTs of three logs are needed";
	if (t.operators < 2)
		return "SCTs of two operators are needed";
	return t.accepted ? NULL : "one SCT of a log that is still accepted is needed";
}

static const char *chrome(const struct sct_judge *j)
{
	struct sct_tally t = tally(j, OTHER_ACCEPTED);

	if (t.logs >= 2 && t.operators >= 2)
		return NULL;
	return chrome_embedded(j);
}

static const char *all(const struct sct_judge *j)
{
	if (!j->total)
		return "there is no SCT";
	if (j->failed)
		return "an SCT is not valid";
	return sct_count(j, true).scts ? NULL : "there is no SCT of a source that counts";
}

static const char *by_rule(const struct sct_judge *j, const struct sct_rule *rule)
{
	struct sct_tally t = sct_count(j, true);
	uint32_t count = rule->count ? rule->count : 1;
	const char *why;

	switch (rule->rule) {
	case CAPCERT_CT_AT_LEAST:
		return t.scts < count ? "too few valid SCTs" : NULL;
	case CAPCERT_CT_DISTINCT_LOGS:
		return t.logs < count ? "valid SCTs of too few logs" : NULL;
	case CAPCERT_CT_ALL:
		return all(j);
	case CAPCERT_CT_CHROME:
		return chrome(j);
	default:
		why = all(j);
		return why ? why : chrome(j);
	}
}

static const char *by_minimum(const struct sct_judge *j, uint32_t min)
{
	struct sct_tally t = sct_count(j, true);

	if (t.logs < min)
		return "valid SCTs of too few logs";
	return t.operators < (min < 2 ? min : 2) ? "SCTs of two operators are needed" : NULL;
}

const char *sct_rule_misses(const struct sct_judge *j, const struct sct_rule *rule)
{
	const char *why = by_rule(j, rule);

	return why ? why : by_minimum(j, rule->min_scts);
}

bool sct_rule_done(const struct sct_judge *j, const struct sct_rule *rule)
{
	return rule->rule != CAPCERT_CT_ALL && rule->rule != CAPCERT_CT_ALL_AND_CHROME &&
	       !sct_rule_misses(j, rule);
}
