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
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/agent.h"
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"
#include "helpers/statusd/probe.h"
#include "helpers/statusd/serve.h"
#include "helpers/statusd/walls.h"

#define NAME "capcert-statusd"
#define FALLBACK_USER "nobody"
#define RANGES_MOST 16
#define CHAIN_MOST (1u << 20)
#define OCSP_MOST (128u << 10)
#define CRL_MOST (64u << 20)
#define CACHE_MOST (1ull << 30)
#define STEP_MS 200
#define IDLE_MS 60000

enum { EXIT_FOUND = 0, EXIT_NOTHING = 1, EXIT_USAGE = 2, EXIT_TROUBLE = 3 };

static const char help[] =
	"usage: " NAME " [OPTION]...\n"
	"       " NAME " --ask CHAIN.pem [OPTION]...\n"
	"\n"
	"The module's status agent: takes questions from " CAPCERT_AGENT_DEVICE
	", fetches what the\n"
	"certificates' issuers say, verifies it, and keeps it for whoever asks next.\n"
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
	"  --nonce WORD      off, ask or require: a nonce in OCSP requests, and in responses if "
	"required\n"
	"  --fresh           what is kept does not count\n"
	"  --cache DIR       keep revocation lists there\n"
	"  --allow NETWORK   hosts there may be connected to although they are not public: "
	"10.0.0.0/8\n"
	"  --any-port        ports other than 80 and 443, too\n"
	"  --timeout SECONDS for one address (1-300; 20 if not given, 4 for the module)\n"
	"  --per-host N      connections to one host at once (1-64; 4 if not given)\n"
	"  --user NAME       run as this user when started as root (" NAME ", else " FALLBACK_USER
	")\n"
	"  --check-sandbox   enter the sandbox, try to get out, report; 0 when all was refused\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 found and written, or stopped by SIGTERM or SIGINT, 1 nothing that holds,\n"
	"2 wrong usage, 3 trouble.\n";

struct options {
	const char *chain;
	const char *cache;
	bool ocsp, crl, fresh, any_port, check_sandbox;
	uint32_t nonce; /* CAPCERT_NONCE_* */
	uint32_t per_host;
	uint32_t timeout; /* seconds, 0 = not given */
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

static uint32_t number(const char *text, unsigned long most, const char *what)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > most)
		usage(what, text);
	return (uint32_t)n;
}

