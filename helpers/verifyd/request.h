/* SPDX-License-Identifier: GPL-2.0-only */
/* A request of the kernel taken apart: spans of the buffer it was read into. */
#ifndef VERIFYD_REQUEST_H
#define VERIFYD_REQUEST_H

#include "libcapcert/engine.h"

struct request {
	struct capcert_agent_request head;
	struct cc_span name;
	struct cc_span policy;
	struct cc_span items[CAPCERT_MAX_CHAIN];
	struct capcert_agent_evidence evidence[CAPCERT_MAX_EVIDENCE];
};

/**
 * request_parse() - agent_request_parse(), and the counts that the operation must have.
 * @data: any alignment; @ret points into it.
 * Return: 0, or -EBADMSG; @ret->head is filled as far as @len reaches, else zero.
 */
int request_parse(const uint8_t *data, size_t len, struct request *ret);

#endif
