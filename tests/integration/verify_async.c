// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verifications under way side by side, waited for with poll(2).
 * verify_async VERIFIER-KEY STORE-KEY CHAIN.pem NAME: 0 when each gives the verdict that its name deserves. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include <capcert/verify.h>

#define COUNT 8

static int verifier_fd, store_fd;
static capcert_chain *chain;
static capcert_verification *v[COUNT];
static struct capcert_result result;

static int fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, capcert_strerror(error));
	return 1;
}

/* Every other one asks for another name. What it is asked about may go at once, but for the chain. */
static int start(const char *name)
{
	for (int i = 0; i < COUNT; i++) {
		char *copy = strdup(i % 2 ? "elsewhere.example" : name);
		struct capcert_params params = { .chain = chain, .name = copy };
		int r = capcert_verify_start(verifier_fd, store_fd, &params, i == 0, &v[i]);

		free(copy);
		if (r < 0)
			return fail("start", r);
	}
	close(verifier_fd);
	close(store_fd);
	return 0;
}

static int finish(int i)
{
	int outcome_fd = -1;
	int r = capcert_verify_finish(v[i], &result, &outcome_fd);

	if (r < 0)
		return fail("finish", r);
	if ((i == 0) != (outcome_fd >= 0)) {
		fprintf(stderr, "%d: outcome handle %d\n", i, outcome_fd);
		return 1;
	}
	if (outcome_fd >= 0)
		close(outcome_fd);
	if (i % 2 ? result.outcome.reason == CAPCERT_REASON_NAME_MISMATCH : result.outcome.valid)
		return 0;
	fprintf(stderr, "%d: %s\n", i, capcert_reason_name(result.outcome.reason));
	return 1;
}

/* Each is finished when its fd says so, and then does not wait. */
static int collect(void)
{
	struct pollfd fds[COUNT];
	int bad = 0, left = COUNT;

	for (int i = 0; i < COUNT; i++)
		fds[i] = (struct pollfd){ .fd = capcert_verify_fd(v[i]), .events = POLLIN };
	while (left > 0) {
		if (poll(fds, COUNT, 60000) <= 0)
			return fail("poll", -ETIMEDOUT);
		for (int i = 0; i < COUNT; i++)
			if (fds[i].fd >= 0 && fds[i].revents) {
				bad |= fds[i].revents != POLLIN || finish(i);
				fds[i].fd = -1;
				left--;
			}
	}
	return bad;
}

/* What cannot be started leaves nothing; who wants no answer gets none. */
static int edges(void)
{
	struct capcert_params params = { .chain = chain, .name = "x.example" };
	int r = capcert_verify_start(verifier_fd, -1, &params, 0, &v[0]);

	if (r != -EBADF)
		return fail("no store", r);
	r = capcert_verify_start(verifier_fd, store_fd, &params, 1, &v[0]);
	if (r < 0)
		return fail("start", r);
	r = capcert_verify_finish(v[0], NULL, NULL);
	if (r < 0)
		return fail("finish without looking", r);
	return capcert_verify_finish(NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
	static uint8_t data[1 << 16];
	FILE *f = argc == 5 ? fopen(argv[3], "re") : NULL;
	size_t n = f ? fread(data, 1, sizeof(data), f) : 0;

	if (f)
		fclose(f);
	if (argc != 5 || capcert_chain_parse(data, n, &chain, NULL) < 0)
		return 2;
	if (capcert_open(atoi(argv[1]), CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH, &verifier_fd) <
		    0 ||
	    capcert_open(atoi(argv[2]), CAPCERT_RIGHT_VERIFY, &store_fd) < 0)
		return 2;
	return edges() || start(argv[4]) || collect();
}
