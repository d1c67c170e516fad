// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rotations of a slot that a capcert-tlsd serves from. Has the handles "s" (the slots, PUT), "a" and "b" (two keys), by
 * capcert exec; in DIR are ca.pem and values 0 to 7: r0.pem and r0.staple ..., of key a where the number is even.
 *
 *	tlsd_rotate traffic DIR PORT ROTATIONS CONNECTIONS
 *		while three kinds of clients connect: every handshake has leaf, key and staple of one value, and one that
 *		was the slot's between its begin and its end; the first one begun after a PUT has that one; connections
 *		that were open before live on. With LIGHT in the environment all clients are OpenSSL's, which costs least.
 *	tlsd_rotate flat DIR PORT ROTATIONS PID
 *		tlsd's memory and the kernel's do not grow. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <capcert/capcert.h>
#include <capcert/slot.h>
#include <capcert/tls.h>

#define VALUES 8
#define OCTETS_MOST 4096
#define LONG_ONES 4
#define NAME "www.example.org"
#define SLOT "web/" NAME

struct octets {
	uint8_t data[OCTETS_MOST];
	size_t len;
};

static struct value {
	struct octets leaf, staple;
} values[VALUES];
static struct octets ca;
static uint16_t port;
static int slots_fd, key_fds[2];
static SSL_CTX *openssl;
static gnutls_certificate_credentials_t cred;
static capcert_tls_context *context;
/* Value i % VALUES is that of PUT i. */
static atomic_uint begun, returned, connections, stop;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

/* ---- what lies in DIR ---- */

static void read_file(const char *dir, const char *name, struct octets *to)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		die("%s: %s", path, strerror(errno));
	to->len = fread(to->data, 1, sizeof(to->data), f);
	fclose(f);
	if (!to->len || to->len == sizeof(to->data))
		die("%s: its length", path);
}

static void read_certificate(const char *dir, const char *name, struct octets *to)
{
	struct octets pem;
	gnutls_datum_t text, der;

	read_file(dir, name, &pem);
	text = (gnutls_datum_t){ pem.data, (unsigned int)pem.len };
	if (gnutls_pem_base64_decode2("CERTIFICATE", &text, &der) < 0 ||
	    der.size > sizeof(to->data))
		die("%s: no certificate", name);
	memcpy(to->data, der.data, der.size);
	to->len = der.size;
	gnutls_free(der.data);
}

static bool same(const struct octets *a, const void *data, size_t len)
{
	return a->len == len && memcmp(a->data, data, len) == 0;
}

/* Which value has this leaf; its staple has to go with it. */
static unsigned int value_of(const char *by, const void *leaf, size_t leaf_len, const void *staple,
			     size_t staple_len)
{
	for (unsigned int i = 0; i < VALUES; i++) {
		if (!same(&values[i].leaf, leaf, leaf_len))
			continue;
		if (!staple || !same(&values[i].staple, staple, staple_len))
			die("%s: leaf %u has %s staple", by, i, staple ? "another's" : "no");
		return i;
	}
	die("%s: an unknown leaf", by);
}

/* ---- three kinds of clients: one handshake, its signature checked; -> the value ---- */

static int dial(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval most = { .tv_sec = 60 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect: %s", strerror(errno));
	return fd;
}

static SSL *open_openssl(unsigned int *ret_value)
{
	SSL *ssl = SSL_new(openssl);
	const uint8_t *staple;
	uint8_t *leaf = NULL;
	int fd = dial(), leaf_len;
	long staple_len;

	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, NAME);
	SSL_set1_host(ssl, NAME);
	SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	if (SSL_connect(ssl) != 1)
		die("openssl: handshake: verification %ld", SSL_get_verify_result(ssl));
	leaf_len = i2d_X509(SSL_get0_peer_certificate(ssl), &leaf);
	staple_len = SSL_get_tlsext_status_ocsp_resp(ssl, &staple);
	*ret_value = value_of("openssl", leaf, (size_t)leaf_len, staple_len > 0 ? staple : NULL,
			      staple_len > 0 ? (size_t)staple_len : 0);
	OPENSSL_free(leaf);
	return ssl;
}

