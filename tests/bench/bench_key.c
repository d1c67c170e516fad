// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signatures and handshakes by a key handle, beside the same token in the process and through p11-kit remoting; in a
 * guest, where capcert-keyd keeps the token. Started by tests/bench/keys-in-guest, with handles "k" (the key) and "g"
 * (a key that is for something else by now: keyd looks at its record and refuses, so that is a round trip and no signature).
 *
 *	bench_key fill MODULE PIN N		N more keys into the token
 *	bench_key sign MODULE PIN LABEL CLIENT PROVIDER
 *						signatures; CLIENT: p11-kit's module for a remote token; PROVIDER: ours
 *	bench_key uri MODULE PIN LABEL		beside a GnuTLS that looks the key up for each signature
 *	bench_key tls MODULE PIN LABEL CERT PID	TLS 1.3 handshakes; PID: keyd's */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <p11-kit/pkcs11.h>

#include <capcert/gnutls.h>
#include <capcert/key.h>
#include "tests/bench/report.h"

#define DIGEST 32

static const uint8_t digest[DIGEST] = { 1 };
static int key_fd, ghost_fd;
/* In a guest whose clock counts instructions, 8 ns stand for one of them. */
static double scale = 1;
static const char *unit = "us";

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_key: %s: %s\n", what, why);
	exit(1);
}

static void check(int r, const char *what)
{
	if (r < 0)
		die(what, capcert_strerror(r));
}

static void gcheck(int r, const char *what)
{
	if (r < 0)
		die(what, gnutls_strerror(r));
}

static void pcheck(CK_RV rv, const char *what)
{
	char why[32];

	snprintf(why, sizeof(why), "0x%lx", rv);
	if (rv != CKR_OK)
		die(what, why);
}

/* ---- a token in this process ---- */

struct token {
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
};

/* The first slot with a token, logged in. */
static void token_open(struct token *t, const char *path, const char *pin)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_SLOT_ID slot[8];
	CK_ULONG n = 8;
	CK_C_GetFunctionList get;
	void *library = dlopen(path, RTLD_NOW);

	if (!library)
		die(path, dlerror());
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	if (!get)
		die(path, "no module");
	pcheck(get(&t->f), path);
	pcheck(t->f->C_Initialize(&args), "C_Initialize");
	pcheck(t->f->C_GetSlotList(CK_TRUE, slot, &n), "C_GetSlotList");
	if (!n)
		die(path, "no token");
	pcheck(t->f->C_OpenSession(slot[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
				   &t->session),
	       "C_OpenSession");
	pcheck(t->f->C_Login(t->session, CKU_USER, (unsigned char *)(uintptr_t)pin, strlen(pin)),
	       "C_Login");
}

static void token_find(struct token *t, const char *label)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE what[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, (void *)(uintptr_t)label, strlen(label) },
	};
	CK_ULONG n;

	pcheck(t->f->C_FindObjectsInit(t->session, what, 2), "C_FindObjectsInit");
	pcheck(t->f->C_FindObjects(t->session, &t->key, 1, &n), "C_FindObjects");
	pcheck(t->f->C_FindObjectsFinal(t->session), "C_FindObjectsFinal");
	if (!n)
		die(label, "no such key");
}

static void token_fill(struct token *t, int n)
{
	static const uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	CK_MECHANISM ec = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE;
	char label[16];
	CK_ATTRIBUTE pub[] = {
		{ CKA_EC_PARAMS, (void *)(uintptr_t)p256, sizeof(p256) },
		{ CKA_TOKEN, &yes, sizeof(yes) },
	};
	CK_ATTRIBUTE priv[] = {
		{ CKA_TOKEN, &yes, sizeof(yes) },
		{ CKA_PRIVATE, &yes, sizeof(yes) },
		{ CKA_SIGN, &yes, sizeof(yes) },
		{ CKA_LABEL, label, 0 },
	};
	CK_OBJECT_HANDLE a, b;

	while (n--) {
		priv[3].ulValueLen = (CK_ULONG)snprintf(label, sizeof(label), "more %d", n);
		pcheck(t->f->C_GenerateKeyPair(t->session, &ec, pub, 2, priv, 4, &a, &b),
		       "C_GenerateKeyPair");
	}
}

/* ---- one signature each ---- */

static void sign_token(void *arg)
{
	struct token *t = arg;
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	uint8_t sig[128];
	CK_ULONG n = sizeof(sig);

	pcheck(t->f->C_SignInit(t->session, &ecdsa, t->key), "C_SignInit");
	pcheck(t->f->C_Sign(t->session, (unsigned char *)(uintptr_t)digest, DIGEST, sig, &n),
	       "C_Sign");
}

static int sign_by(int fd)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n = sizeof(sig);

	return capcert_key_sign(fd, CAPCERT_KEY_TLS_SERVER, 0x0403, CAPCERT_SIGN_DIGEST, digest,
				DIGEST, 0, sig, &n);
}