static uint32_t nonce_word(const char *text)
{
	static const char *const words[] = { "off", "ask", "require" };

	for (uint32_t i = 0; i <= CAPCERT_NONCE_REQUIRE; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	usage("--nonce takes off, ask or require, not ", text);
	return CAPCERT_NONCE_OFF;
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
		{ "nonce", required_argument, NULL, 'e' },
		{ "cache", required_argument, NULL, 'd' },
		{ "allow", required_argument, NULL, 'n' },
		{ "any-port", no_argument, NULL, 'p' },
		{ "per-host", required_argument, NULL, 'm' },
		{ "timeout", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "check-sandbox", no_argument, NULL, 'b' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *user = NULL;
	int c;

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
		case 'e':
			o->nonce = nonce_word(optarg);
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
			o->timeout = number(optarg, 300, "--timeout takes 1 to 300, not ");
			break;
		case 'm':
			o->per_host = number(optarg, 64, "--per-host takes 1 to 64, not ");
			break;
		case 'u':
			user = optarg;
			break;
		case 'b':
			o->check_sandbox = true;
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
	if (optind != argc)
		usage("--ask FILE says what to ask about, not ", argv[optind]);
	if (!o->chain && (o->ocsp || o->crl || o->fresh || o->nonce))
		usage("--ocsp, --crl, --fresh and --nonce go with --ask FILE", "");
	if (!o->per_host)
		o->per_host = 4;
	if (!o->timeout)
		o->timeout = o->chain ? 20 : 4;
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

/* Everything that fetches and keeps. */
struct engine {
	struct fetcher *fetcher;
	struct disk *disk;
	struct asker *asker;
};

/* With the rights that we still have, so that it can be in a folder of root's. */
static int make_cache(const struct options *o)
{
	struct stat st;

	if (!o->cache)
		return 0;
	if (mkdir(o->cache, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (geteuid() != 0)
		return 0;
	if (lstat(o->cache, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid != o->uid && lchown(o->cache, o->uid, o->gid) < 0)
		return -errno;
	return 0;
}

/* As the user that we have become, inside the walls. */
static int open_cache(struct engine *e, const struct options *o)
{
	int dir, r;

	if (!o->cache)
		return 0;
	dir = open(o->cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -errno;
	r = disk_open(dir, CACHE_MOST, sha256, time(NULL), &e->disk);
	if (r < 0)
		close(dir);
	return r;
}

static int answer(const struct job_result *result)
{
	char when[32];
	struct tm tm;
	time_t t = result->fetched;

	if (!result->found) {
		log_line(LOG_NOTICE, "nothing that holds: %s", result->verdict.why);
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

static int engine_open(struct engine *e, const struct options *o)
{
	const struct fetch_rules rules = { .ranges = o->ranges,
					   .range_count = o->range_count,
					   .any_port = o->any_port,
					   .per_host = o->per_host,
					   .at_once = 64,
					   .connect_ms = 10000 };
	const struct ask_limits limits = { .entries = 4096,
					   .under_way = 512,
					   .per_host = 128,
					   .hosts = 1024,
					   .waiting = 1024,
					   .bytes = 64u << 20,
					   .files = 64,
					   .file_bytes = 256u << 20 };
	int r;

	e->fetcher = fetcher_new(&rules);
	if (!e->fetcher)
		return -ENOMEM;
	/* Without its folder it still answers; what is fetched is kept in memory. */
	r = open_cache(e, o);
	if (r < 0)
		log_line(LOG_WARNING, "%s: %s: nothing is kept there", o->cache, strerror(-r));
	e->asker = asker_new(&limits, e->fetcher, e->disk);
	return e->asker ? 0 : -ENOMEM;
}

/* The fetcher goes first: nobody who still waits is called. */
static void engine_close(struct engine *e)
{
	fetcher_free(e->fetcher);
	asker_free(e->asker);
	disk_close(e->disk);
}

static struct job_rules job_rules(const struct options *o)
{
	return (struct job_rules){ .timeout_ms = o->timeout * 1000,
				   .nonce = o->nonce,
				   .max_ocsp = OCSP_MOST,
				   .max_crl = CRL_MOST };
}

static int ask(const struct options *o, struct engine *e, capcert_chain *chain,
	       const capcert_chain *others)
{
	const struct job_rules rules = job_rules(o);
	struct job *job;
	int r = job_new(&rules, capcert_chain_at(chain, 0), capcert_chain_at(chain, 1), others,
			o->ocsp, o->crl, o->fresh, &job);

	if (r < 0)
		return trouble("preparing the question", r);
	r = work(job, e->asker, e->fetcher);
	job_free(job, e->asker);
	return r;
}

static int ask_file(const struct options *o)
{
	capcert_chain *chain = NULL, *others = NULL;
	struct engine e = { 0 };
	int r = load_chain(o->chain, &chain);

	if (r != EXIT_FOUND)
		return r;
	r = rest_of(chain, &others);
	if (r == 0)
		r = walls_up(o->uid, o->gid, o->cache);
	if (r < 0) {
		r = trouble("locking myself in", r);
	} else {
		r = engine_open(&e, o);
		r = r < 0 ? trouble("preparing", r) : ask(o, &e, chain, others);
		engine_close(&e);
	}
	capcert_chain_free(others);
	capcert_chain_free(chain);
	return r;
}

/* ---- the module's agent ---- */

struct agent {
	int device;
	int stop;   /* signalfd */
	int events; /* epoll: either of them */
	size_t max_request;
};

static int watch(int events, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Before the walls: everything that needs a file, or privileges. */
static int agent_prepare(struct agent *a)
{
	sigset_t signals;
	int r;

	a->device = agent_open();
	if (a->device < 0) {
		agent_open_failed(a->device);
		return a->device;
	}
	/* First: before it, there is nothing that one could wait for. */
	r = agent_hello(a->device, CAPCERT_CLASS_STATUS, CAPCERT_CLOCK_UNTRUSTED, &a->max_request);
	if (r < 0)
		return trouble("HELLO", r);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	a->stop = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	a->events = epoll_create1(EPOLL_CLOEXEC);
	if (a->stop < 0 || a->events < 0)
		return -errno;
	r = watch(a->events, a->device);
	if (r == 0)
		r = watch(a->events, a->stop);
	return r;
}

static bool stopped(const struct agent *a)
{
	struct signalfd_siginfo info;

	return read(a->stop, &info, sizeof(info)) > 0;
}

static int agent_loop(const struct agent *a, struct engine *e, struct server *server)
{
	int r = 0;

	while (r >= 0 && !stopped(a)) {
		int fd = server_full(server) ? a->stop : a->events;

		r = fetcher_step(e->fetcher, fd, IDLE_MS);
		asker_time(e->asker, time(NULL));
		if (r >= 0)
			r = server_run(server, time(NULL));
	}
	return r;
}

static int serve(const struct options *o)
{
	struct server_rules rules = { .job = job_rules(o) };
	int notify = service_notify_open(), r;
	struct server *server = NULL;
	struct engine e = { 0 };
	struct agent a;

	r = agent_prepare(&a);
	if (r != 0)
		return EXIT_TROUBLE;
	rules.max_request = a.max_request;
	r = walls_up(o->uid, o->gid, o->cache);
	if (r < 0)
		return trouble("locking myself in", r);
	r = engine_open(&e, o);
	if (r == 0)
		server = server_new(&rules, a.device, e.asker);
	if (r == 0 && !server)
		r = -ENOMEM;
	if (r == 0) {
		log_line(LOG_INFO, "ready");
		service_notify(notify, "READY=1");
		r = agent_loop(&a, &e, server);
		service_notify(notify, "STOPPING=1");
	}
	fetcher_free(e.fetcher);
	e.fetcher = NULL;
	server_free(server);
	engine_close(&e);
	return r < 0 ? trouble("serving", r) : EXIT_FOUND;
}

static int check_sandbox(const struct options *o)
{
	int r = probe_sandbox(o->uid, o->gid, o->cache);

	if (r < 0)
		return trouble("the sandbox could not be set up", r);
	log_line(LOG_INFO, "%d attempts were not refused", r);
	return r > 0;
}

int main(int argc, char **argv)
{
	static struct options o;
	int r;

	log_init(NAME);
	parse_options(argc, argv, &o);
	signal(SIGPIPE, SIG_IGN);
	if (o.check_sandbox)
		return check_sandbox(&o);
	r = make_cache(&o);
	if (r < 0)
		return trouble(o.cache, r);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return trouble("libcurl", -ENOMEM);
	r = o.chain ? ask_file(&o) : serve(&o);
	curl_global_cleanup();
	return r;
}