static void close_openssl(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static unsigned int by_openssl(void)
{
	unsigned int value;

	close_openssl(open_openssl(&value));
	return value;
}

static unsigned int by_gnutls(void)
{
	const gnutls_datum_t *certs;
	gnutls_datum_t staple = { NULL, 0 };
	unsigned int count, status = 1, value;
	gnutls_session_t s;
	int fd = dial(), r;

	gnutls_init(&s, GNUTLS_CLIENT);
	gnutls_set_default_priority(s);
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_server_name_set(s, GNUTLS_NAME_DNS, NAME, strlen(NAME));
	gnutls_ocsp_status_request_enable_client(s, NULL, 0, NULL);
	gnutls_transport_set_int(s, fd);
	do {
		r = gnutls_handshake(s);
	} while (r < 0 && !gnutls_error_is_fatal(r));
	if (r < 0 || gnutls_certificate_verify_peers3(s, NAME, &status) < 0 || status)
		die("gnutls: %s, status %x", gnutls_strerror(r), status);
	certs = gnutls_certificate_get_peers(s, &count);
	gnutls_ocsp_status_request_get(s, &staple);
	value = value_of("gnutls", certs[0].data, certs[0].size, staple.data, staple.size);
	gnutls_bye(s, GNUTLS_SHUT_WR);
	gnutls_deinit(s);
	close(fd);
	return value;
}

static unsigned int by_capcert(void)
{
	const uint8_t *staple, *leaf;
	size_t staple_len, leaf_len;
	int fd = dial(), r;
	unsigned int value;
	capcert_tls *tls;

	r = capcert_tls_client(context, fd, NAME, 0, &tls);
	r = r < 0 ? r : capcert_tls_handshake(tls);
	if (r < 0)
		die("capcert: %s", capcert_tls_error_text(tls));
	leaf = capcert_cert_der(capcert_chain_at(capcert_tls_peer_chain(tls), 0), &leaf_len);
	staple = capcert_tls_peer_staple(tls, &staple_len);
	value = value_of("capcert", leaf, leaf_len, staple, staple_len);
	capcert_tls_close(tls);
	capcert_tls_free(tls);
	close(fd);
	return value;
}

static unsigned int (*kinds[])(void) = { by_openssl, by_gnutls, by_capcert };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Between its begin and its end PUTs @from to @to were what the slot could have. */
static void once(size_t kind)
{
	unsigned int from = atomic_load(&returned), value = kinds[kind](), to = atomic_load(&begun);

	atomic_fetch_add(&connections, 1);
	for (unsigned int i = from; i <= to; i++)
		if (i % VALUES == value)
			return;
	die("client %zu has value %u, none of PUTs %u to %u", kind, value, from, to);
}

static void *many(void *kind)
{
	while (!atomic_load(&stop))
		once((size_t)(uintptr_t)kind);
	return NULL;
}

/* ---- the slot ---- */

static struct capcert_blob blob(const struct octets *o)
{
	return (struct capcert_blob){ .ptr = (uintptr_t)o->data,
				      .len = (uint32_t)o->len,
				      .fd = -1 };
}

static void put(unsigned int i)
{
	const struct value *v = &values[i % VALUES];
	const struct capcert_blob chain[] = { blob(&v->leaf), blob(&ca) };
	const struct capcert_slot_contents contents = { .chain = chain,
							.chain_count = 2,
							.staple = v->staple.data,
							.staple_len = v->staple.len,
							.key_fd = key_fds[i % 2] };
	int r;

	atomic_store(&begun, i);
	r = capcert_slot_put(slots_fd, SLOT, &contents, NULL, NULL);
	if (r < 0)
		die("PUT %u: %s", i, capcert_strerror(r));
	atomic_store(&returned, i);
}

static void talk(SSL *ssl, const char *text)
{
	char got[64];
	int len = (int)strlen(text), at = 0;

	if (SSL_write(ssl, text, len) != len)
		die("an open connection does not take anything");
	while (at < len) {
		int n = SSL_read(ssl, got + at, len - at);

		if (n <= 0)
			die("an open connection was dropped");
		at += n;
	}
	if (memcmp(got, text, (size_t)len) != 0)
		die("an open connection says something else");
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void traffic(unsigned int rotations, unsigned int wanted)
{
	pthread_t threads[KINDS];
	SSL *open[LONG_ONES];
	unsigned int value;
	double start, took;

	put(0);
	for (size_t i = 0; i < LONG_ONES; i++)
		open[i] = open_openssl(&value);
	start = seconds();
	for (size_t i = 0; i < KINDS; i++)
		if (pthread_create(&threads[i], NULL, many, (void *)i))
			die("no thread");
	for (unsigned int i = 1; i <= rotations; i++) {
		/* As many connections to one rotation as there are in all. */
		while (atomic_load(&connections) < (uint64_t)wanted * i / rotations)
			once(i % KINDS);
		put(i);
		if (kinds[i % KINDS]() != i % VALUES)
			die("the first handshake after PUT %u has another value", i);
		atomic_fetch_add(&connections, 1);
		talk(open[i % LONG_ONES], "still here");
	}
	took = seconds() - start;
	atomic_store(&stop, 1);
	for (size_t i = 0; i < KINDS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < LONG_ONES; i++) {
		talk(open[i], "at the end");
		close_openssl(open[i]);
	}
	printf("%u rotations, %u handshakes, %.0f a minute, none failed\n", rotations,
	       atomic_load(&connections), atomic_load(&connections) * 60 / took);
}

/* ---- memory ---- */

static long number_in(const char *path, const char *what)
{
	char line[256];
	FILE *f = fopen(path, "re");
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, what, strlen(what)) == 0)
			n = strtol(line + strlen(what), NULL, 10);
	if (f)
		fclose(f);
	if (n < 0)
		die("%s: no %s", path, what);
	return n;
}

