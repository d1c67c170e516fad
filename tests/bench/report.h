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

/* What one operation took a contestant in each round. */
typedef double report_rounds[REPORT_ROUNDS];

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

static inline double report_median(const report_rounds round)
{
	report_rounds sorted;

	memcpy(sorted, round, sizeof(sorted));
	qsort(sorted, REPORT_ROUNDS, sizeof(*sorted), report_order);
	return sorted[REPORT_ROUNDS / 2];
}

/* Every round runs every contestant, so that a busy moment of the machine hits them alike. */
static inline void report_race_rounds(struct report_case *cases, size_t count, report_rounds *rounds)
{
	size_t i, round;

	for (i = 0; i < count; i++)
		cases[i].run(cases[i].arg, cases[i].n / 10 + 1);
	for (round = 0; round < REPORT_ROUNDS; round++) {
		for (i = 0; i < count; i++) {
			double start = report_cpu_us();

			cases[i].run(cases[i].arg, cases[i].n);
			rounds[i][round] = (report_cpu_us() - start) / (double)cases[i].n;
		}
	}
	for (i = 0; i < count; i++)
		cases[i].us = report_median(rounds[i]);
}

static inline void report_race(struct report_case *cases, size_t count)
{
	report_rounds *rounds = calloc(count, sizeof(*rounds));

	if (!rounds)
		abort();
	report_race_rounds(cases, count, rounds);
	free(rounds);
}

/* How many times less @ours needs than @peer, and how much more: of each round by itself, so that a
 * machine that is slower in some of them does not count. */
static inline double report_times(const report_rounds ours, const report_rounds peer)
{
	report_rounds times;
	size_t i;

	for (i = 0; i < REPORT_ROUNDS; i++)
		times[i] = ours[i] > 0 ? peer[i] / ours[i] : 0;
	return report_median(times);
}

static inline double report_more(const report_rounds ours, const report_rounds peer)
{
	report_rounds more;
	size_t i;

	for (i = 0; i < REPORT_ROUNDS; i++)
		more[i] = ours[i] - peer[i];
	return report_median(more);
}

/* One line of the table; with CAPCERT_BENCH_JSON=path also one JSON object appended to that file.
 * The ratio says how many times less we need than the peer. */
static inline void report_ratio(const char *name, double ours, double peer, double ratio,
				const char *peer_name, const char *unit)
{
	const char *path = getenv("CAPCERT_BENCH_JSON");
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

static inline void report(const char *name, double ours, double peer, const char *peer_name,
			  const char *unit)
{
	report_ratio(name, ours, peer, ours > 0 ? peer / ours : 0, peer_name, unit);
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
