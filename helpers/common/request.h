/* SPDX-License-Identifier: GPL-2.0-only */
/* A request of the kernel taken apart: spans of the buffer it was read into. */
#ifndef HELPERS_COMMON_REQUEST_H
#define HELPERS_COMMON_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <linux/capcert_agent.h>

struct agent_bytes {
	const uint8_t *p;
	size_t n;
};

struct agent_request {
	struct capcert_agent_request head;
	struct agent_bytes name;
	struct agent_bytes policy;
	struct agent_bytes items[CAPCERT_MAX_CHAIN];
	struct agent_bytes evidence; /* @head.evidence_count struct capcert_agent_evidence */
};

/**
 * agent_request_parse() - linux/capcert_agent.h, to the letter: sizes, zero padding, nothing behind
 * the last part. Whether an operation has these parts is its agent's to say.
 * @data: any alignment; @ret points into it.
 * Return: 0, or -EBADMSG; @ret->head is filled as far as @len reaches, else zero.
 */
int agent_request_parse(const uint8_t *data, size_t len, struct agent_request *ret);

#endif
