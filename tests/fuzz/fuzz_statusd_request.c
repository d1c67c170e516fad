// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The status agent on any request, with a network that answers out of the same bytes: each request with a
 * head gets one reply that the module takes, none without; nothing of it is ever evidence. */
#include <assert.h>
#include <sys/socket.h>
#include "helpers/statusd/serve.h"
#include "tests/unit/fake_fetcher.h"
#include "tests/unit/status_wire.h"

#define NOW 1780272000
#define MOST 65536

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static const uint8_t *bytes;
static size_t length;

static void fake_answer(const struct fetch_request *fetch, struct fetch_answer *ret)
{
	size_t n = length < fetch->max_bytes ? length : fetch->max_bytes;

	assert(strlen(fetch->url) <= FETCH_URL_MAX && fetch->accept && fetch->timeout_ms == 1000);
	ret->end = bytes[length - 1] % FETCH_END_COUNT;
	ret->data = ret->end == FETCH_OK ? malloc(n) : NULL;
	if (ret->data)
		memcpy(ret->data, bytes + length - n, n);
	ret->len = ret->data ? n : 0;
}

static void check(size_t size)
{
	const struct status_reply *reply = status_taken.reply[0];
	struct capcert_agent_request head;

	assert(status_taken.count == (size >= sizeof(head)));
	if (!status_taken.count)
		return;
	assert(status_reply_form(reply, status_taken.len[0]));
	memcpy(&head, bytes, sizeof(head));
	assert(reply->head.id == head.id);
	assert(reply->head.error || reply->status.type == CAPCERT_EVIDENCE_UNREACHABLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	const struct fetch_rules none = { 0 };
	const struct ask_limits limits = { 8, 4, 4, 5, 8, 1 << 20, 2, 1 << 20 };
	const struct server_rules rules = {
		.job = { .timeout_ms = 1000, .max_ocsp = 1024, .max_crl = 2048 },
		.max_request = MOST,
	};
	uint32_t whole = (uint32_t)size;
	uint8_t *data;
	struct fetcher *fetcher = fetcher_new(&none);
	struct asker *asker = asker_new(&limits, fetcher, NULL);
	struct server *server;
	int pair[2];

	if (!size || size > MOST) {
		asker_free(asker);
		fetcher_free(fetcher);
		return -1;
	}
	data = malloc(size);
	assert(data && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == 0);
	memcpy(data, input, size);
	/* A length that is never right would end most runs at once. */
	if (size >= sizeof(struct capcert_agent_request) && size % 16)
		memcpy(data, &whole, sizeof(whole));
	bytes = data;
	length = size;
	status_taken.fd = pair[1];
	server = server_new(&rules, pair[1], asker);
	assert(server && send(pair[0], data, size, 0) == (ssize_t)size);
	for (int i = 0; i <= JOB_TARGETS + 1; i++) {
		assert(server_run(server, NOW) == 0);
		fetcher_step(fetcher, -1, 0);
	}
	assert(fetcher_count(fetcher) == 0);
	check(size);
	fetcher_free(fetcher);
	server_free(server);
	asker_free(asker);
	status_forget();
	close(pair[0]);
	close(pair[1]);
	free(data);
	return 0;
}
