// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What servers spend on connections of TLS 1.3: capcert-tlsd beside others in front of the same service. Started by
 * tests/bench/tlsd-race; OpenSSL is the client, and does not count.
 *
 *	bench_tlsd handshakes N CONTESTANT...	CPU for one full handshake, P-256
 *	bench_tlsd bulk N CONTESTANT...		CPU for a megabyte, N of them at once; the service sends without end
 *	bench_tlsd idle N CONTESTANT...		memory for one of N connections that do nothing, and answer after that
 *
 * CONTESTANT is NAME=PORT:PID[+PID]...; the first is what the others are held against. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/report.h"

#define CONTESTANTS 8
#define PIDS 8

struct contestant {
	const char *name;
	uint16_t port;
	pid_t pids[PIDS];
	size_t pid_count;
	report_rounds rounds;
};

static struct contestant contestants[CONTESTANTS];
static size_t count;
static SSL_CTX *ctx;
/* In a guest whose clock counts instructions, 8 ns stand for one of them. */
static double scale = 1;
static const char *unit = "us";

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_tlsd: %s: %s\n", what, why);
	exit(1);
}

static void parse(char *text)
{
	struct contestant *c = &contestants[count++];
	char *at = strchr(text, '=');

	if (count > CONTESTANTS || !at)
		die(text, "NAME=PORT:PID[+PID]... is wanted");
	*at++ = '\0';
	c->name = text;
	c->port = (uint16_t)strtoul(at, &at, 10);
	while (*at && c->pid_count < PIDS)
		c->pids[c->pid_count++] = (pid_t)strtoul(at + 1, &at, 10);
	if (!c->pid_count)
		die(text, "whose CPU time?");
}

/* ---- a client ---- */

static SSL *try_open(const struct contestant *c)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(c->port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval most = { .tv_sec = 60 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl = SSL_new(ctx);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	if (fd < 0 || !ssl || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die(c->name, strerror(errno));
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, "www.example.org");
	SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	if (SSL_connect(ssl) != 1)
		die(c->name, "no handshake");
	return ssl;
}

static void end(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	close(fd);
}

/* Until the server has closed, its work is not over. Return: octets of its staple. */
static long one_handshake(const struct contestant *c)
{
	SSL *ssl = try_open(c);
	char octets[4096];
	uint8_t *staple;
	long n = SSL_get_tlsext_status_ocsp_resp(ssl, &staple);

	SSL_shutdown(ssl);
	shutdown(SSL_get_fd(ssl), SHUT_WR);
	while (read(SSL_get_fd(ssl), octets, sizeof(octets)) > 0)
		;
	end(ssl);
	return n > 0 ? n : 0;
}

/* ---- what the servers spend ---- */

static double spent_us(const struct contestant *c)
{
	double sum = 0;

	for (size_t i = 0; i < c->pid_count; i++) {
		struct timespec t;
		clockid_t clock;

		if (clock_getcpuclockid(c->pids[i], &clock) || clock_gettime(clock, &t) < 0)
			die(c->name, "it is gone");
		sum += (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
	}
	return sum * scale;
}

/* Private memory of the processes, in kB. */
static double memory_kb(const struct contestant *c)
{
	double sum = 0;

	for (size_t i = 0; i < c->pid_count; i++) {
		char path[64], line[256];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)c->pids[i]);
		f = fopen(path, "re");
		if (!f)
			die(c->name, strerror(errno));
		while (fgets(line, sizeof(line), f))
			if (strncmp(line, "Private_Dirty:", 14) == 0)
				sum += strtod(line + 14, NULL);
		fclose(f);
	}
	return sum;
}

static void tell(const char *what, const char *of)
{
	char name[80];

	for (size_t i = 1; i < count; i++) {
		snprintf(name, sizeof(name), "%s, %s", what, contestants[0].name);
		report_ratio(name, report_median(contestants[0].rounds),
			     report_median(contestants[i].rounds),
			     report_times(contestants[0].rounds, contestants[i].rounds),
			     contestants[i].name, of);
	}
}

