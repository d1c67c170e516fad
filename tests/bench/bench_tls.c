// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a full TLS 1.3 handshake (P-256, one intermediate) costs a server, with a key in memory: a session of
 * ours, bare GnuTLS, bare OpenSSL. The client is OpenSSL's each time, over memory, and does not count. */
#include <errno.h>
#include <openssl/ssl.h>
#include <sys/uio.h>
#include "libcapcert/tls.h"
#include "tests/bench/report.h"
#include "tests/pki.h"

#define HANDSHAKES 60

static struct pki *root, *ca, *leaf;
static capcert_tls_context *context, *ticketing;
static gnutls_certificate_credentials_t cred;
static gnutls_priority_t priority;
static SSL_CTX *client_ctx, *server_ctx;

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_tls: %s\n", what);
	exit(1);
}

/* ---- octets between the two ends: what the server reads and writes are the client's BIOs ---- */

static ssize_t take(void *ctx, void *buf, size_t len)
{
	int n = BIO_read(SSL_get_wbio(ctx), buf, (int)len);

	if (n > 0)
		return n;
	errno = EAGAIN;
	return -1;
}

static ssize_t give(void *ctx, const struct iovec *iov, int count)
{
	ssize_t n = 0;
	int i;

	for (i = 0; i < count; i++)
		n += BIO_write(SSL_get_rbio(ctx), iov[i].iov_base, (int)iov[i].iov_len);
	return n;
}

static SSL *new_client(void)
{
	SSL *ssl = SSL_new(client_ctx);

	check(ssl != NULL, "client");
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_tlsext_host_name(ssl, "localhost");
	SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* ---- three servers; each returns the CPU time that it took for itself, in µs ---- */

static double server_us;

static bool ours_step(void *tls)
{
	return capcert_tls_handshake(tls) == 0;
}

static bool gnutls_step(void *session)
{
	return gnutls_handshake(session) == 0;
}

static bool openssl_step(void *ssl)
{
	return SSL_accept(ssl) == 1;
}

static void converse(SSL *client, bool (*step)(void *server), void *server)
{
	bool done = false;
	int turns;
	double start;

	for (turns = 0; turns < 10 && !(done && SSL_is_init_finished(client)); turns++) {
		SSL_do_handshake(client);
		if (done)
			continue;
		start = report_cpu_us();
		done = step(server);
		server_us += report_cpu_us() - start;
	}
	check(done && SSL_is_init_finished(client), "no handshake");
}

static void ours(capcert_tls_context *c)
{
	SSL *client = new_client();
	double start = report_cpu_us();
	capcert_tls *tls;

	check(!tls_new(c, CAPCERT_TLS_SERVER, NULL, CAPCERT_TLS_NONBLOCK, &tls), "session");
	tls->transport = (struct tls_transport){ take, give, client };
	server_us += report_cpu_us() - start;
	converse(client, ours_step, tls);
	start = report_cpu_us();
	capcert_tls_free(tls);
	server_us += report_cpu_us() - start;
	SSL_free(client);
}

static void by_gnutls(void)
{
	SSL *client = new_client();
	double start = report_cpu_us();
	gnutls_session_t s;

	PKI(gnutls_init(&s, GNUTLS_SERVER | GNUTLS_NONBLOCK));
	PKI(gnutls_priority_set(s, priority));
	PKI(gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred));
	gnutls_transport_set_ptr(s, client);
	gnutls_transport_set_pull_function(s, take);
	gnutls_transport_set_vec_push_function(s, give);
	server_us += report_cpu_us() - start;
	converse(client, gnutls_step, s);
	start = report_cpu_us();
	gnutls_deinit(s);
	server_us += report_cpu_us() - start;
	SSL_free(client);
}

static void by_openssl(void)
{
	SSL *client = new_client();
	double start = report_cpu_us();
	SSL *s = SSL_new(server_ctx);

	BIO_up_ref(SSL_get_rbio(client));
	BIO_up_ref(SSL_get_wbio(client));
	SSL_set_bio(s, SSL_get_wbio(client), SSL_get_rbio(client));
	SSL_set_accept_state(s);
	server_us += report_cpu_us() - start;
	converse(client, openssl_step, s);
	start = report_cpu_us();
	SSL_free(s);
	server_us += report_cpu_us() - start;
	SSL_free(client);
}

/* ---- what they have in common ---- */

