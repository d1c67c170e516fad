// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Many threads that verify the same chain at once, each through handles of its own process.
 * fetch_many VERIFIER-KEY STORE-KEY CHAIN.pem THREADS: 0 when every verdict is valid, and one fetch did for all. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/verify.h>

static int verifier_fd, store_fd;
static capcert_chain *chain;
static atomic_uint valid, alone;
static pthread_barrier_t gate;

static void count_alone(const struct capcert_fetches *fetches)
{
	if (fetches->count == 1 && !(fetches->item[0].how & CAPCERT_FETCHED_SHARED))
		atomic_fetch_add(&alone, 1);
}

static void *verify(void *arg)
{
	struct capcert_fetches *fetches = calloc(1, sizeof(*fetches));
	struct capcert_result *result = calloc(1, sizeof(*result));
	struct capcert_params params = {
		.chain = chain, .name = "many.example", .timeout_ms = 60000, .fetches = fetches
	};
	int r;

	if (!fetches || !result)
		abort();
	pthread_barrier_wait(&gate);
	/* So many verifications of one user do not fit into the queue: whoever is turned away comes
	 * again. Questions about status are joined, and all fit. */
	while ((r = capcert_verify(verifier_fd, store_fd, &params, result, NULL)) == -EDQUOT) {
		count_alone(fetches);
		usleep(300000);
	}
	count_alone(fetches);
	if (r < 0)
		fprintf(stderr, "verify: %s\n", capcert_strerror(r));
	else if (result->outcome.valid)
		atomic_fetch_add(&valid, 1);
	free(fetches);
	free(result);
	return NULL;
}

static int load(const char *path)
{
	static uint8_t data[1 << 16];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(data, 1, sizeof(data), f) : 0;

	if (f)
		fclose(f);
	return capcert_chain_parse(data, n, &chain, NULL);
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 5 ? (unsigned int)atoi(argv[4]) : 0;
	pthread_t *threads = calloc(count ? count : 1, sizeof(*threads));

	if (!count || !threads || load(argv[3]) < 0)
		return 2;
	if (capcert_open(atoi(argv[1]), CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH, &verifier_fd) <
		    0 ||
	    capcert_open(atoi(argv[2]), CAPCERT_RIGHT_VERIFY, &store_fd) < 0)
		return 2;
	pthread_barrier_init(&gate, NULL, count);
	for (unsigned int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, verify, NULL))
			return 2;
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%u of %u valid, %u fetched\n", valid, count, alone);
	return valid == count && alone == 1 ? 0 : 1;
}
