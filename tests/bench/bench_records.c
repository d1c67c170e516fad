// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What records cost a server that has them made by the kernel's TLS, beside GnuTLS: CPU time per MiB that is sent, and
 * that is received, over loopback, AES-128-GCM, 16 KiB at a time. The other end is another process, and does not
 * count. For the guest: modprobe tls. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "libcapcert/tls.h"
#include "tests/bench/report.h"
#include "tests/pki.h"

#define MIB (1u << 20)
#define BLOCK 16384
#define ROUND (MIB / 2) /* an emulated guest has no AES instructions */

static capcert_tls_context *servers[2], *client; /* by the kernel, by GnuTLS */
static uint8_t block[BLOCK];

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_records: %s\n", what);
	exit(1);
}

static void make_contexts(void)
{
	struct pki_spec of_leaf = {
		.cn = "localhost", .dns = { "localhost" }, .from = -PKI_DAY, .until = 3650 * PKI_DAY
	};
	struct pki *leaf = pki_make(&of_leaf, NULL);
	struct capcert_tls_value value = { .key_fd = -1 };
	capcert_policy *policy;
	capcert_store *store;
	gnutls_privkey_t key;
	capcert_chain *chain;
	int i;

	check(!capcert_chain_parse(leaf->der.data, leaf->der.size, &chain, NULL), "chain");
	value.chain = chain;
	for (i = 0; i < 2; i++) {
		struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;

		PKI(gnutls_privkey_init(&key));
		PKI(gnutls_privkey_import_x509(key, leaf->key, GNUTLS_PRIVKEY_IMPORT_COPY));
		check(!capcert_tls_slots_new(&parts.slots), "slots");
		check(!capcert_tls_slots_put_gnutls(parts.slots, "localhost", &value, key, NULL),
		      "slot");
		parts.role = CAPCERT_TLS_SERVER;
		parts.flags = i ? 0 : CAPCERT_TLS_KERNEL;
		check(!capcert_tls_context_new(&parts, &servers[i], NULL), "server");
	}
	check(!capcert_policy_new("profile=rfc5280", &policy, NULL), "policy");
	check(!capcert_store_new(&store), "store");
	{
		struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;

		parts.role = CAPCERT_TLS_CLIENT;
		parts.policy = policy;
		parts.store = store;
		/* Whose certificate it is is not what this is about. */
		parts.flags = CAPCERT_TLS_INSECURE_GO_ON;
		check(!capcert_tls_context_new(&parts, &client, NULL), "client");
	}
}

/* The other end: reads or writes octets of TLS until it is told to stop. */
static void be_client(int fd, int receives)
{
	capcert_tls *tls;

	check(!capcert_tls_client(client, fd, "localhost", 0, &tls), "client session");
	check(!capcert_tls_handshake(tls), capcert_tls_error_text(tls));
	check(capcert_tls_write(tls, "?", 1) == 1, "client's first octet");
	while (receives ? read(fd, block, sizeof(block)) > 0
			: capcert_tls_write(tls, block, sizeof(block)) > 0)
		;
	_exit(0);
}

static capcert_tls *new_session(int who, int client_receives, pid_t *ret_pid)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	struct capcert_tls_session s = { .size = sizeof(s) };
	socklen_t len = sizeof(at);
	capcert_tls *tls;
	char octet;

	check(!bind(listener, (struct sockaddr *)&at, len) && !listen(listener, 1) &&
		      !getsockname(listener, (struct sockaddr *)&at, &len),
	      "listen");
	*ret_pid = fork();
	if (!*ret_pid) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		check(!connect(fd, (struct sockaddr *)&at, len), "connect");
		be_client(fd, client_receives);
	}
	fd = accept(listener, NULL, NULL);
	close(listener);
	check(!capcert_tls_server(servers[who], fd, 0, &tls), "session");
	check(!capcert_tls_handshake(tls), capcert_tls_error_text(tls));
	check(capcert_tls_read(tls, &octet, 1) == 1, "first octet");
	check(!capcert_tls_info(tls, &s), "info");
	if (s.kernel != (who == 0)) {
		/* The library goes on without, and says nothing of it: ask the kernel why. */
		if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0)
			perror("TCP_ULP");
		check(0, "records are not whose they should be: modprobe tls?");
	}
	return tls;
}

/* µs of a MiB. */
static double one_round(int who, int client_receives)
{
	size_t n = 0;
	double us;
	pid_t pid;
	capcert_tls *tls = new_session(who, client_receives, &pid);
	int fd = tls->fd;

	us = report_cpu_us();
	while (n < ROUND) {
		ssize_t r = client_receives ? capcert_tls_write(tls, block, sizeof(block))
					    : capcert_tls_read(tls, block, sizeof(block));

		check(r > 0, capcert_tls_error_text(tls));
		n += (size_t)r;
	}
	us = (report_cpu_us() - us) / ((double)n / MIB);
	capcert_tls_free(tls);
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return us;
}

int main(void)
{
	static const char *const names[] = { "TLS records by the kernel, received per MiB",
					     "TLS records by the kernel, sent per MiB" };
	static report_rounds rounds[2][2];
	/* 8 ns of that guest's clock are an instruction. */
	const double scale = getenv("BENCH_ICOUNT") ? 1 / 8.0 : 1;
	const char *unit = getenv("BENCH_ICOUNT") ? "ki" : "us";
	int round, who, way;

	signal(SIGPIPE, SIG_IGN);
	make_contexts();
	for (round = 0; round < REPORT_ROUNDS; round++)
		for (way = 0; way < 2; way++)
			for (who = 0; who < 2; who++)
				rounds[way][who][round] = one_round(who, way);
	for (way = 0; way < 2; way++)
		report_ratio(names[way], report_median(rounds[way][0]) * scale,
			     report_median(rounds[way][1]) * scale,
			     report_times(rounds[way][0], rounds[way][1]), "GnuTLS", unit);
	return 0;
}
