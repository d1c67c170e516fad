// SPDX-License-Identifier: GPL-2.0-only
/* capcert-statusd: fetches what OCSP responders and revocation lists say of a certificate. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/statusd/job.h"
#include "helpers/statusd/walls.h"

#define NAME "capcert-statusd"
#define FALLBACK_USER "nobody"
#define RANGES_MOST 16
#define CHAIN_MOST (1u << 20)
#define OCSP_MOST (128u << 10)
#define CRL_MOST (64u << 20)
#define CACHE_MOST (1ull << 30)
#define STEP_MS 200

enum { EXIT_FOUND = 0, EXIT_NOTHING = 1, EXIT_USAGE = 2, EXIT_TROUBLE = 3 };

static const char help[] =
	"usage: " NAME " --ask CHAIN.pem [OPTION]...\n"
	"\n"
	"Fetch revocation status about the first certificate of CHAIN.pem, whose issuer is the "
	"second,\n"
	"from the addresses that it names; verify it; write it to standard output (DER). Before "
	"the\n"
	"first connection it gives up its privileges, other files and other programs.\n"
	"\n"
	"  --ask FILE        certificate, issuer, and others that may have signed evidence; PEM or "
	"DER\n"
	"  --ocsp, --crl     only this kind; OCSP first if neither is given\n"
	"  --fresh           what is kept does not count\n"
	"  --cache DIR       keep revocation lists there\n"
	"  --allow NETWORK   hosts there may be connected to although they are not public: "
	"10.0.0.0/8\n"
	"  --any-port        ports other than 80 and 443, too\n"
	"  --timeout SECONDS for one address (1-300; 20 if not given)\n"
	"  --user NAME       run as this user when started as root (" NAME ", else " FALLBACK_USER
	")\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 found and written, 1 nothing that holds, 2 wrong usage, 3 trouble.\n";

struct options {
	const char *chain;
	const char *cache;
	bool ocsp, crl, fresh, any_port;
	uint32_t timeout;
	uid_t uid;
	gid_t gid;
	size_t range_count;
	struct address_range ranges[RANGES_MOST];
};

static void usage(const char *what, const char *word)
{
	fprintf(stderr, NAME ": %s%s; try --help\n", what, word);
	exit(EXIT_USAGE);
}

static void choose_user(const char *name, struct options *o)
{
	int r = sandbox_user(name ? name : NAME, &o->uid, &o->gid);

	if (r == -ENOENT && !name)
		r = sandbox_user(FALLBACK_USER, &o->uid, &o->gid);
	if (r < 0)
		usage("no such user, or root: ", name ? name : FALLBACK_USER);
}

static uint32_t seconds(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > 300)
		usage("--timeout takes 1 to 300, not ", text);
	return (uint32_t)n;
}

static void add_range(struct options *o, const char *text)
{
	if (o->range_count == RANGES_MOST)
		usage("too many --allow: ", text);
	if (address_range_parse(text, &o->ranges[o->range_count++]) < 0)
		usage("no network: ", text);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "ask", required_argument, NULL, 'a' },
		{ "ocsp", no_argument, NULL, 'o' },
		{ "crl", no_argument, NULL, 'l' },
		{ "fresh", no_argument, NULL, 'f' },
		{ "cache", required_argument, NULL, 'd' },
		{ "allow", required_argument, NULL, 'n' },
		{ "any-port", no_argument, NULL, 'p' },
		{ "timeout", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *user = NULL;
	int c;

	o->timeout = 20;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'a':
			o->chain = optarg;
			break;
		case 'o':
			o->ocsp = true;
			break;
		case 'l':
			o->crl = true;
			break;
		case 'f':
			o->fresh = true;
			break;
		case 'd':
			o->cache = optarg;
			break;
		case 'n':
			add_range(o, optarg);
			break;
		case 'p':
			o->any_port = true;
			break;
		case 't':
			o->timeout = seconds(optarg);
			break;
		case 'u':
			user = optarg;
			break;
		case 'v':
			puts(NAME " " CAPCERT_VERSION_STRING);
			exit(EXIT_FOUND);
		case 'h':
			fputs(help, stdout);
			exit(EXIT_FOUND);
		default:
			usage("unknown option", "");
		}
	}
	if (optind != argc || !o->chain)
		usage("--ask FILE says what to ask about", "");
	if (!o->ocsp && !o->crl)
		o->ocsp = o->crl = true;
	choose_user(user, o);
}

static int trouble(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(-error));
	return EXIT_TROUBLE;
}

static int load_chain(const char *path, capcert_chain **ret)
{
	const char *error = NULL;
	uint8_t *data = malloc(CHAIN_MOST);
	FILE *f = data ? fopen(path, "re") : NULL;
	size_t n = f ? fread(data, 1, CHAIN_MOST, f) : 0;
	int r = f ? 0 : data ? -errno : -ENOMEM;

	if (f)
		fclose(f);
	if (r == 0)
		r = n == CHAIN_MOST ? -EFBIG : capcert_chain_parse(data, n, ret, &error);
	free(data);
	if (r < 0) {
		log_line(LOG_ERR, "%s: %s", path, error ? error : strerror(-r));
		return EXIT_USAGE;
	}
	if (capcert_chain_count(*ret) >= 2)
		return EXIT_FOUND;
	log_line(LOG_ERR, "%s: the certificate and its issuer are needed, in this order", path);
	return EXIT_USAGE;
}

static int rest_of(const capcert_chain *chain, capcert_chain **ret)
{
	int r = capcert_chain_new(ret);

	for (size_t i = 2; r == 0 && i < capcert_chain_count(chain); i++)
		r = capcert_chain_push(*ret, capcert_chain_at(chain, i));
	return r;
}

static void sha256(const void *p, size_t n, uint8_t ret[DISK_KEY])
{
	capcert_hash(CAPCERT_HASH_SHA256, p, n, ret);
}

/* Opened with the rights we still have; written with those of the user we become. */
static int open_cache(const struct options *o, int *ret)
{
	*ret = -1;
	if (!o->cache)
		return 0;
	if (mkdir(o->cache, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (geteuid() == 0 && chown(o->cache, o->uid, o->gid) < 0)
		return -errno;
	*ret = open(o->cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret < 0 ? -errno : 0;
}

static int answer(const struct job_result *result)
{
	char when[32];
	struct tm tm;
	time_t t = result->fetched;

	if (!result->found) {
		log_line(LOG_NOTICE, "nothing that holds: %s", result->why);
		return EXIT_NOTHING;
	}
	gmtime_r(&t, &tm);
	strftime(when, sizeof(when), "%FT%TZ", &tm);
	if (fwrite(result->data, 1, result->len, stdout) != result->len || fflush(stdout) != 0)
		return trouble("standard output", -errno);
	log_line(LOG_INFO, "%s of %zu bytes, %s %s",
		 result->kind == JUDGE_OCSP ? "OCSP response" : "revocation list", result->len,
		 result->cached ? "kept since" : "fetched", when);
	return EXIT_FOUND;
}

/* Until the job is over; every step is bounded, and so is every fetch. */
static int work(struct job *job, struct asker *asker, struct fetcher *fetcher)
{
	int r = 0;

	while (!job_run(job, asker, time(NULL)) && r >= 0) {
		r = fetcher_step(fetcher, -1, STEP_MS);
		asker_time(asker, time(NULL));
	}
	return r < 0 ? trouble("fetching", r) : answer(job_result(job));
}

static int ask(const struct options *o, capcert_chain *chain, const capcert_chain *others,
	       int cache)
{
	const struct fetch_rules rules = { .ranges = o->ranges,
					   .range_count = o->range_count,
					   .any_port = o->any_port,
					   .per_host = 4,
					   .at_once = 16,
					   .connect_ms = 10000 };
	const struct ask_limits limits = {
		.entries = 1000, .under_way = 64, .waiting = 1000, .bytes = 64u << 20
	};
	const struct job_rules job_rules = { .timeout_ms = o->timeout * 1000,
					     .max_ocsp = OCSP_MOST,
					     .max_crl = CRL_MOST };
	struct fetcher *fetcher = fetcher_new(&rules);
	struct disk *disk = NULL;
	struct asker *asker = NULL;
	struct job *job = NULL;
	int r = fetcher ? 0 : -ENOMEM;

	if (r == 0 && cache >= 0)
		r = disk_open(cache, CACHE_MOST, sha256, time(NULL), &disk);
	if (r == 0)
		asker = asker_new(&limits, fetcher, disk);
	if (r == 0 && !asker)
		r = -ENOMEM;
	if (r == 0)
		r = job_new(&job_rules, capcert_chain_at(chain, 0), capcert_chain_at(chain, 1),
			    others, o->ocsp, o->crl, o->fresh, &job);
	r = r < 0 ? trouble("preparing the question", r) : work(job, asker, fetcher);
	fetcher_free(fetcher);
	job_free(job, asker);
	asker_free(asker);
	disk_close(disk);
	return r;
}

int main(int argc, char **argv)
{
	static struct options o;
	capcert_chain *chain = NULL, *others = NULL;
	int cache = -1, r;

	log_init(NAME);
	parse_options(argc, argv, &o);
	signal(SIGPIPE, SIG_IGN);
	r = load_chain(o.chain, &chain);
	if (r != EXIT_FOUND)
		return r;
	r = rest_of(chain, &others);
	if (r == 0)
		r = open_cache(&o, &cache);
	if (r < 0)
		return trouble(o.cache ? o.cache : "preparing", r);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return trouble("libcurl", -ENOMEM);
	r = walls_up(o.uid, o.gid, o.cache);
	if (r < 0)
		return trouble("locking myself in", r);
	r = ask(&o, chain, others, cache);
	capcert_chain_free(others);
	capcert_chain_free(chain);
	curl_global_cleanup();
	return r;
}
