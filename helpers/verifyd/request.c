// SPDX-License-Identifier: GPL-2.0-only
/* Which parts a request for a verdict has, as spans that the engine takes. */
#include <errno.h>
#include <string.h>
#include "helpers/common/request.h"
#include "helpers/verifyd/request.h"

static bool head_fits(const struct capcert_agent_request *head)
{
	if (head->policy_len > CC_POLICY_TEXT_MAX || head->pins_len > CC_PINS_TEXT_MAX)
		return false;
	switch (head->op) {
	case CAPCERT_AGENT_OP_VERIFY:
		return head->item_count > 0 && head->item_count <= CAPCERT_MAX_CHAIN;
	case CAPCERT_AGENT_OP_VERIFY_SIG:
	case CAPCERT_AGENT_OP_VERIFY_DIGEST:
		return head->item_count == 3 && head->evidence_count == 0;
	default:
		return false;
	}
}

static struct cc_span span(struct agent_bytes bytes)
{
	return cc_span(bytes.p, bytes.n);
}

int request_parse(const uint8_t *data, size_t len, struct request *ret)
{
	struct agent_request raw;
	int r = agent_request_parse(data, len, &raw);

	memset(ret, 0, sizeof(*ret));
	ret->head = raw.head;
	if (r < 0 || !head_fits(&raw.head))
		return -EBADMSG;
	ret->name = span(raw.name);
	ret->policy = span(raw.policy);
	for (uint32_t i = 0; i < raw.head.item_count; i++)
		ret->items[i] = span(raw.items[i]);
	memcpy(ret->evidence, raw.evidence.p, raw.evidence.n);
	return 0;
}
