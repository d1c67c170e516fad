// SPDX-License-Identifier: LGPL-2.1-or-later
/* Outcome handles: read one, demand one. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include "core/outcome.h"
#include "libcapcert/device.h"
#include "libcapcert/names.h"
#include "libcapcert/outcome.h"

int capcert_outcome_get(int outcome_fd, struct capcert_result *ret, int *ret_superseded)
{
	struct capcert_result result = { 0 };
	struct capcert_outcome_get arg = {
		.size = sizeof(arg),
		.outcome = (uint64_t)(uintptr_t)&result.outcome,
		.outcome_size = sizeof(result.outcome),
		.path_max = CAPCERT_MAX_PATH,
		.path = (uint64_t)(uintptr_t)result.path,
	};
	int r = handle_call(outcome_fd, CAPCERT_OUTCOME_GET, &arg);

	if (r < 0)
		return r;
	result.path_count = arg.path_count < CAPCERT_MAX_PATH ? arg.path_count : CAPCERT_MAX_PATH;
	*ret = result;
	if (ret_superseded)
		*ret_superseded = arg.superseded != 0;
	return 0;
}

/* NULL in @want: anything will do. */
static bool digest_fits(const uint8_t *want, const uint8_t have[CAPCERT_DIGEST_SIZE])
{
	return !want || memcmp(want, have, CAPCERT_DIGEST_SIZE) == 0;
}

/* The kernel names a preset only when the policy is that preset or stricter (core/policy.h). */
static bool preset_fits(const char *want, const struct capcert_outcome *outcome)
{
	return !want || strncmp(want, outcome->preset, sizeof(outcome->preset)) == 0;
}

/* Both sides went through names_parse(), so equal names are equal bytes. */
static int name_fits(const char *want, const struct capcert_outcome *outcome)
{
	uint8_t name[CAPCERT_MAX_NAME];
	uint32_t type, n;
	int r;

	if (!want)
		return 0;
	r = names_parse(want, &type, name, &n);
	if (r < 0)
		return r;
	if (type != outcome->name_type || n != outcome->name_len ||
	    memcmp(name, outcome->name, n) != 0)
		return -EKEYREJECTED;
	return 0;
}

static bool kind_fits(const struct capcert_expect *e, const struct capcert_outcome *o)
{
	/* Origins are numbered from the most to the least trusted. */
	if (e->min_origin && (o->store_origin == 0 || o->store_origin > e->min_origin))
		return false;
	if (!e->allow_caller_time && o->time_source != CAPCERT_TIME_NOW)
		return false;
	return e->purpose == o->purpose && digest_fits(e->policy_digest, o->policy_digest) &&
	       digest_fits(e->store_digest, o->store_digest) && digest_fits(e->leaf, o->leaf) &&
	       preset_fits(e->preset, o);
}

/* A verdict about a time that the caller chose says nothing about now, so now is not asked for;
 * nor does anybody know its age. */
static bool fresh(const struct capcert_expect *e, const struct capcert_outcome *o, int64_t now)
{
	bool own_time = o->time_source == CAPCERT_TIME_NOW;
	int64_t at = own_time ? now : o->time;

	if (at < o->valid_from || at > o->valid_until)
		return false;
	if (e->max_age == 0)
		return true;
	return own_time && o->time <= now && now - o->time <= e->max_age;
}

int outcome_check(const struct capcert_outcome *outcome, int superseded,
		  const struct capcert_expect *expect, int64_t now)
{
	int r;

	if (expect->max_age < 0)
		return -EINVAL;
	if (outcome->valid != 1 || outcome->reason != CC_REASON_NONE)
		return -EBADMSG;
	r = name_fits(expect->name, outcome);
	if (r < 0)
		return r;
	if (!kind_fits(expect, outcome))
		return -EKEYREJECTED;
	if ((superseded && !expect->allow_superseded) || !fresh(expect, outcome, now))
		return -ESTALE;
	return 0;
}

int capcert_outcome_require(int outcome_fd, const struct capcert_expect *expect)
{
	struct capcert_result result;
	struct capcert_info info;
	struct timespec now;
	int superseded;
	int r = handle_genuine(outcome_fd);

	if (r < 0)
		return r;
	/* INFO may be missing from the handle's rights; only our outcomes answer OUTCOME_GET. */
	r = capcert_get_info(outcome_fd, &info);
	if (r == -ENOTTY || (r == 0 && info.kind != CAPCERT_KIND_OUTCOME))
		return -EBADFD;
	r = capcert_outcome_get(outcome_fd, &result, &superseded);
	if (r < 0)
		return r == -ENOTTY ? -EBADFD : r;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	return outcome_check(&result.outcome, superseded, expect, now.tv_sec);
}
