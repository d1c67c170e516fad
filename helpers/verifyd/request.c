// SPDX-License-Identifier: GPL-2.0-only
/* Parsing requests. The kernel is trusted, but a mistake must not become a verdict. */
#include <errno.h>
#include <string.h>
#include "helpers/verifyd/request.h"

/* Take @n bytes and the zeros that fill them up to a multiple of 4. */
static bool take(struct cc_span *rest, size_t n, struct cc_span *ret)
{
	size_t padded = (n + 3) & ~(size_t)3;

	if (n > rest->n || padded > rest->n)
		return false;
	for (size_t i = n; i < padded; i++)
		if (rest->p[i])
			return false;
	*ret = cc_span(rest->p, n);
	*rest = cc_span(rest->p + padded, rest->n - padded);
	return true;
}

static bool take_item(struct cc_span *rest, struct cc_span *ret)
{
	uint32_t n;

	if (rest->n < sizeof(n))
		return false;
	memcpy(&n, rest->p, sizeof(n));
	*rest = cc_span(rest->p + sizeof(n), rest->n - sizeof(n));
	return n <= CAPCERT_MAX_MESSAGE && take(rest, n, ret);
}

static bool head_fits(const struct capcert_agent_request *head)
{
	if (head->name_len > CAPCERT_MAX_NAME || head->policy_len > CC_POLICY_TEXT_MAX ||
	    head->pins_len > CC_PINS_TEXT_MAX || head->evidence_count > CAPCERT_MAX_EVIDENCE)
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

int request_parse(const uint8_t *data, size_t len, struct request *ret)
{
	struct cc_span rest = cc_span(data, len);

	memset(ret, 0, sizeof(*ret));
	if (len < sizeof(ret->head))
		return -EBADMSG;
	memcpy(&ret->head, data, sizeof(ret->head));
	if (ret->head.size != len || !head_fits(&ret->head))
		return -EBADMSG;
	rest = cc_span(data + sizeof(ret->head), len - sizeof(ret->head));
	if (!take(&rest, ret->head.name_len, &ret->name) ||
	    !take(&rest, ret->head.policy_len, &ret->policy))
		return -EBADMSG;
	for (uint32_t i = 0; i < ret->head.item_count; i++)
		if (!take_item(&rest, &ret->items[i]))
			return -EBADMSG;
	if (rest.n != ret->head.evidence_count * sizeof(ret->evidence[0]))
		return -EBADMSG;
	memcpy(ret->evidence, rest.p, rest.n);
	return 0;
}