static void handshakes(unsigned int n)
{
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s: a staple of %ld octets\n", contestants[i].name,
			one_handshake(&contestants[i]));
	for (int round = 0; round < REPORT_ROUNDS; round++)
		for (size_t i = 0; i < count; i++) {
			struct contestant *c = &contestants[i];
			double before = spent_us(c);

			for (unsigned int k = 0; k < n; k++)
				one_handshake(c);
			c->rounds[round] = (spent_us(c) - before) / n;
		}
	tell("TLS 1.3 handshake of a server", unit);
}

static void bulk(unsigned int megabytes)
{
	static char octets[65536];

	for (int round = 0; round < REPORT_ROUNDS; round++)
		for (size_t i = 0; i < count; i++) {
			struct contestant *c = &contestants[i];
			size_t left = (size_t)megabytes << 20, got = 0;
			SSL *ssl = try_open(c);
			double before;

			if (SSL_write(ssl, "go\n", 3) != 3 ||
			    SSL_read_ex(ssl, octets, 1, &got) != 1)
				die(c->name, "the service says nothing");
			before = spent_us(c);
			for (; left > 0; left -= got < left ? got : left)
				if (SSL_read_ex(ssl, octets, sizeof(octets), &got) != 1)
					die(c->name, "the service has an end");
			c->rounds[round] = (spent_us(c) - before) / megabytes;
			end(ssl);
		}
	tell("a megabyte through a server", unit);
}

/* There and back again, to the service. */
static void answers(const struct contestant *c, SSL *ssl)
{
	char text[5];
	size_t at = 0, got;

	if (SSL_write(ssl, "ping\n", 5) != 5)
		die(c->name, "it dropped a connection");
	for (; at < sizeof(text); at += got)
		if (SSL_read_ex(ssl, text + at, sizeof(text) - at, &got) != 1)
			die(c->name, "a connection does not answer");
	if (memcmp(text, "pong\n", sizeof(text)) != 0)
		die(c->name, "a connection answers something else");
}

static void idle(unsigned int n)
{
	SSL **open = calloc(n, sizeof(*open));

	if (!open)
		die("idle", "memory");
	for (size_t i = 0; i < count; i++) {
		struct contestant *c = &contestants[i];
		double before = memory_kb(c), each;

		for (unsigned int k = 0; k < n; k++)
			open[k] = try_open(c);
		usleep(300000); /* the last one's end of the handshake */
		each = (memory_kb(c) - before) / n;
		for (unsigned int k = 0; k < n; k++)
			answers(c, open[k]);
		fprintf(stderr, "%s: %u connections held, %.1f kB each, and all answer\n", c->name,
			n, each);
		for (int round = 0; round < REPORT_ROUNDS; round++)
			c->rounds[round] = each;
		for (unsigned int k = 0; k < n; k++)
			end(open[k]);
	}
	free(open);
	tell("memory of an idle connection", "kB");
	if (count == 1)
		report("memory of one of that many idle connections",
		       report_median(contestants[0].rounds), n, "connections held", "kB");
}

int main(int argc, char **argv)
{
	unsigned int n;

	if (argc < 4)
		die("usage", "handshakes|bulk|idle N CONTESTANT...");
	n = (unsigned int)strtoul(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++)
		parse(argv[i]);
	if (getenv("BENCH_ICOUNT")) {
		scale = 1.0 / 8;
		unit = "ki";
	}
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx || !n)
		die("usage", "a number above 0 is wanted");
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set1_groups_list(ctx, "P-256");
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	if (strcmp(argv[1], "handshakes") == 0)
		handshakes(n);
	else if (strcmp(argv[1], "bulk") == 0)
		bulk(n);
	else
		idle(n);
	return 0;
}
