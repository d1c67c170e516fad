// SPDX-License-Identifier: GPL-2.0-only
/* Parsing requests. The kernel is trusted, but a mistake must not become an answer. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include "helpers/common/request.h"

/* Take @n bytes and the zeros that fill them up to a multiple of 4. */
static bool take(struct agent_bytes *rest, size_t n, struct agent_bytes *ret)
{
	size_t padded = (n + 3) & ~(size_t)3;

	if (n > rest->n || padded > rest->n)
		return false;
	for (size_t i = n; i < padded; i++)
		if (rest->p[i])
			return false;
	*ret = (struct agent_bytes){ rest->p, n };
	*rest = (struct agent_bytes){ rest->p + padded, rest->n - padded };
	return true;
}

static bool take_item(struct agent_bytes *rest, struct agent_bytes *ret)
{
	uint32_t n;

	if (rest->n < sizeof(n))
		return false;
	memcpy(&n, rest->p, sizeof(n));
	*rest = (struct agent_bytes){ rest->p + sizeof(n), rest->n - sizeof(n) };
	return n <= CAPCERT_MAX_MESSAGE && take(rest, n, ret);
}

int agent_request_parse(const uint8_t *data, size_t len, struct agent_request *ret)
{
	struct agent_bytes rest;
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	if (len < sizeof(ret->head))
		return -EBADMSG;
	memcpy(&ret->head, data, sizeof(ret->head));
	if (ret->head.size != len || ret->head.name_len > CAPCERT_MAX_NAME ||
	    ret->head.policy_len > CAPCERT_MAX_POLICY_TEXT ||
	    ret->head.item_count > CAPCERT_MAX_CHAIN ||
	    ret->head.evidence_count > CAPCERT_MAX_EVIDENCE)
		return -EBADMSG;
	rest = (struct agent_bytes){ data + sizeof(ret->head), len - sizeof(ret->head) };
	if (!take(&rest, ret->head.name_len, &ret->name) ||
	    !take(&rest, ret->head.policy_len, &ret->policy))
		return -EBADMSG;
	for (i = 0; i < ret->head.item_count; i++)
		if (!take_item(&rest, &ret->items[i]))
			return -EBADMSG;
	if (rest.n != ret->head.evidence_count * sizeof(struct capcert_agent_evidence))
		return -EBADMSG;
	ret->evidence = rest;
	return 0;
}
