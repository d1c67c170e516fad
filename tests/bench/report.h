/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Races between us and peers: medians of interleaved rounds, a table, JSON lines for build/bench.json. */
#ifndef TESTS_BENCH_REPORT_H
#define TESTS_BENCH_REPORT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPORT_ROUNDS 11

/* One contestant: run() does @n operations on @arg; @us becomes the median of one operation. */
struct report_case {
	const char *name;
	void (*run)(void *arg, unsigned int n);
	void *arg;
	unsigned int n;
	double us;
};

static inline double report_cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline int report_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Every round runs every contestant, so that a busy moment of the machine hits them alike. */
static inline void report_race(struct report_case *cases, size_t count)
{
	double *us = calloc(count * REPORT_ROUNDS, sizeof(*us));
	size_t i, round;

	if (!us)
		abort();
	for (i = 0; i < count; i++)
		cases[i].run(cases[i].arg, cases[i].n / 10 + 1);
	for (round = 0; round < REPORT_ROUNDS; round++) {
		for (i = 0; i < count; i++) {
			double start = report_cpu_us();

			cases[i].run(cases[i].arg, cases[i].n);
			us[i * REPORT_ROUNDS + round] =
				(report_cpu_us() - start) / (double)cases[i].n;
		}
	}
	for (i = 0; i < count; i++) {
		qsort(us + i * REPORT_ROUNDS, REPORT_ROUNDS, sizeof(*us), report_order);
		cases[i].us = us[i * REPORT_ROUNDS + REPORT_ROUNDS / 2];
	}
	free(us);
}

/* One line of the table; with CAPCERT_BENCH_JSON=path also one JSON object appended to that file.
 * The ratio says how many times less we need than the peer. */
static inline void report(const char *name, double ours, double peer, const char *peer_name,
			  const char *unit)
{
	const char *path = getenv("CAPCERT_BENCH_JSON");
	double ratio = ours > 0 ? peer / ours : 0;
	static int lines;
	FILE *f;

	if (!lines++)
		printf("%-42s %10s  %10s  %-24s %8s\n", "", "ours", "peer", "", "ratio");
	printf("%-42s %7.3f %-2s  %7.3f %-2s  %-24s %7.2fx\n", name, ours, unit, peer, unit,
	       peer_name, ratio);
	fflush(stdout);
	if (!path)
		return;
	f = fopen(path, "ae");
	if (!f) {
		perror(path);
		exit(1);
	}
	fprintf(f,
		"{\"name\": \"%s\", \"ours\": %.6g, \"peer\": %.6g, \"peer_name\": \"%s\", "
		"\"unit\": \"%s\", \"ratio\": %.6g}\n",
		name, ours, peer, peer_name, unit, ratio);
	if (fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* Bytes of a file that must be there, for benchmarks; the caller frees them. */
static inline uint8_t *report_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(1 << 20);

	if (!f || !data) {
		perror(path);
		exit(1);
	}
	*ret_len = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

#endif
