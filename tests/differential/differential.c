// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Makes chains, lets three verifiers judge each, and says where they differ; TAP. */
#include <getopt.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "tests/differential/differential.h"

static const char usage[] =
	"usage: differential [--seconds N | --chains N] [--seed S] [--classes FILE] [--out DIR]\n"
	"                    [--table]\n"
	"       differential --replay FILE\n";

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void judge_all(const struct diff_case *c, struct verdict v[3])
{
	judge_capcert(c, &v[0]);
	judge_gnutls(c, &v[1]);
	judge_openssl(c, &v[2]);
}

static int replay(const char *path)
{
	FILE *f = fopen(path, "re");
	struct verdict v[3];
	struct diff_case c;

	if (!f || !case_read(&c, f)) {
		fprintf(stderr, "differential: cannot read %s\n", path);
		return 2;
	}
	fclose(f);
	judge_all(&c, v);
	printf("capcert: %s\nGnuTLS: %s\nOpenSSL: %s\n", v[0].says, v[1].says, v[2].says);
	return 0;
}

/* For so long, or so many chains: these are then the same everywhere, but for their keys. */
static void run(double seconds, unsigned long long chains, const char *out, struct findings *f)
{
	double end = seconds_of(CLOCK_MONOTONIC) + seconds;
	static struct diff_case c;
	struct verdict v[3];

	do {
		make_reset();
		case_make(&c);
		judge_all(&c, v);
		classes_note(&c, &v[0], &v[1], &v[2], out, f);
	} while (chains ? f->chains < chains : f->chains % 16 || seconds_of(CLOCK_MONOTONIC) < end);
}

static bool result(int nr, bool ok, const char *what, unsigned long long n)
{
	printf("%sok %d - %s: %llu\n", ok ? "" : "not ", nr, what, n);
	return ok;
}

static int report(uint64_t seed, const struct findings *f)
{
	double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	bool ok = true;

	printf("# seed %llu: %.0f s of processor time, %.0f chains in each, %llu accepted, "
	       "%u classes\n",
	       (unsigned long long)seed, cpu, (double)f->chains / cpu,
	       (unsigned long long)f->accepted, f->classes);
	printf("1..4\n");
	/* Neither all nor nothing: a comparison of nothing proves nothing. */
	ok &= result(1, f->accepted > f->chains / 20 && f->accepted < f->chains, "chains judged",
		     (unsigned long long)f->chains);
	ok &= result(2, f->truth_failures == 0, "verdicts against the grammar's own truth",
		     (unsigned long long)f->truth_failures);
	ok &= result(3, f->unlisted_accepts == 0, "accepted, refused by a peer, and not listed",
		     (unsigned long long)f->unlisted_accepts);
	ok &= result(4, f->unlisted_refusals == 0,
		     "refused, accepted by both peers, and not listed",
		     (unsigned long long)f->unlisted_refusals);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "chains", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 'r' },
		{ "replay", required_argument, NULL, 'f' },
		{ "out", required_argument, NULL, 'o' },
		{ "classes", required_argument, NULL, 'c' },
		{ "table", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *list = "tests/differential/classes.json", *out = NULL, *file = NULL;
	struct findings f = { 0 };
	unsigned long long chains = 0;
	double seconds = 10;
	uint64_t seed = 1;
	bool table = false;
	int o, status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 's')
			seconds = strtod(optarg, NULL);
		else if (o == 'n')
			chains = strtoull(optarg, NULL, 0);
		else if (o == 'r')
			seed = strtoull(optarg, NULL, 0);
		else if (o == 'f')
			file = optarg;
		else if (o == 'o')
			out = optarg;
		else if (o == 'c')
			list = optarg;
		else if (o == 't')
			table = true;
		else
			return fputs(usage, stderr), 2;
	}
	if (file) {
		status = replay(file);
	} else {
		if (classes_load(list) < 0)
			return 2;
		if (out)
			mkdir(out, 0755);
		make_keys();
		random_seed(seed);
		run(seconds, chains, out, &f);
		status = report(seed, &f);
		if (table)
			classes_print(stdout);
		make_keys_free();
		classes_free();
	}
	judges_free();
	return status;
}