static void sign_handle(void *arg)
{
	check(sign_by(key_fd), "SIGN");
}

static void round_trip(void *arg)
{
	int r = sign_by(ghost_fd);

	if (r != -EACCES)
		die("the key for something else", capcert_strerror(r));
}

static void sign_uri(void *arg)
{
	const gnutls_datum_t hash = { (unsigned char *)(uintptr_t)digest, DIGEST };
	gnutls_datum_t sig;
	gnutls_privkey_t key;

	gcheck(gnutls_privkey_init(&key), "privkey");
	gcheck(gnutls_privkey_import_url(key, arg, 0), arg);
	gcheck(gnutls_privkey_sign_hash(key, GNUTLS_DIG_SHA256, 0, &hash, &sig), "sign");
	gnutls_free(sig.data);
	gnutls_privkey_deinit(key);
}

/* ---- rounds by the clock on the wall: others work for us ---- */

struct contestant {
	void (*run)(void *arg);
	void *arg;
	report_rounds us;
};

static double now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void race(struct contestant *c, size_t count, unsigned int n)
{
	for (int round = -1; round < REPORT_ROUNDS; round++)
		for (size_t i = 0; i < count; i++) {
			double start = now_us(CLOCK_MONOTONIC);

			for (unsigned int k = 0; k < n; k++)
				c[i].run(c[i].arg);
			if (round >= 0)
				c[i].us[round] = (now_us(CLOCK_MONOTONIC) - start) / n;
		}
}

static void row(const char *name, const struct contestant *ours, const struct contestant *peer,
		const char *peer_name)
{
	report_ratio(name, report_median(ours->us) * scale, report_median(peer->us) * scale,
		     report_times(ours->us, peer->us), peer_name, unit);
}

static void bench_sign(const char *module, const char *pin, const char *label, const char *client,
		       const char *provider)
{
	struct token own = { 0 }, remote = { 0 }, handles = { 0 };
	struct contestant c[] = {
		{ sign_handle, NULL, { 0 } },	 { sign_token, &own, { 0 } },
		{ round_trip, NULL, { 0 } },	 { sign_token, &remote, { 0 } },
		{ sign_token, &handles, { 0 } },
	};

	token_open(&own, module, pin);
	token_find(&own, label);
	token_open(&remote, client, pin);
	token_find(&remote, label);
	token_open(&handles, provider, pin);
	token_find(&handles, "k");
	race(c, 5, 40);
	row("sign P-256 by a handle", &c[0], &c[1], "SoftHSM in the process");
	row("sign P-256 by a handle", &c[0], &c[3], "SoftHSM by p11-kit remoting");
	row("sign P-256 by the provider", &c[4], &c[1], "SoftHSM in the process");
	row("sign P-256 by the provider", &c[4], &c[3], "SoftHSM by p11-kit remoting");
	printf("    more than the token alone: %.1f %s; a round trip to keyd and back: %.1f %s\n",
	       report_more(c[0].us, c[1].us) * scale, unit, report_median(c[2].us) * scale, unit);
	own.f->C_Finalize(NULL);
	remote.f->C_Finalize(NULL);
	handles.f->C_Finalize(NULL);
}

static int pin_of(void *user, int attempt, const char *url, const char *label, unsigned int flags,
		  char *pin, size_t max)
{
	snprintf(pin, max, "%s", (const char *)user);
	return attempt ? -1 : 0;
}

static char *gnutls_token(const char *module, const char *pin, const char *label)
{
	char *url;

	gcheck(gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL), "pkcs11");
	gnutls_pkcs11_set_pin_function(pin_of, (void *)(uintptr_t)pin);
	gcheck(gnutls_pkcs11_add_provider(module, NULL), module);
	if (asprintf(&url, "pkcs11:object=%s;type=private", label) < 0)
		die("memory", label);
	return url;
}

static void bench_uri(const char *module, const char *pin, const char *label)
{
	struct contestant c[] = {
		{ sign_handle, NULL, { 0 } },
		{ sign_uri, gnutls_token(module, pin, label), { 0 } },
	};

	race(c, 2, 10);
	row("sign P-256 by a handle", &c[0], &c[1], "GnuTLS, key by URI each time");
}

/* ---- handshakes ---- */

struct server {
	gnutls_certificate_credentials_t cred;
	clockid_t helper; /* whose time counts as well */
	bool helped;
	report_rounds us;
};