static void some(unsigned int *at, unsigned int count)
{
	for (unsigned int end = *at + count; *at < end; ++*at) {
		put(*at);
		if (*at % 50 == 0 && by_openssl() != *at % VALUES)
			die("after PUT %u another value", *at);
	}
	sleep(1); /* what readers had is freed after a grace period */
}

static void flat(unsigned int rotations, const char *pid)
{
	long daemon = 0, kernel = 0, more_daemon = 0, more_kernel = 0;
	unsigned int at = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	for (unsigned int part = 1; part <= 10; part++) {
		some(&at, rotations / 10);
		more_daemon = number_in(path, "VmRSS:") - daemon;
		more_kernel = number_in("/proc/meminfo", "SUnreclaim:") - kernel;
		printf("%5u rotations: tlsd %ld kB, the kernel's slabs %ld kB\n", at,
		       daemon + more_daemon, kernel + more_kernel);
		fflush(stdout);
		if (part == 2) {
			daemon = more_daemon;
			kernel = more_kernel;
		}
	}
	printf("in the last four fifths tlsd %+ld kB, the kernel's slabs %+ld kB\n", more_daemon,
	       more_kernel);
	fflush(stdout);
	/* A value has more than 2 kB; slabs of others come and go. */
	if (more_daemon > 512 + (long)rotations / 2 || more_kernel > 512 + (long)rotations / 2)
		die("memory grows");
}

/* ---- */

static int handle(const char *name)
{
	int fd = capcert_fd(name);

	if (fd < 0)
		die("handle %s: %s", name, capcert_strerror(fd));
	return fd;
}

static void make_clients(const char *dir)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	char path[512];
	const char *error = "";
	capcert_policy *policy;
	capcert_store *store;
	uint32_t added, bad;

	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	openssl = SSL_CTX_new(TLS_client_method());
	SSL_CTX_load_verify_file(openssl, path);
	SSL_CTX_set_verify(openssl, SSL_VERIFY_PEER, NULL);
	gnutls_certificate_allocate_credentials(&cred);
	if (gnutls_certificate_set_x509_trust_file(cred, path, GNUTLS_X509_FMT_PEM) != 1)
		die("%s: no CA", path);
	if (capcert_policy_new("profile=rfc5280", &policy, &error) < 0 ||
	    capcert_store_new(&store) < 0 ||
	    capcert_store_load_pem(store, path, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH, &added,
				   &bad) < 0)
		die("policy or store: %s", error);
	parts.role = CAPCERT_TLS_CLIENT;
	parts.flags = CAPCERT_TLS_NO_TICKETS;
	parts.policy = policy;
	parts.store = store;
	if (capcert_tls_context_new(&parts, &context, &error) < 0)
		die("context: %s", error);
}

int main(int argc, char **argv)
{
	char name[32];

	if (argc != 6)
		die("usage: tlsd_rotate traffic|flat DIR PORT ROTATIONS CONNECTIONS|PID");
	port = (uint16_t)strtoul(argv[3], NULL, 10);
	slots_fd = handle("s");
	key_fds[0] = handle("a");
	key_fds[1] = handle("b");
	for (unsigned int i = 0; i < VALUES; i++) {
		snprintf(name, sizeof(name), "r%u.pem", i);
		read_certificate(argv[2], name, &values[i].leaf);
		snprintf(name, sizeof(name), "r%u.staple", i);
		read_file(argv[2], name, &values[i].staple);
	}
	read_certificate(argv[2], "ca.pem", &ca);
	make_clients(argv[2]);
	for (size_t i = 0; i < KINDS && getenv("LIGHT"); i++)
		kinds[i] = by_openssl;
	if (strcmp(argv[1], "traffic") == 0)
		traffic((unsigned int)strtoul(argv[4], NULL, 10),
			(unsigned int)strtoul(argv[5], NULL, 10));
	else
		flat((unsigned int)strtoul(argv[4], NULL, 10), argv[5]);
	return 0;
}
