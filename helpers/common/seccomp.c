// SPDX-License-Identifier: GPL-2.0-only
/* System calls: a list of what is allowed. */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include "helpers/common/sandbox.h"

static int allow(scmp_filter_ctx filter, const struct sandbox_call *call)
{
	struct scmp_arg_cmp compare[2];
	unsigned int n = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct sandbox_check *c = &call->check[i];
		bool equal = c->how == SANDBOX_EQUAL;

		if (c->how == SANDBOX_ANY)
			continue;
		compare[n++] = (struct scmp_arg_cmp){
			.arg = c->arg,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = equal ? UINT32_MAX : c->value,
			.datum_b = equal ? c->value : 0,
		};
	}
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->nr, n, compare);
}

int sandbox_seccomp(const struct sandbox_call *calls, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!filter)
		return -ENOMEM;
	/* A call by another architecture's entry is somebody else's code at work. */
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = allow(filter, &calls[i]);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}