static void *client(void *arg)
{
	gnutls_certificate_credentials_t cred;
	gnutls_session_t s;
	int r;

	gcheck(gnutls_certificate_allocate_credentials(&cred), "credentials");
	gcheck(gnutls_init(&s, GNUTLS_CLIENT | GNUTLS_NO_TICKETS), "client");
	gcheck(gnutls_set_default_priority(s), "priority");
	gcheck(gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred), "credentials");
	gnutls_transport_set_int(s, *(int *)arg);
	do {
		r = gnutls_handshake(s);
	} while (r < 0 && !gnutls_error_is_fatal(r));
	gcheck(r, "the client's handshake");
	gnutls_deinit(s);
	gnutls_certificate_free_credentials(cred);
	return NULL;
}

/* Return: CPU time of the server's side, us. */
static double handshake(const struct server *server)
{
	gnutls_session_t s;
	pthread_t thread;
	double start;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) ||
	    pthread_create(&thread, NULL, client, &pair[1]))
		die("client", strerror(errno));
	start = now_us(CLOCK_THREAD_CPUTIME_ID) + (server->helped ? now_us(server->helper) : 0);
	gcheck(gnutls_init(&s, GNUTLS_SERVER | GNUTLS_NO_TICKETS), "server");
	gcheck(gnutls_set_default_priority(s), "priority");
	gcheck(gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, server->cred), "credentials");
	gnutls_transport_set_int(s, pair[0]);
	do {
		r = gnutls_handshake(s);
	} while (r < 0 && !gnutls_error_is_fatal(r));
	gcheck(r, "the server's handshake");
	if (gnutls_protocol_get_version(s) != GNUTLS_TLS1_3)
		die("the handshake", "not TLS 1.3");
	gnutls_deinit(s);
	start = now_us(CLOCK_THREAD_CPUTIME_ID) + (server->helped ? now_us(server->helper) : 0) -
		start;
	pthread_join(thread, NULL);
	close(pair[0]);
	close(pair[1]);
	return start;
}

/* Takes over @key. */
static void server_new(struct server *server, gnutls_privkey_t key, const char *cert)
{
	gnutls_pcert_st *pcert = gnutls_calloc(1, sizeof(*pcert));
	size_t n;
	uint8_t *pem = report_file(cert, &n);
	const gnutls_datum_t data = { pem, (unsigned int)n };

	gcheck(gnutls_certificate_allocate_credentials(&server->cred), "credentials");
	gcheck(gnutls_pcert_import_x509_raw(pcert, &data, GNUTLS_X509_FMT_PEM, 0), cert);
	gcheck(gnutls_certificate_set_key(server->cred, NULL, 0, pcert, 1, key), "key");
	free(pem);
}

static void bench_tls(const char *module, const char *pin, const char *label, const char *cert,
		      pid_t keyd)
{
	struct server server[2] = { { .helped = true }, { .helped = false } };
	char *url = gnutls_token(module, pin, label);
	gnutls_privkey_t key;
	const unsigned int n = 12;

	if (clock_getcpuclockid(keyd, &server[0].helper))
		die("keyd's clock", strerror(errno));
	check(capcert_key_gnutls(key_fd, CAPCERT_KEY_TLS_SERVER, &key), "key");
	server_new(&server[0], key, cert);
	gcheck(gnutls_privkey_init(&key), "privkey");
	gcheck(gnutls_privkey_import_url(key, url, 0), url);
	server_new(&server[1], key, cert);
	for (int round = -1; round < REPORT_ROUNDS; round++)
		for (int i = 0; i < 2; i++) {
			double sum = 0;

			for (unsigned int k = 0; k < n; k++)
				sum += handshake(&server[i]);
			if (round >= 0)
				server[i].us[round] = sum / n;
		}
	report_ratio("TLS 1.3 handshake, server and keyd", report_median(server[0].us) * scale,
		     report_median(server[1].us) * scale, report_times(server[0].us, server[1].us),
		     "GnuTLS + SoftHSM in process", unit);
}

int main(int argc, char **argv)
{
	const char *what = argc > 4 ? argv[1] : "";
	struct token t = { 0 };

	if (!strcmp(what, "fill")) {
		token_open(&t, argv[2], argv[3]);
		token_fill(&t, atoi(argv[4]));
		t.f->C_Finalize(NULL);
		return 0;
	}
	if (getenv("BENCH_ICOUNT")) {
		scale = 1 / 8.0;
		unit = "ki";
	}
	key_fd = capcert_fd("k");
	check(key_fd, "the handle k");
	ghost_fd = capcert_fd("g");
	check(ghost_fd, "the handle g");
	if (!strcmp(what, "sign") && argc == 7)
		bench_sign(argv[2], argv[3], argv[4], argv[5], argv[6]);
	else if (!strcmp(what, "uri") && argc == 5)
		bench_uri(argv[2], argv[3], argv[4]);
	else if (!strcmp(what, "tls") && argc == 7)
		bench_tls(argv[2], argv[3], argv[4], argv[5], (pid_t)atoi(argv[6]));
	else
		die("usage", "see tests/bench/bench_key.c");
	return 0;
}
