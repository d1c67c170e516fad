// SPDX-License-Identifier: LGPL-2.1-or-later
/* Policies of this process: the text form of core/policy.h made into an object. */
#include <errno.h>
#include <stdlib.h>
#include "core/digest.h"
#include "libcapcert/policy.h"
#include "libcapcert/sha.h"

static int make(const struct cc_policy *from, capcert_policy **ret)
{
	capcert_policy *policy = calloc(1, sizeof(*policy));
	struct sha256_ctx ctx;
	size_t n;

	if (!policy)
		return -ENOMEM;
	policy->policy = *from;
	n = cc_policy_format(from, policy->text, sizeof(policy->text));
	sha256_init(&ctx);
	cc_absorb_policy(sha256_absorb, &ctx, cc_span(policy->text, n));
	sha256_digest(&ctx, sizeof(policy->digest), policy->digest);
	*ret = policy;
	return 0;
}

int capcert_policy_new(const char *text, capcert_policy **ret, const char **ret_error)
{
	struct cc_policy_error error = { 0 };
	struct cc_policy parsed;

	if (cc_policy_parse(text, strlen(text), &parsed, &error) < 0) {
		if (ret_error)
			*ret_error = error.what;
		return -EINVAL;
	}
	return make(&parsed, ret);
}

const char *capcert_policy_text(const capcert_policy *policy)
{
	return policy->text;
}

int capcert_policy_meet(const capcert_policy *a, const capcert_policy *b, capcert_policy **ret)
{
	struct cc_policy met;

	cc_policy_meet(&a->policy, &b->policy, &met);
	return make(&met, ret);
}

void capcert_policy_free(capcert_policy *policy)
{
	free(policy);
}
