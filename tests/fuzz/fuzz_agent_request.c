// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The agent: any request gets a well-formed reply or none, and any state is survived. The input
 * is a request; states are made of the same bytes. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/verifyd/request.h"
#include "helpers/verifyd/serve.h"

static const uint8_t *bytes;
static size_t length;

static int state(void *ctx, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf, uint32_t len)
{
	if (len > length)
		return -EMSGSIZE;
	memcpy(buf, bytes + length - len, len);
	return 0;
}

static uint32_t clock_now(void *ctx)
{
	return CAPCERT_CLOCK_RTC;
}

/* What kmod/reply.c asks of every reply. */
static void check(const struct server_reply *reply, const struct capcert_agent_request *head)
{
	const struct capcert_agent_reply *r = &reply->head;
	const char *nul = memchr(r->detail, 0, sizeof(r->detail));

	assert(r->path_count <= CAPCERT_MAX_PATH && r->id == head->id);
	assert(r->size == sizeof(*r) + r->path_count * sizeof(reply->path[0]));
	assert(r->error <= 0 && r->error > -512 && r->valid <= 1);
	assert((r->flags & ~(CAPCERT_OUTCOME_PINNED | CAPCERT_OUTCOME_PIN_MISMATCH |
			     CAPCERT_OUTCOME_PINS_EXPIRED)) == 0);
	assert(head->pins_len || !r->flags);
	assert(!r->error || (!r->valid && !r->path_count));
	assert(r->valid == (r->reason == CAPCERT_REASON_NONE));
	assert(r->reason >= -1 && r->reason <= CAPCERT_REASON_MALFORMED);
	assert(nul);
	for (const char *p = r->detail; p < nul; p++)
		assert(*p >= 0x20 && *p <= 0x7e);
	for (; nul < r->detail + sizeof(r->detail); nul++)
		assert(!*nul);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	const struct server_ops ops = { state, clock_now, NULL };
	static struct server_reply reply; /* old content must not shine through */
	struct capcert_agent_request head;
	uint8_t *data = malloc(size + 1);
	uint32_t whole = (uint32_t)size;
	struct server *server;

	assert(data);
	memcpy(data, input, size);
	/* A length that is never right would end most runs at once. */
	if (size >= sizeof(head) && size % 16)
		memcpy(data, &whole, sizeof(whole));
	bytes = data;
	length = size;
	assert(server_new(&ops, &server) == 0);
	if (serve(server, data, size, &reply) == 0) {
		assert(size >= sizeof(head));
		memcpy(&head, data, sizeof(head));
		check(&reply, &head);
	} else {
		assert(size < sizeof(head));
	}
	server_free(server);
	free(data);
	return 0;
}