static capcert_tls_context *make_context(uint32_t flags)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	struct capcert_tls_value value = { .key_fd = -1 };
	struct pki *chain[] = { leaf, ca };
	capcert_tls_context *c;
	gnutls_privkey_t key;
	capcert_chain *list;
	size_t i;

	check(!capcert_chain_new(&list), "chain");
	for (i = 0; i < 2; i++) {
		capcert_cert *cert;

		check(!capcert_cert_new(chain[i]->der.data, chain[i]->der.size, &cert, NULL),
		      "cert");
		check(!capcert_chain_push(list, cert), "chain");
		capcert_cert_free(cert);
	}
	value.chain = list;
	PKI(gnutls_privkey_init(&key));
	PKI(gnutls_privkey_import_x509(key, leaf->key, GNUTLS_PRIVKEY_IMPORT_COPY));
	check(!capcert_tls_slots_new(&parts.slots), "slots");
	check(!capcert_tls_slots_put_gnutls(parts.slots, "localhost", &value, key, NULL), "slot");
	parts.role = CAPCERT_TLS_SERVER;
	parts.flags = flags;
	check(!capcert_tls_context_new(&parts, &c, NULL), "context");
	capcert_chain_free(list);
	return c;
}

static void make_gnutls(void)
{
	gnutls_pcert_st *certs = calloc(2, sizeof(*certs));
	gnutls_privkey_t key;

	PKI(gnutls_pcert_import_x509(&certs[0], leaf->crt, 0));
	PKI(gnutls_pcert_import_x509(&certs[1], ca->crt, 0));
	PKI(gnutls_privkey_init(&key));
	PKI(gnutls_privkey_import_x509(key, leaf->key, GNUTLS_PRIVKEY_IMPORT_COPY));
	PKI(gnutls_certificate_allocate_credentials(&cred));
	PKI(gnutls_certificate_set_key(cred, NULL, 0, certs, 2, key));
	PKI(gnutls_priority_init2(&priority, capcert_tls_ciphers(CAPCERT_TLS_INTERMEDIATE, 0, 0),
				  NULL, 0));
}

static void make_openssl(void)
{
	const unsigned char *p = leaf->der.data, *q = ca->der.data, *k;
	gnutls_datum_t pkcs8;

	PKI(gnutls_x509_privkey_export2_pkcs8(leaf->key, GNUTLS_X509_FMT_DER, NULL,
					      GNUTLS_PKCS_PLAIN, &pkcs8));
	k = pkcs8.data;
	server_ctx = SSL_CTX_new(TLS_server_method());
	client_ctx = SSL_CTX_new(TLS_client_method());
	check(SSL_CTX_use_certificate(server_ctx, d2i_X509(NULL, &p, (long)leaf->der.size)) == 1 &&
		      SSL_CTX_add_extra_chain_cert(server_ctx,
						   d2i_X509(NULL, &q, (long)ca->der.size)) == 1 &&
		      SSL_CTX_use_PrivateKey(server_ctx,
					     d2i_AutoPrivateKey(NULL, &k, (long)pkcs8.size)) == 1,
	      "openssl's server");
	SSL_CTX_set_num_tickets(server_ctx, 0);
	SSL_CTX_set_min_proto_version(client_ctx, TLS1_3_VERSION);
	SSL_CTX_set1_groups_list(client_ctx, "P-256");
	SSL_CTX_set1_groups_list(server_ctx, "P-256");
	gnutls_free(pkcs8.data);
}

static double one_round(int who)
{
	int i;

	server_us = 0;
	for (i = 0; i < HANDSHAKES; i++) {
		if (who == 0)
			ours(context);
		else if (who == 1)
			by_gnutls();
		else if (who == 2)
			by_openssl();
		else
			ours(ticketing);
	}
	return server_us / HANDSHAKES;
}

int main(void)
{
	struct pki_spec of_root = { .cn = "Root", .ca = true }, of_ca = { .cn = "CA", .ca = true };
	struct pki_spec of_leaf = { .cn = "localhost", .dns = { "localhost" } };
	static report_rounds rounds[4];
	int who, round;

	root = pki_make(&of_root, NULL);
	ca = pki_make(&of_ca, root);
	leaf = pki_make(&of_leaf, ca);
	/* Tickets are each library's own affair: none, so that like is held against like. */
	context = make_context(CAPCERT_TLS_NO_TICKETS);
	ticketing = make_context(0);
	make_gnutls();
	make_openssl();
	for (who = 0; who < 4; who++)
		one_round(who);
	for (round = 0; round < REPORT_ROUNDS; round++)
		for (who = 0; who < 4; who++)
			rounds[who][round] = one_round(who);
	report_ratio("TLS 1.3 handshake, server", report_median(rounds[0]),
		     report_median(rounds[1]), report_times(rounds[0], rounds[1]), "GnuTLS", "us");
	report_ratio("TLS 1.3 handshake, server", report_median(rounds[0]),
		     report_median(rounds[2]), report_times(rounds[0], rounds[2]), "OpenSSL", "us");
	report_ratio("TLS 1.3 handshake with tickets, server", report_median(rounds[3]),
		     report_median(rounds[0]), report_times(rounds[3], rounds[0]), "ours without",
		     "us");
	return 0;
}
